using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Lists tokens: which there are the store says, each says itself how it stands. The store may be ahead of a token that
/// writes, on whichever silo, and what it would tell the token would take back.
/// </summary>
[GrainType("token-directory")]
[StatelessWorker]
internal sealed class TokenDirectoryGrain(ISegmentStore store, TimeProvider time, ILogger<TokenDirectoryGrain> log) : Grain, ITokenDirectoryGrain
{
    private static readonly TimeSpan UntilCountedAgain = TimeSpan.FromSeconds(10);

    private (int Tokens, long At)? _counted;

    public async Task<int> Count()
    {
        // None is counted again: it costs nothing, and it ends with the first that is registered.
        if (_counted is not { Tokens: > 0 } known || time.GetElapsedTime(known.At) >= UntilCountedAgain || await IsEmpty())
        {
            _counted = known = ((await store.StatesAsync(CancellationToken.None)).Count(token => !token.IsDeleted), time.GetTimestamp());
        }

        return known.Tokens;
    }

    private async Task<bool> IsEmpty() => (await store.ListAsync(null, null, 1, CancellationToken.None)).Count == 0;

    public async Task<TokenInfo[]> List(string? search, string? after, int limit)
    {
        List<TokenInfo> tokens = [];
        while (true)
        {
            int wanted = limit - tokens.Count;
            IReadOnlyList<string> ids = await store.ListAsync(search, after, wanted, CancellationToken.None);
            tokens.AddRange((await Task.WhenAll(ids.Select(Info))).OfType<TokenInfo>());
            if (ids.Count < wanted || tokens.Count == limit)
            {
                return [.. tokens];
            }

            after = ids[^1];
        }
    }

    /// <summary>Null if the token is not written yet, or cannot be read: one that cannot must not keep others from being listed.</summary>
    private async Task<TokenInfo?> Info(string token)
    {
        try
        {
            return await GrainFactory.GetGrain<ITokenGrain>(token).Get();
        }
        catch (Exception e) when (e is SegmentCorruptException or LaterReleaseException)
        {
            log.LogError(e, "{Token} is not listed: what is stored of it cannot be read", token);
            return null;
        }
    }
}
