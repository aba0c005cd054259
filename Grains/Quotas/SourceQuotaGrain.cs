using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Grants permits of one source. A new activation does not know what was granted before: it waits one window.</summary>
[GrainType("source-quota")]
internal sealed class SourceQuotaGrain(CandleSources sources, TimeProvider time) : Grain, ISourceQuotaGrain
{
    private RequestWindow _window = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string name = this.GetPrimaryKeyString();
        SourceLimits limits = sources.Named(name).Limits;
        _window = new(limits.PermitsAWindow, limits.Window);

        // All that a window allows may have been leased a moment ago, and be used until its lease ends.
        _window.Grant(time.GetUtcNow(), limits.PermitsAWindow);
        DelayDeactivation(TimeSpan.FromDays(1)); // or it would wait again
        return Task.CompletedTask;
    }

    public Task<QuotaLease> Lease(int least, int wanted)
    {
        DateTimeOffset now = time.GetUtcNow();
        int granted = _window.Grant(now, wanted, least);
        return Task.FromResult(new QuotaLease(granted, _window.LeaseTime, granted > 0 ? TimeSpan.Zero : _window.UntilNext(now, least), _window.Allowed));
    }

    public Task ReportAnswered(int permits, TimeSpan took, int? used)
    {
        _window.Answered(time.GetUtcNow(), permits, took, used);
        return Task.CompletedTask;
    }

    public Task ReportRefused(TimeSpan retryAfter)
    {
        _window.Refused(time.GetUtcNow(), retryAfter);
        return Task.CompletedTask;
    }
}
