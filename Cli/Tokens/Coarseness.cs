namespace Pnl.Cli.Tokens;

/// <summary>Whether rates stand on bars coarser than 5 minutes; only then is their interval worth a column.</summary>
internal static class Coarseness
{
    /// <summary>The interval of bars that nothing is said of.</summary>
    public const string Finest = "5m";

    /// <summary>Whether an interval is 5 minutes, or not told, as by an older server.</summary>
    public static bool IsFinest(string? interval) => interval is null or Finest;
}
