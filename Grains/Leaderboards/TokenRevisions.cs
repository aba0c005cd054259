using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// What the store lists of all tokens, by shard. Shards that ask at about the same time share one reading: always one that
/// began after they asked, so that it holds whatever was durable then.
/// </summary>
internal sealed class TokenRevisions(ISegmentStore store)
{
    private readonly Lock _lock = new();
    private Task<ILookup<int, TokenState>>? _reading, _next;

    /// <summary>The tokens of a shard, the newest bar first.</summary>
    public async Task<IEnumerable<TokenState>> OfShardAsync(int shard)
    {
        Task<ILookup<int, TokenState>> reading;
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

    private async Task<ILookup<int, TokenState>> ReadAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task<ILookup<int, TokenState>> reading;
        lock (_lock)
        {
            (_reading, _next) = (Task.Run(ReadAsync), null);
            reading = _reading;
        }

        return await reading;
    }

    private async Task<ILookup<int, TokenState>> ReadAsync()
    {
        try
        {
            return (await store.StatesAsync(CancellationToken.None)).ToLookup(token => StandingShards.Of(token.Token));
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
