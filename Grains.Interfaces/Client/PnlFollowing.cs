using System.Runtime.CompilerServices;
using Pnl.Grains;

namespace Pnl.Client;

/// <summary>Follows tokens and portfolios by <c>await foreach</c>.</summary>
public static class PnlFollowing
{
    /// <summary>
    /// How tokens stand, and how each of them stands after every change, without an end: first the state of each that is newer
    /// than what was seen, then its newest state after each bar and each correction, never an older one. Who reads slowly gets
    /// fewer states (<see cref="PnlUpdate{TPnl}.Skipped"/>). It goes on over the death of silos, and while none can be reached,
    /// and then tells the newest of what changed meanwhile: at most Orleans' response timeout (30 s by default) later, since what was
    /// on its way through a silo that died is waited for as long.
    /// </summary>
    /// <param name="client">Whom to follow by.</param>
    /// <param name="tokens">The tokens' ids.</param>
    /// <param name="seen">The revision of each that was seen last, to resume; null, or none of a token, for how it stands now.</param>
    /// <param name="cancellation">Ends it, by <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">No token is named.</exception>
    /// <exception cref="TokenUnknownException">Nobody registered one of them.</exception>
    /// <exception cref="PnlUnavailableException">The engine does not answer at the begin.</exception>
    public static IAsyncEnumerable<PnlUpdate<TokenPnl>> FollowPnlAsync(
        this IPnlClient client, IEnumerable<string> tokens, IReadOnlyDictionary<string, long>? seen = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        Dictionary<string, long> from = tokens.Distinct().ToDictionary(token => token, token => seen?.GetValueOrDefault(token) ?? 0, StringComparer.Ordinal);
        return from.Count == 0
            ? throw new ArgumentException("no token is named, and nothing would ever come: name one at least", nameof(tokens))
            : FollowAsync(cancel => client.WatchPnlAsync(from, cancel), cancellation);
    }

    /// <summary>
    /// How a portfolio stands, if that is newer than what was seen, and how it stands after each entry and each bar that changes
    /// it, as <see cref="FollowPnlAsync"/> does for tokens.
    /// </summary>
    /// <param name="client">Whom to follow by.</param>
    /// <param name="portfolio">The portfolio's id.</param>
    /// <param name="seen">The revision that was seen last, to resume; 0 for how it stands now.</param>
    /// <param name="cancellation">Ends it, by <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="PortfolioUnknownException">Nobody set it up, or it was deleted.</exception>
    /// <exception cref="PnlUnavailableException">The engine does not answer at the begin.</exception>
    public static IAsyncEnumerable<PnlUpdate<PortfolioReport>> FollowPortfolioPnlAsync(
        this IPnlClient client, string portfolio, long seen = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return FollowAsync(cancel => client.WatchPortfolioPnlAsync(portfolio, seen, cancel), cancellation);
    }

    private static async IAsyncEnumerable<PnlUpdate<TPnl>> FollowAsync<TPnl>(Func<CancellationToken, Task<PnlWatch<TPnl>>> begin, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using PnlWatch<TPnl> watch = await begin(cancellation);
        while (true)
        {
            yield return await watch.NextAsync(cancellation);
        }
    }
}
