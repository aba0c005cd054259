using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Pnl.Grains;

/// <summary>
/// Moves tokens of this silo to silos that joined in the last five minutes. A token that gets a bar every five minutes is never idle, so that a
/// new silo would get only the tokens that are activated after it joined.
/// <para>
/// A silo that has more tokens than the mean gives the surplus, some at a time, to new silos that have fewer. A token is not available while it
/// is loaded there. A new silo that has not more tokens than before the last move cannot load them, and is given no more.
/// </para>
/// </summary>
internal sealed class TokenRebalancer(
    IGrainFactory grains, LiveTokens live, IClusterMembershipService cluster, ILocalSiloDetails silo, TimeProvider time, ILogger<TokenRebalancer> log) : BackgroundService
{
    private const int MaxMovedAtOnce = 500, MinSurplus = 50;
    private const double Tolerance = 0.05; // of the mean: a smaller difference stays

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15), NewFor = TimeSpan.FromMinutes(5);

    private readonly Dictionary<SiloAddress, long> _firstSeen = [];
    private readonly Dictionary<SiloAddress, int> _hadAtLastMove = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            SiloAddress[] active = Active();
            foreach (SiloAddress gone in _firstSeen.Keys.Except(active).ToArray())
            {
                _firstSeen.Remove(gone);
                _hadAtLastMove.Remove(gone);
            }

            foreach (SiloAddress other in active)
            {
                _firstSeen.TryAdd(other, time.GetTimestamp());
            }

            try
            {
                if (active.Where(other => time.GetElapsedTime(_firstSeen[other]) < NewFor).ToHashSet() is { Count: > 0 } joined && active.Length > 1)
                {
                    await MoveAsync(active, joined).WaitAsync(stoppingToken); // a silo that stops gets no answer any more
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "Tokens could not be moved to silos that joined; the next attempt is in {Seconds} s", Period.TotalSeconds);
            }
        }
    }

    private SiloAddress[] Active() => [.. cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];

    private async Task MoveAsync(SiloAddress[] active, HashSet<SiloAddress> joined)
    {
        Dictionary<SiloAddress, int> counts = (await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .Where(each => each.GrainType.StartsWith(typeof(TokenGrain).FullName!, StringComparison.Ordinal))
            .GroupBy(each => each.SiloAddress).ToDictionary(each => each.Key, each => each.Sum(some => some.ActivationCount));
        double mean = (double)counts.Values.Sum() / active.Length, surplus = counts.GetValueOrDefault(silo.SiloAddress) - mean;
        double tolerance = Math.Max(MinSurplus, Tolerance * mean);
        (SiloAddress Silo, double Deficit)[] receivers =
        [
            .. joined.Select(other => (Silo: other, Deficit: mean - counts.GetValueOrDefault(other)))
                .Where(other => other.Deficit > tolerance && !(_hadAtLastMove.TryGetValue(other.Silo, out int had) && counts.GetValueOrDefault(other.Silo) <= had)),
        ];
        if (surplus <= tolerance || receivers.Length == 0)
        {
            return;
        }

        double deficit = receivers.Sum(other => other.Deficit), moved = Math.Min(Math.Min(surplus, deficit), MaxMovedAtOnce);
        using IEnumerator<string> tokens = live.Ids.GetEnumerator();
        foreach ((SiloAddress other, double own) in receivers)
        {
            int count = (int)(moved * own / deficit);
            _hadAtLastMove[other] = counts.GetValueOrDefault(other);
            RequestContext.Set(IPlacementDirector.PlacementHintKey, other);
            for (int i = 0; i < count && tokens.MoveNext(); i++)
            {
                await grains.GetGrain<ITokenGrain>(tokens.Current).AsReference<IGrainManagementExtension>().MigrateOnIdle();
            }

            log.LogInformation("{Count} tokens are moved to {Silo}, which has joined", count, other);
        }
    }
}
