using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Orleans;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Bounds what callers make: how many tokens and portfolios there may be, and how many names one caller may make within an hour.
/// What is there already is never refused. Each gateway counts by itself.
/// </summary>
internal sealed class NewNames(PnlGatewayOptions options, IPnlClient client, IGrainFactory grains, TimeProvider time)
{
    private const int PortfoliosAPage = 1000, MostCallers = 10_000;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), UntilCountedAgain = TimeSpan.FromSeconds(60), UntilTokensCountedAgain = TimeSpan.FromSeconds(10);

    private readonly QuotaOptions _quotas = options.Quotas;
    private readonly ConcurrentDictionary<string, Tally> _callers = new(StringComparer.Ordinal), _portfolios = new(StringComparer.Ordinal);
    private Tally? _tokens;

    /// <summary>Before a token is registered.</summary>
    /// <exception cref="ApiException">It would be a new one, and there are enough.</exception>
    public async Task CheckTokenAsync(HttpContext http, string id, CancellationToken cancellation)
    {
        try
        {
            await client.GetTokenAsync(id, cancellation);
            return;
        }
        catch (TokenUnknownException)
        {
            // A new one.
        }

        Tally? counted = _tokens;
        if (counted is null || counted.Age(time) >= UntilTokensCountedAgain)
        {
            _tokens = counted = new(time.GetTimestamp(), await grains.GetGrain<ITokenDirectoryGrain>(0).Count().WaitAsync(cancellation));
        }

        if (!counted.TryTake(_quotas.Tokens))
        {
            throw Full("tokens.tooMany", $"There are {_quotas.Tokens} tokens, and no more are taken.", "delete tokens that nobody needs, or raise Pnl:Quotas:Tokens");
        }

        Take(http);
    }

    /// <summary>Before a portfolio is set up.</summary>
    /// <exception cref="ApiException">It would be a new one, and its owner has enough.</exception>
    public async Task CheckPortfolioAsync(HttpContext http, IPnlClient own, string id, CancellationToken cancellation)
    {
        try
        {
            await own.GetPortfolioAsync(id, cancellation);
            return;
        }
        catch (PortfolioUnknownException)
        {
            // A new one.
        }

        string owner = http.User.Owner();
        if (!_portfolios.TryGetValue(owner, out Tally? counted) || counted.Age(time) >= UntilCountedAgain)
        {
            Drop(_portfolios);
            counted = _portfolios[owner] = new(time.GetTimestamp(), await CountAsync(own, cancellation));
        }

        if (!counted.TryTake(_quotas.Portfolios))
        {
            throw Full("portfolios.tooMany", $"You have {_quotas.Portfolios} portfolios, and no more are taken.", "delete portfolios that nobody needs, or raise Pnl:Quotas:Portfolios");
        }

        Take(http);
    }

    private void Take(HttpContext http)
    {
        string caller = CallerShares.CallerOf(http);
        if (!_callers.TryGetValue(caller, out Tally? hour) || hour.Age(time) >= Hour)
        {
            Drop(_callers);
            hour = _callers[caller] = new(time.GetTimestamp(), 0);
        }

        if (!hour.TryTake(_quotas.NamesAnHour))
        {
            throw new ApiException(
                StatusCodes.Status429TooManyRequests, "names.tooMany", $"You have made {_quotas.NamesAnHour} tokens and portfolios within an hour, and may make no more in it.", "id", "the same request again after Retry-After")
            {
                RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling((Hour - hour.Age(time)).TotalSeconds)),
            };
        }
    }

    private async Task<int> CountAsync(IPnlClient own, CancellationToken cancellation)
    {
        int count = 0;
        for (string? after = null; count < _quotas.Portfolios;)
        {
            IReadOnlyList<PortfolioListing> page = await own.ListPortfoliosAsync(after, PortfoliosAPage, cancellation);
            count += page.Count;
            if (page.Count < PortfoliosAPage)
            {
                break;
            }

            after = page[^1].Id;
        }

        return count;
    }

    // Whoever comes by ever other addresses fills no memory: what is forgotten begins anew.
    private static void Drop(ConcurrentDictionary<string, Tally> tallies)
    {
        if (tallies.Count >= MostCallers)
        {
            tallies.Clear();
        }
    }

    private static ApiException Full(string code, ProblemText detail, string expected) => new(StatusCodes.Status409Conflict, code, detail, "id", expected);

    private sealed class Tally(long since, int used)
    {
        private int _used = used;

        public TimeSpan Age(TimeProvider time) => time.GetElapsedTime(since);

        public bool TryTake(int most)
        {
            if (Interlocked.Increment(ref _used) <= most)
            {
                return true;
            }

            Interlocked.Decrement(ref _used);
            return false;
        }
    }
}
