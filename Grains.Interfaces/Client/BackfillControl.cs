namespace Pnl.Client;

/// <summary>What to do with a backfill.</summary>
public enum BackfillControl
{
    /// <summary>Hold it.</summary>
    Pause,

    /// <summary>Let it go on.</summary>
    Resume,

    /// <summary>End it; what is done stays.</summary>
    Cancel,
}
