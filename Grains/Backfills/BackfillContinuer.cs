using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pnl.Grains;

/// <summary>Lets backfills go on that a dead silo or a restart left behind.</summary>
internal sealed class BackfillContinuer(IGrainFactory grains, TimeProvider time, ILogger<BackfillContinuer> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        do
        {
            try
            {
                await grains.GetGrain<IBackfillsGrain>(0).ContinueAll();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "Backfills could not be asked to go on; the next try is in {Seconds} s", Period.TotalSeconds);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
