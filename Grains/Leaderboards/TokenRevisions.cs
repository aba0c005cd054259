using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// What the store lists of all tokens, by shard. Shards that ask at about the same time share one reading: always one that
/// began after they asked, so that it holds whatever was durable then.
/// </summary>
internal sealed class TokenRevisions(ISegmentStore store)
{
    private const int TokensAPage = 1000;

    private readonly Lock _lock = new();
    private Task<ILookup<int, ListedRevision>>? _reading, _next;

    /// <summary>The tokens of a shard, the newest bar first.</summary>
    public async Task<IEnumerable<ListedRevision>> OfShardAsync(int shard)
    {
        Task<ILookup<int, ListedRevision>> reading;
        lock (_lock)
        {
            if (_reading is null)
            {
                _reading = reading = Task.Run(ReadAsync);
            }
            else
            {
                reading = _next ??= ReadAfterAsync(_reading);
            }
        }

        return (await reading)[shard].OrderByDescending(token => token.LastSlot);
    }

    private async Task<ILookup<int, ListedRevision>> ReadAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task<ILookup<int, ListedRevision>> reading;
        lock (_lock)
        {
            (_reading, _next) = (Task.Run(ReadAsync), null);
            reading = _reading;
        }

        return await reading;
    }

    private async Task<ILookup<int, ListedRevision>> ReadAsync()
    {
        try
        {
            List<ListedRevision> all = [];
            while (true)
            {
                IReadOnlyList<ListedToken> page = await store.ListAsync(null, all.Count == 0 ? null : all[^1].Token, TokensAPage, CancellationToken.None);
                all.AddRange(page.Select(token => new ListedRevision(token.Token, token.Revision, token.LastSlot)));
                if (page.Count < TokensAPage)
                {
                    return all.ToLookup(token => StandingShards.Of(token.Token));
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _reading = null;
            }
        }
    }
}

/// <summary>A token as the store lists it.</summary>
internal readonly record struct ListedRevision(string Token, long Revision, int? LastSlot);
