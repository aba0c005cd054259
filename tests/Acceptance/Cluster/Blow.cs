namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>What befalls a cluster.</summary>
internal enum Blow
{
    /// <summary>A silo is killed, and after a while there is another.</summary>
    SiloKilled,

    /// <summary>A silo stands still for longer than the others wait for it, and goes on.</summary>
    SiloStandsStill,

    /// <summary>Another silo comes, and one is told to end.</summary>
    SiloReplaced,

    /// <summary>The storage is killed, and started again on what it kept.</summary>
    StorageKilled,

    /// <summary>The hub is killed, and started again on what it kept.</summary>
    HubKilled,

    /// <summary>A silo is killed while there is no storage.</summary>
    SiloKilledWithoutStorage,

    /// <summary>All silos are killed, and others start.</summary>
    AllKilled,

    /// <summary>All silos are killed, it is forgotten how far the hub was read, and others start: everything comes again.</summary>
    CheckpointsLost,
}
