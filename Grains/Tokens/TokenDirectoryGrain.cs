using Orleans.Concurrency;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Lists tokens from the store; those that are writing answer for themselves.</summary>
[GrainType("token-directory")]
[StatelessWorker]
internal sealed class TokenDirectoryGrain(ISegmentStore store, WritesUnderWay writes, TimeProvider time) : Grain, ITokenDirectoryGrain
{
    public async Task<TokenInfo[]> List(string? search, string? after, int limit)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<ListedToken> tokens = await store.ListAsync(search, after, limit, CancellationToken.None);
        return await Task.WhenAll(tokens.Select(async token =>
            (writes.Has(token.Token) ? await GrainFactory.GetGrain<ITokenGrain>(token.Token).Get() : null)
            ?? TokenInfos.Of(token.Token, token.Revision, token.Registration, token.FirstSlot, token.LastSlot, token.Bars, now)));
    }
}
