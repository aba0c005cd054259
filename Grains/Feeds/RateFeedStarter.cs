using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pnl.Grains;

/// <summary>Keeps the feed running: starts it with the silo, and again wherever its silo died.</summary>
internal sealed class RateFeedStarter(IGrainFactory grains, RateFeedOptions options, TimeProvider time, ILogger<RateFeedStarter> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Source is not { } source)
        {
            return;
        }

        using PeriodicTimer timer = new(Period, time);
        do
        {
            try
            {
                await grains.GetGrain<IRateFeedGrain>(source).Start().WaitAsync(stoppingToken); // a silo that goes has no answer any more to wait for
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "The feed {Source} did not start; the next try is in {Seconds} s", source, Period.TotalSeconds);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
