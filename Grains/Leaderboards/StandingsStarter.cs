using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pnl.Grains;

/// <summary>Lets the shards gather standings as soon as the silo is there, and again wherever their silo died.</summary>
internal sealed class StandingsStarter(IGrainFactory grains, TimeProvider time, ILogger<StandingsStarter> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        do
        {
            try
            {
                await Task.WhenAll(Enumerable.Range(0, StandingShards.Count).Select(shard => grains.GetGrain<IStandingsGrain>(shard).Warm())).WaitAsync(stoppingToken); // a silo that goes has no answer any more to wait for
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "Shards of standings could not be reached; the next try is in {Seconds} s", Period.TotalSeconds);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
