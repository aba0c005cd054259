using Orleans.Concurrency;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Lists tokens from the store.</summary>
[GrainType("token-directory")]
[StatelessWorker]
internal sealed class TokenDirectoryGrain(ISegmentStore store, TimeProvider time) : Grain, ITokenDirectoryGrain
{
    public async Task<TokenInfo[]> List(string? search, string? after, int limit)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<ListedToken> tokens = await store.ListAsync(search, after, limit, CancellationToken.None);
        return [.. tokens.Select(token => TokenInfos.Of(
            token.Token, token.Revision, token.Registration, token.FirstSlot, token.LastSlot, token.Bars, now))];
    }
}
