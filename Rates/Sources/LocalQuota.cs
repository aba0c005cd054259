namespace Pnl.Rates;

/// <summary>
/// The quota of one process. In no window of time, wherever it begins, do more permits go than a source allows: what went
/// is remembered until it is a window old, and a twentieth more, because a request reaches the source some time after it may
/// go, and not always the same. Requests go in the order in which they asked.
/// </summary>
public sealed class LocalQuota : IRequestQuota, IDisposable
{
    private readonly Dictionary<string, Budget> _budgets;

    /// <summary>Makes the quota.</summary>
    /// <param name="limits">What each source allows, by its name.</param>
    /// <param name="time">The time.</param>
    public LocalQuota(IReadOnlyDictionary<string, SourceLimits> limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(time);
        _budgets = limits.ToDictionary(l => l.Key, l => new Budget(l.Value, time), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(string source, int permits, CancellationToken cancellation) =>
        _budgets.TryGetValue(source, out Budget? budget) ? budget.AcquireAsync(permits, cancellation) : default;

    /// <inheritdoc/>
    public void ReportUsed(string source, int permits)
    {
        if (_budgets.TryGetValue(source, out Budget? budget))
        {
            budget.ReportUsed(permits);
        }
    }

    /// <inheritdoc/>
    public void ReportRefused(string source, TimeSpan retryAfter)
    {
        if (_budgets.TryGetValue(source, out Budget? budget))
        {
            budget.ReportRefused(retryAfter);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Budget budget in _budgets.Values)
        {
            budget.Dispose();
        }
    }

    private sealed class Budget(SourceLimits limits, TimeProvider time) : IDisposable
    {
        private readonly TimeSpan _remembered = limits.Window * 1.05;
        private readonly SemaphoreSlim _turn = new(1, 1);
        private readonly Queue<(DateTimeOffset At, int Permits)> _gone = [];
        private DateTimeOffset _notBefore;
        private int _used;

        public async ValueTask AcquireAsync(int permits, CancellationToken cancellation)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(permits);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(permits, limits.PermitsAWindow);
            await _turn.WaitAsync(cancellation);
            try
            {
                while (Wait(permits) is { } wait)
                {
                    await Task.Delay(wait, time, cancellation);
                }
            }
            finally
            {
                _turn.Release();
            }
        }

        public void ReportUsed(int permits)
        {
            lock (_gone)
            {
                DateTimeOffset now = time.GetUtcNow();
                Forget(now);
                if (permits > _used)
                {
                    // Somebody else uses the same budget, or a process before this one did.
                    Remember(now, permits - _used);
                }
            }
        }

        public void ReportRefused(TimeSpan retryAfter)
        {
            lock (_gone)
            {
                DateTimeOffset until = time.GetUtcNow() + retryAfter;
                _notBefore = until > _notBefore ? until : _notBefore;
            }
        }

        public void Dispose() => _turn.Dispose();

        /// <summary>Takes permits, or tells how long they are to be waited for.</summary>
        private TimeSpan? Wait(int permits)
        {
            lock (_gone)
            {
                DateTimeOffset now = time.GetUtcNow();
                if (now < _notBefore)
                {
                    return AtLeastATick(_notBefore - now);
                }

                Forget(now);
                if (_used + permits > limits.PermitsAWindow && _gone.TryPeek(out (DateTimeOffset At, int Permits) oldest))
                {
                    return AtLeastATick(oldest.At + _remembered - now);
                }

                Remember(now, permits);
                return null;
            }
        }

        private void Forget(DateTimeOffset now)
        {
            while (_gone.TryPeek(out (DateTimeOffset At, int Permits) oldest) && oldest.At + _remembered <= now)
            {
                _used -= oldest.Permits;
                _gone.Dequeue();
            }
        }

        private void Remember(DateTimeOffset now, int permits)
        {
            _gone.Enqueue((now, permits));
            _used += permits;
        }

        /// <summary>Timers count whole milliseconds; less than one would be none, and the wait a loop.</summary>
        private static TimeSpan AtLeastATick(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(wait.TotalMilliseconds)));
    }
}
