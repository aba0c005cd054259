using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace Pnl.Client;

/// <summary>
/// Follows tokens or portfolios: of each the newest state that has not been read, and never an older one. Whoever reads
/// slowly gets fewer states, not more memory. To be read by one reader, and disposed of.
/// </summary>
/// <typeparam name="TPnl">What tells a state.</typeparam>
public sealed class PnlWatch<TPnl> : IAsyncEnumerable<PnlUpdate<TPnl>>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _newest; // by id: the revision last read or waiting
    private readonly Dictionary<string, PnlUpdate<TPnl>> _waiting = new(StringComparer.Ordinal);
    private readonly Channel<string> _order = Channel.CreateUnbounded<string>(new() { SingleReader = true });
    private readonly Action<PnlWatch<TPnl>> _leave;

    internal PnlWatch(IReadOnlyDictionary<string, long> seen, Action<PnlWatch<TPnl>> leave)
    {
        _newest = new(seen, StringComparer.Ordinal);
        Ids = [.. seen.Keys];
        _leave = leave;
    }

    internal IReadOnlyList<string> Ids { get; }

    /// <summary>Waits for the next state of any that is followed; the one that has waited longest comes first.</summary>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    /// <exception cref="PortfolioUnknownException">The portfolio was deleted.</exception>
    public async ValueTask<PnlUpdate<TPnl>> NextAsync(CancellationToken cancellation)
    {
        string id;
        try
        {
            id = await _order.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException e) when (e.InnerException is PortfolioUnknownException { Portfolio: { } portfolio })
        {
            throw new PortfolioUnknownException(portfolio);
        }
        catch (ChannelClosedException e) when (e.InnerException is { } reason)
        {
            ExceptionDispatchInfo.Throw(reason);
            throw;
        }

        lock (_lock)
        {
            _waiting.Remove(id, out PnlUpdate<TPnl>? update);
            return update!;
        }
    }

    /// <summary>The states as they come, without an end.</summary>
    public async IAsyncEnumerator<PnlUpdate<TPnl>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            yield return await NextAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => _leave(this);

    /// <summary>Takes the state at the begin. A reader that has seen a later one has seen a store that is no more.</summary>
    internal void Begin(string id, long revision, TPnl pnl, bool isDeleted = false)
    {
        lock (_lock)
        {
            if (!_waiting.ContainsKey(id) && _newest[id] > revision)
            {
                _newest[id] = 0;
            }
        }

        Offer(id, revision, pnl, isDeleted);
    }

    internal void Offer(string id, long revision, TPnl pnl, bool isDeleted = false)
    {
        lock (_lock)
        {
            if (revision <= _newest[id])
            {
                return;
            }

            _newest[id] = revision;
            bool waits = _waiting.TryGetValue(id, out PnlUpdate<TPnl>? older);
            _waiting[id] = new(id, revision, pnl, waits ? older!.Skipped + 1 : 0) { IsDeleted = isDeleted };
            if (!waits)
            {
                _order.Writer.TryWrite(id);
            }
        }
    }

    /// <summary>Tells the reader, behind what waits, that nothing more will come.</summary>
    internal void End(Exception reason) => _order.Writer.TryComplete(reason);
}
