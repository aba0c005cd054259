using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Limits how many tokens are loaded at once for the feed. After the death of a silo the feed reaches thousands of tokens that have to be
/// loaded, and a caller who asks for one of them would wait for all of these at the store. Loads for callers are not limited.
/// </summary>
internal sealed class FeedLoadLimiter : IDisposable
{
    private const string FromFeed = "pnl.by-feed";
    private const int MaxAtOnce = 16;

    private readonly SemaphoreSlim _free = new(MaxAtOnce);

    /// <summary>Marks the calls that follow as made by the feed, in Orleans' request context.</summary>
    public static void MarkCalls() => RequestContext.Set(FromFeed, true);

    /// <summary>Loads, after waiting for a free place if the call comes from the feed.</summary>
    public async ValueTask<T> LoadAsync<T>(Func<CancellationToken, ValueTask<T>> load, CancellationToken cancellation)
    {
        if (RequestContext.Get(FromFeed) is null)
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
