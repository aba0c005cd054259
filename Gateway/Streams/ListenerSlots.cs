using Microsoft.AspNetCore.Http;

namespace Pnl.Gateway;

/// <summary>Counts the listeners, so that there are not more at once than may be.</summary>
internal sealed class ListenerSlots
{
    private const int RetrySeconds = 5;
    private readonly PnlGatewayOptions _options;
    private int _taken;

    public ListenerSlots(PnlGatewayOptions options, GatewayMeter meter)
    {
        _options = options;
        meter.Listeners(() => Volatile.Read(ref _taken));
    }

    /// <summary>Takes a slot; disposing of it gives it back.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public IDisposable Take()
    {
        if (Interlocked.Increment(ref _taken) <= _options.StreamListeners)
        {
            return new Slot(this);
        }

        Interlocked.Decrement(ref _taken);
        throw new ApiException(
            StatusCodes.Status503ServiceUnavailable, "stream.full", $"{_options.StreamListeners} listen already, which is as many as may at once (Pnl:StreamListeners).", null, "the same request again after Retry-After")
        { RetryAfterSeconds = RetrySeconds };
    }

    private sealed class Slot(ListenerSlots slots) : IDisposable
    {
        private int _isGiven;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGiven, 1) == 0)
            {
                Interlocked.Decrement(ref slots._taken);
            }
        }
    }
}
