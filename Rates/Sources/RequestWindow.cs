namespace Pnl.Rates;

/// <summary>
/// Counts the permits of a source so that no window of its length, wherever it begins, sees more than are allowed.
/// A permit is granted for a moment and may be used until its lease ends, so it counts from the grant until a whole window
/// after that end; what a dead silo leased counts as used. A request whose answer was long in coming may have arrived late,
/// and counts from then on. Not safe to use from several threads.
/// </summary>
public sealed class RequestWindow
{
    private readonly TimeSpan _window, _margin, _latest;
    private readonly SortedDictionary<DateTimeOffset, int> _freed = [];
    private int _counted;
    private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;

    /// <summary>Makes an empty window.</summary>
    /// <param name="allowed">Permits a window.</param>
    /// <param name="window">Its length.</param>
    public RequestWindow(int allowed, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(allowed, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        (Allowed, _window) = (allowed, window);

        // Requests do not arrive exactly as far apart as they were sent.
        _margin = TimeSpan.FromMilliseconds(Math.Max(25, window.TotalMilliseconds * 0.02));
        LeaseTime = TimeSpan.FromMilliseconds(Math.Clamp(window.TotalMilliseconds * 0.02, 25, 1000));

        // Of an answer that took longer, most of the time was the source's: to count all of it would leave permits unused.
        _latest = _margin * 5;
    }

    /// <summary>Permits a window.</summary>
    public int Allowed { get; }

    /// <summary>How long a permit may be used.</summary>
    public TimeSpan LeaseTime { get; }

    /// <summary>Grants up to so many permits, and none if there are less than the least or the source refuses.</summary>
    public int Grant(DateTimeOffset now, int wanted, int least = 1)
    {
        Forget(now);
        int granted = now < _closedUntil ? 0 : Math.Min(wanted, Allowed - _counted);
        if (granted < least || granted <= 0)
        {
            return 0; // too few would go unused
        }

        Count(now + LeaseTime + _margin + _window, granted);
        return granted;
    }

    /// <summary>When so many permits may be had at the earliest.</summary>
    public TimeSpan UntilNext(DateTimeOffset now, int least = 1)
    {
        Forget(now);
        DateTimeOffset free = now;
        int counted = _counted;
        foreach ((DateTimeOffset at, int permits) in _freed)
        {
            if (counted + least <= Allowed)
            {
                break;
            }

            (free, counted) = (at, counted - permits);
        }

        TimeSpan wait = (free > _closedUntil ? free : _closedUntil) - now;
        return wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>A request is answered, or has failed.</summary>
    /// <param name="now">When.</param>
    /// <param name="permits">What it cost.</param>
    /// <param name="took">The time since it might go.</param>
    /// <param name="used">
    /// The permits that the source counts as used, if it says so: more than we know of, if others use it too or we were here before.
    /// </param>
    public void Answered(DateTimeOffset now, int permits, TimeSpan took, int? used)
    {
        Forget(now);
        if (took <= _margin)
        {
            if (used > _counted)
            {
                Count(now + LeaseTime + _margin + _window, used.Value - _counted);
            }

            return;
        }

        // What it says is used was so some time ago. It was counted until here at the latest, and counts on from there.
        DateTimeOffset sent = now - took, until = sent + _margin + _window, late = sent + (took < _latest ? took : _latest) + _window;
        if (late > now)
        {
            Count(late, permits);
            if (until > now)
            {
                Count(until, -permits);
            }
        }
    }

    /// <summary>The source refused: no permits for so long.</summary>
    public void Refused(DateTimeOffset now, TimeSpan retryAfter)
    {
        DateTimeOffset until = now + retryAfter;
        _closedUntil = until > _closedUntil ? until : _closedUntil;
    }

    private void Count(DateTimeOffset until, int permits)
    {
        _freed[until] = _freed.GetValueOrDefault(until) + permits;
        _counted += permits;
    }

    private void Forget(DateTimeOffset now)
    {
        while (_freed.Count > 0 && _freed.First() is var oldest && oldest.Key <= now)
        {
            _counted -= oldest.Value;
            _freed.Remove(oldest.Key);
        }
    }
}
