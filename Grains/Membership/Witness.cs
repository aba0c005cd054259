using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Pnl.Grains;

/// <summary>What a silo itself sees of another: a second opinion before one is declared to have ended.</summary>
[Alias("Pnl.IWitness")]
internal interface IWitness : IGrainService
{
    /// <summary>Whether the other's machine refuses connections to it.</summary>
    [Alias("Refuses")]
    Task<bool> Refuses(SiloAddress other);
}

/// <inheritdoc cref="IWitness"/>
[Reentrant]
internal sealed class Witness(GrainId id, Orleans.Runtime.Silo silo, ILoggerFactory logs) : GrainService(id, silo, logs), IWitness
{
    public Task<bool> Refuses(SiloAddress other) => SiloPort.RefusesAsync(other);
}

/// <summary>The witnesses of all silos.</summary>
internal sealed class Witnesses(IServiceProvider services) : GrainServiceClient<IWitness>(services)
{
    public IWitness Of(SiloAddress silo) => GetGrainService(silo);
}
