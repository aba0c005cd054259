namespace Pnl.Rates;

/// <summary>The quota of one process: a <see cref="RequestWindow"/> a source. Requests go in the order in which they asked.</summary>
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
        _budgets = limits.ToDictionary(l => l.Key, l => new Budget(new(l.Value.PermitsAWindow, l.Value.Window), time), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(string source, int permits, CancellationToken cancellation) =>
        _budgets.TryGetValue(source, out Budget? budget) ? budget.AcquireAsync(permits, cancellation) : default;

    /// <inheritdoc/>
    public void ReportAnswered(string source, int permits, TimeSpan took, int? used) =>
        _budgets.GetValueOrDefault(source)?.Tell((window, now) => window.Answered(now, permits, took, used));

    /// <inheritdoc/>
    public void ReportRefused(string source, TimeSpan retryAfter) =>
        _budgets.GetValueOrDefault(source)?.Tell((window, now) => window.Refused(now, retryAfter));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Budget budget in _budgets.Values)
        {
            budget.Dispose();
        }
    }

    private sealed class Budget(RequestWindow window, TimeProvider time) : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1, 1);

        public async ValueTask AcquireAsync(int permits, CancellationToken cancellation)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(permits);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(permits, window.Allowed);
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

        public void Tell(Action<RequestWindow, DateTimeOffset> what)
        {
            lock (window)
            {
                what(window, time.GetUtcNow());
            }
        }

        public void Dispose() => _turn.Dispose();

        /// <summary>Takes permits, or tells how long they are to be waited for.</summary>
        private TimeSpan? Wait(int permits)
        {
            lock (window)
            {
                DateTimeOffset now = time.GetUtcNow();
                return window.Grant(now, permits, permits) > 0 ? null : window.UntilNext(now, permits);
            }
        }
    }
}
