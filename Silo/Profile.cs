namespace Pnl.Silo;

/// <summary>What is kept where, and who there is: the setting <c>Pnl:Profile</c>.</summary>
internal enum Profile
{
    /// <summary>One process, over a folder.</summary>
    Local,

    /// <summary>Several silos, over Azure Storage.</summary>
    Cluster,
}

/// <summary>What a process is: the setting <c>Pnl:Role</c>.</summary>
internal enum Role
{
    /// <summary>A silo that answers HTTP too.</summary>
    Silo,

    /// <summary>It answers HTTP alone, and asks the silos.</summary>
    Gateway,
}
