using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Loads tokens for the feed some at a time. When a silo has died the feed reaches thousands of tokens that have to be loaded
/// anew, at once, and whoever asks for one of them would stand behind all of these at the store. What somebody asks for is
/// loaded without waiting here.
/// </summary>
internal sealed class FeedLoads : IDisposable
{
    private const string ByFeed = "pnl.by-feed";
    private const int AtOnce = 16;

    private readonly SemaphoreSlim _free = new(AtOnce);

    /// <summary>Says of the calls that follow that the feed makes them.</summary>
    public static void Mark() => RequestContext.Set(ByFeed, true);

    /// <summary>Loads something.</summary>
    public async ValueTask<T> LoadAsync<T>(Func<CancellationToken, ValueTask<T>> load, CancellationToken cancellation)
    {
        if (RequestContext.Get(ByFeed) is null)
        {
            return await load(cancellation);
        }

        await _free.WaitAsync(cancellation);
        try
        {
            return await load(cancellation);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
