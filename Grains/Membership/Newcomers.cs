using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Pnl.Grains;

/// <summary>
/// Hands tokens of this silo over to silos that have joined of late. A token that ticks never goes by itself, so that they
/// would get only what is activated after that. Whoever has more than the mean gives what he has beyond it, some at a time,
/// to those who have less; a token is away for as long as it takes to load. One that does not come to have more by what it
/// is given cannot load it, and is given no more.
/// </summary>
internal sealed class Newcomers(
    IGrainFactory grains, LiveTokens live, IClusterMembershipService cluster, ILocalSiloDetails silo, TimeProvider time, ILogger<Newcomers> log) : BackgroundService
{
    private const int MovedAtOnce = 500, Few = 50;
    private const double Even = 0.05; // of the mean: what is closer to it stays

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15), IsNew = TimeSpan.FromMinutes(5);

    private readonly Dictionary<SiloAddress, long> _joined = []; // since when each has been seen
    private readonly Dictionary<SiloAddress, int> _had = []; // when it was given some last

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            SiloAddress[] active = Active();
            foreach (SiloAddress gone in _joined.Keys.Except(active).ToArray())
            {
                _joined.Remove(gone);
                _had.Remove(gone);
            }

            foreach (SiloAddress other in active)
            {
                _joined.TryAdd(other, time.GetTimestamp());
            }

            try
            {
                if (active.Where(other => time.GetElapsedTime(_joined[other]) < IsNew).ToHashSet() is { Count: > 0 } newcomers && active.Length > 1)
                {
                    await Share(active, newcomers).WaitAsync(stoppingToken); // a silo that goes has no answer any more to wait for
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "Tokens could not be handed over to silos that joined; the next try is in {Seconds} s", Period.TotalSeconds);
            }
        }
    }

    private SiloAddress[] Active() => [.. cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];

    private async Task Share(SiloAddress[] active, HashSet<SiloAddress> newcomers)
    {
        Dictionary<SiloAddress, int> counts = (await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .Where(each => each.GrainType.StartsWith(typeof(TokenGrain).FullName!, StringComparison.Ordinal))
            .GroupBy(each => each.SiloAddress).ToDictionary(each => each.Key, each => each.Sum(some => some.ActivationCount));
        double mean = (double)counts.Values.Sum() / active.Length, surplus = counts.GetValueOrDefault(silo.SiloAddress) - mean;
        double little = Math.Max(Few, Even * mean);
        (SiloAddress Silo, double Lack)[] lacking =
        [
            .. newcomers.Select(other => (other, mean - counts.GetValueOrDefault(other)))
                .Where(other => other.Item2 > little && !(_had.TryGetValue(other.other, out int had) && counts.GetValueOrDefault(other.other) <= had)),
        ];
        if (surplus <= little || lacking.Length == 0)
        {
            return;
        }

        double lack = lacking.Sum(other => other.Lack), moved = Math.Min(Math.Min(surplus, lack), MovedAtOnce);
        using IEnumerator<string> tokens = live.Ids.GetEnumerator();
        foreach ((SiloAddress other, double own) in lacking)
        {
            int count = (int)(moved * own / lack);
            _had[other] = counts.GetValueOrDefault(other);
            RequestContext.Set(IPlacementDirector.PlacementHintKey, other);
            for (int i = 0; i < count && tokens.MoveNext(); i++)
            {
                await grains.GetGrain<ITokenGrain>(tokens.Current).AsReference<IGrainManagementExtension>().MigrateOnIdle();
            }

            log.LogInformation("{Count} tokens are handed over to {Silo}, which has joined", count, other);
        }
    }
}
