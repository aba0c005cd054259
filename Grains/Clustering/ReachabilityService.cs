using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Pnl.Grains;

/// <summary>Tells other silos what this silo sees of a third one: a second opinion before that one is declared dead.</summary>
[Alias("Pnl.IWitness")] // the name of earlier releases: silos of both take part in a rolling upgrade
internal interface IReachabilityService : IGrainService
{
    /// <summary>Whether the machine of <paramref name="other"/> refuses connections to it.</summary>
    [Alias("Refuses")]
    Task<bool> RefusesConnections(SiloAddress other);
}

/// <inheritdoc cref="IReachabilityService"/>
[Reentrant]
internal sealed class ReachabilityService(GrainId id, Orleans.Runtime.Silo silo, ILoggerFactory logs) : GrainService(id, silo, logs), IReachabilityService
{
    public Task<bool> RefusesConnections(SiloAddress other) => SiloReachability.RefusesConnectionsAsync(other);
}

/// <summary>Calls the <see cref="ReachabilityService"/> of any silo.</summary>
internal sealed class ReachabilityClient(IServiceProvider services) : GrainServiceClient<IReachabilityService>(services)
{
    public IReachabilityService Of(SiloAddress silo) => GetGrainService(silo);
}
