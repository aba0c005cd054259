using System.Collections.Concurrent;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

/// <summary>A quota that lets all go except after a refusal, and writes down what it is told.</summary>
internal sealed class RecordingQuota(TimeProvider time) : IRequestQuota, IDisposable
{
    private readonly LocalQuota _quota = new(
        new Dictionary<string, SourceLimits> { ["binance"] = new(1000, int.MaxValue, TimeSpan.FromMinutes(1)) }, time);

    public ConcurrentQueue<(DateTimeOffset At, string Source, int Permits)> Permits { get; } = [];

    public ConcurrentQueue<int> Used { get; } = [];

    public ConcurrentQueue<TimeSpan> Refusals { get; } = [];

    public async ValueTask AcquireAsync(string source, int permits, CancellationToken cancellation)
    {
        await _quota.AcquireAsync(source, permits, cancellation);
        Permits.Enqueue((time.GetUtcNow(), source, permits));
    }

    public void ReportAnswered(string source, int permits, TimeSpan took, int? used)
    {
        if (used is { } permitsUsed)
        {
            Used.Enqueue(permitsUsed);
        }
    }

    public void ReportRefused(string source, TimeSpan retryAfter)
    {
        Refusals.Enqueue(retryAfter);
        _quota.ReportRefused(source, retryAfter);
    }

    public void Dispose() => _quota.Dispose();
}
