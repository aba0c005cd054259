using System.Threading.Channels;
using Pnl.Grains;

namespace Pnl.Client;

/// <summary>
/// Follows tokens: of each the newest state that has not been read, and never an older one. Whoever reads slowly gets fewer
/// states, not more memory. To be read by one reader, and disposed of.
/// </summary>
public sealed class PnlWatch : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _newest; // by token: the revision last read or waiting
    private readonly Dictionary<string, PnlUpdate> _waiting = new(StringComparer.Ordinal);
    private readonly Channel<string> _order = Channel.CreateUnbounded<string>(new() { SingleReader = true });
    private readonly Action<PnlWatch> _leave;

    internal PnlWatch(IReadOnlyDictionary<string, long> seen, Action<PnlWatch> leave)
    {
        _newest = new(seen, StringComparer.Ordinal);
        Tokens = [.. seen.Keys];
        _leave = leave;
    }

    internal IReadOnlyList<string> Tokens { get; }

    /// <summary>Waits for the next state of any of the tokens; the token that has waited longest comes first.</summary>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public async ValueTask<PnlUpdate> NextAsync(CancellationToken cancellation)
    {
        string token = await _order.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            _waiting.Remove(token, out PnlUpdate? update);
            return update!;
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => _leave(this);

    /// <summary>Takes the state at the begin. A reader that has seen a later one has seen a store that is no more.</summary>
    internal void Begin(TokenPnl pnl)
    {
        lock (_lock)
        {
            if (!_waiting.ContainsKey(pnl.Token) && _newest[pnl.Token] > pnl.Revision)
            {
                _newest[pnl.Token] = 0;
            }
        }

        Offer(pnl);
    }

    internal void Offer(TokenPnl pnl)
    {
        lock (_lock)
        {
            if (pnl.Revision <= _newest[pnl.Token])
            {
                return;
            }

            _newest[pnl.Token] = pnl.Revision;
            bool waits = _waiting.TryGetValue(pnl.Token, out PnlUpdate? older);
            _waiting[pnl.Token] = new(pnl, waits ? older!.Skipped + 1 : 0);
            if (!waits)
            {
                _order.Writer.TryWrite(pnl.Token);
            }
        }
    }
}
