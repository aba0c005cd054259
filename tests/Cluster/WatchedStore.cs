using System.Collections.Concurrent;
using Pnl.Rates;

namespace Pnl.Tests.Cluster;

/// <summary>A real store through which a test sees what the grains do to it, and can hold or break a step of a token.</summary>
public sealed class WatchedStore(ISegmentStore inner) : ISegmentStore
{
    private readonly ConcurrentDictionary<string, WatchedToken> _tokens = new();

    /// <summary>The store without the watch: another connection behind the grains' backs.</summary>
    public ISegmentStore Inner => inner;

    public WatchedToken Watch(string token) => _tokens.GetOrAdd(token, _ => new WatchedToken());

    public async ValueTask<StoredToken?> LoadAsync(string token, CancellationToken cancellation)
    {
        await Watch(token).Loading();
        return await inner.LoadAsync(token, cancellation);
    }

    public async ValueTask<Segment> ReadMonthAsync(StoredKey key, int month, CancellationToken cancellation)
    {
        Segment segment = await inner.ReadMonthAsync(key, month, cancellation);
        await Watch(key.Token).MonthRead(month, cancellation);
        return segment;
    }

    public async Task<StoredKey> WriteAsync(TokenWrite write)
    {
        WatchedToken watch = Watch(write.Token);
        await watch.BeforeWrite(write);
        StoredKey key = await inner.WriteAsync(write);
        await watch.AfterWrite(write);
        watch.Written(write);
        return key;
    }

    public async Task WriteDeadLetterAsync(DeadLetter letter)
    {
        await inner.WriteDeadLetterAsync(letter);
        Watch(letter.Token).PutAside(letter);
    }

    public ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(string? after, int limit, CancellationToken cancellation) =>
        inner.DeadLettersAsync(after, limit, cancellation);

    public ValueTask<DeadLetter?> DeadLetterAsync(string id, CancellationToken cancellation) => inner.DeadLetterAsync(id, cancellation);

    public Task RemoveDeadLetterAsync(string id) => inner.RemoveDeadLetterAsync(id);

    public int GroupOf(string token) => inner.GroupOf(token);

    public ValueTask<IReadOnlyList<TokenState>> StatesAsync(CancellationToken cancellation) => inner.StatesAsync(cancellation);

    public Task RenewAsync(IProgress<StoreRenewal>? progress, CancellationToken cancellation) => inner.RenewAsync(progress, cancellation);

    public ValueTask<IReadOnlyList<string>> ListAsync(string? search, string? after, int limit, CancellationToken cancellation) =>
        inner.ListAsync(search, after, limit, cancellation);
}
