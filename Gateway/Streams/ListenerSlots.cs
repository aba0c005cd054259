using Microsoft.AspNetCore.Http;

namespace Pnl.Gateway;

/// <summary>Counts the listeners, so that there are not more at once than may be.</summary>
internal sealed class ListenerSlots(PnlGatewayOptions options)
{
    private const int RetrySeconds = 5;
    private int _taken;

    /// <summary>Takes a slot; disposing of it gives it back.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public IDisposable Take()
    {
        if (Interlocked.Increment(ref _taken) <= options.StreamListeners)
        {
            return new Slot(this);
        }

        Interlocked.Decrement(ref _taken);
        throw new ApiException(
            StatusCodes.Status503ServiceUnavailable, "stream.full", $"{options.StreamListeners} listen already, which is as many as may at once (Pnl:StreamListeners).", null, "the same request again after Retry-After")
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
