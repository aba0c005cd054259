namespace Pnl.Rates;

/// <summary>
/// Counts the permits of a source so that no window of its length, wherever it begins, sees more than are allowed.
/// A permit is granted for a moment and may be used until its lease ends, so it counts from the grant until a whole window
/// after that end; what a dead silo leased counts as used. Not safe to use from several threads.
/// </summary>
public sealed class RequestWindow
{
    private readonly int _allowed;
    private readonly TimeSpan _window;
    private readonly Queue<(DateTimeOffset Until, int Permits)> _granted = [];
    private int _counted;
    private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;

    /// <summary>Makes an empty window.</summary>
    /// <param name="allowed">Permits a window.</param>
    /// <param name="window">Its length.</param>
    public RequestWindow(int allowed, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(allowed, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        (_allowed, _window) = (allowed, window);

        // Requests do not arrive exactly as far apart as they were sent.
        TimeSpan margin = TimeSpan.FromMilliseconds(Math.Max(25, window.TotalMilliseconds * 0.02));
        LeaseTime = TimeSpan.FromMilliseconds(Math.Clamp(window.TotalMilliseconds * 0.02, 25, 1000));
        _window += margin;
    }

    /// <summary>How long a permit may be used.</summary>
    public TimeSpan LeaseTime { get; }

    /// <summary>Grants up to so many permits; none while the source refuses.</summary>
    public int Grant(DateTimeOffset now, int wanted)
    {
        Forget(now);
        int granted = now < _closedUntil ? 0 : Math.Min(wanted, _allowed - _counted);
        if (granted > 0)
        {
            Count(now, granted);
        }

        return Math.Max(granted, 0);
    }

    /// <summary>When a permit may be had at the earliest.</summary>
    public TimeSpan UntilNext(DateTimeOffset now)
    {
        Forget(now);
        DateTimeOffset free = _counted < _allowed || _granted.Count == 0 ? now : _granted.Peek().Until;
        TimeSpan wait = (free > _closedUntil ? free : _closedUntil) - now;
        return wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>The source counts so many permits as used: others use it too, or we were here before.</summary>
    public void Used(DateTimeOffset now, int permits)
    {
        Forget(now);
        if (permits > _counted)
        {
            Count(now, permits - _counted);
        }
    }

    /// <summary>The source refused: no permits for so long.</summary>
    public void Refused(DateTimeOffset now, TimeSpan retryAfter)
    {
        DateTimeOffset until = now + retryAfter;
        _closedUntil = until > _closedUntil ? until : _closedUntil;
    }

    private void Count(DateTimeOffset now, int permits)
    {
        _granted.Enqueue((now + LeaseTime + _window, permits));
        _counted += permits;
    }

    private void Forget(DateTimeOffset now)
    {
        while (_granted.TryPeek(out (DateTimeOffset Until, int Permits) oldest) && oldest.Until <= now)
        {
            _counted -= _granted.Dequeue().Permits;
        }
    }
}
