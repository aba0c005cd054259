using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Pnl.Grains;

/// <summary>
/// How silos know each other and where tokens live: all of our code over experimental or internal parts of Orleans is in this folder. Which
/// behaviour of Orleans each class stands in for is told in <c>docs/decisions/0033-clustering.md</c>, and checked by a test.
/// </summary>
public static class PnlClustering
{
    private const int MissedProbes = 3, Votes = 2;

    /// <summary>Adds failure detection, the membership guard and the grain directory to a silo of a cluster. Why these numbers: docs/decisions/0014-cluster-storage.md.</summary>
    /// <param name="silo">The silo; its membership table is the host's to choose.</param>
    /// <param name="probe">How long a silo waits for another's answer to a probe, and the time between two of them.</param>
    /// <param name="tls">Adds TLS to the connections between silos; null for none.</param>
    public static ISiloBuilder AddPnlClustering(this ISiloBuilder silo, TimeSpan probe, Action<ISiloBuilder>? tls)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            (options.ProbeTimeout, options.MinProbeTimeout, options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration) = (probe, probe, MissedProbes, Votes);
            options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            (options.IAmAliveTablePublishTimeout, options.NumMissedTableIAmAliveLimit) = (TimeSpan.FromSeconds(5), 3);
        });

        // A silo that cannot know that it was declared dead answers until its lease ends.
        TimeSpan pause = probe * (MissedProbes - 1), lease = 2.5 * pause, declared = probe * MissedProbes;
        silo.AddMembershipGuard(new(pause, lease, Votes));
        silo.AddFailureDetector(tls);

        // With this directory, silos agree on where tokens live when a silo joins or leaves, before any call is sent there. With Orleans'
        // default a second activation may start before the first one knows of it, which then answers with old values.
#pragma warning disable ORLEANSEXP003
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003

        // The tokens of a dead silo are loaded elsewhere only after its lease. Orleans subtracts four times the time of its probes from this
        // setting; with its default (30 s) the tokens of a dead silo are away for 24 s.
        silo.Configure<GrainDirectoryOptions>(options => options.RangeLeaseDuration = 4 * declared + (lease - declared));
        return silo;
    }

    /// <summary>Adds what a silo needs of this folder in a process of its own too: grains ask it before they load.</summary>
    internal static void AddRebalancing(this IServiceCollection services)
    {
        services.AddSingleton<StorageReachability>();
        services.AddHostedService<TokenRebalancer>();
    }

    private static void AddMembershipGuard(this ISiloBuilder silo, MembershipLimits limits)
    {
        silo.Services.AddSingleton(limits);
        silo.Services.AddSingleton<MembershipGuard>();
        silo.Services.AddHostedService(services => services.GetRequiredService<MembershipGuard>());
        silo.Services.AddSingleton<IIncomingGrainCallFilter>(services => services.GetRequiredService<MembershipGuard>());
    }

    private static void AddFailureDetector(this ISiloBuilder silo, Action<ISiloBuilder>? tls)
    {
        silo.AddGrainService<ReachabilityService>();
        silo.Services.AddSingleton<ReachabilityClient>();
        silo.Services.AddSingleton<SiloFailureDetector>();
        silo.Configure<SiloConnectionOptions>(options => options.ConfigureSiloInboundConnection(ConnectionMonitor.EndTests)); // before TLS
        tls?.Invoke(silo);
        silo.Services.PostConfigure<SiloConnectionOptions>(options => // within TLS: a caller without a certificate must not start tests
        {
            options.ConfigureSiloOutboundConnection(ConnectionMonitor.WatchOutbound);
            options.ConfigureSiloInboundConnection(ConnectionMonitor.WatchInbound);
        });
    }
}
