using Microsoft.AspNetCore.Http;

namespace Pnl.Gateway;

/// <summary>Counts the listeners, so that there are not more at once than may be, and not more of one caller than his share.</summary>
internal sealed class ListenerSlots
{
    private const int RetrySeconds = 5;
    private readonly PnlGatewayOptions _options;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _callers = new(StringComparer.Ordinal);
    private int _taken;

    public ListenerSlots(PnlGatewayOptions options, GatewayMeter meter)
    {
        _options = options;
        meter.Listeners(() => Volatile.Read(ref _taken));
    }

    /// <summary>Takes a slot; disposing of it gives it back.</summary>
    /// <param name="caller">Who listens.</param>
    /// <exception cref="ApiException">There is none, or none for him.</exception>
    public IDisposable Take(string caller)
    {
        int share = _options.Access.IsOpen ? _options.StreamListeners : _options.Access.ShareOf(_options.StreamListeners);
        lock (_lock)
        {
            int his = _callers.GetValueOrDefault(caller);
            if (_taken < _options.StreamListeners && his < share)
            {
                _callers[caller] = his + 1;
                _taken++;
                return new Slot(this, caller);
            }

            if (_taken < _options.StreamListeners)
            {
                throw new ApiException(
                    StatusCodes.Status429TooManyRequests, "stream.tooMany", $"You listen {his} times already, which is as often as one caller may at once (Pnl:Access:SharePercent of Pnl:StreamListeners).", null, "fewer streams, each of more tokens")
                { RetryAfterSeconds = RetrySeconds };
            }
        }

        throw new ApiException(
            StatusCodes.Status503ServiceUnavailable, "stream.full", $"{_options.StreamListeners} listen already, which is as many as may at once (Pnl:StreamListeners).", null, "the same request again after Retry-After")
        { RetryAfterSeconds = RetrySeconds };
    }

    private void Give(string caller)
    {
        lock (_lock)
        {
            _taken--;
            if (--_callers[caller] == 0)
            {
                _callers.Remove(caller);
            }
        }
    }

    private sealed class Slot(ListenerSlots slots, string caller) : IDisposable
    {
        private int _isGiven;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGiven, 1) == 0)
            {
                slots.Give(caller);
            }
        }
    }
}
