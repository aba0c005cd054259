using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pnl.Grains;

/// <summary>Lets backfills go on that a dead silo or a restart left behind, and begins those that are due.</summary>
internal sealed class BackfillContinuer(IGrainFactory grains, ReconcileOptions reconcile, TimeProvider time, ILogger<BackfillContinuer> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        do
        {
            await Ask("go on", grains.GetGrain<IBackfillsGrain>(0).ContinueAll, stoppingToken);
            if (reconcile.Source is { } source)
            {
                await Ask("compare the days that are due", grains.GetGrain<IReconciliationGrain>(source).Check, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Ask(string what, Func<Task> ask, CancellationToken stoppingToken)
    {
        try
        {
            await ask().WaitAsync(stoppingToken); // a silo that goes has no answer any more to wait for
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            log.LogWarning(e, "Backfills could not be asked to {What}; the next try is in {Seconds} s", what, Period.TotalSeconds);
        }
    }
}
