using System.Globalization;

namespace Pnl.Tests.Core;

/// <summary>
/// How many random inputs a property is tried with. A tenth by default, so that all of this project runs in seconds; each run has others.
/// All of them with <c>Pnl__Tests__Percent=100</c>, more with more.
/// </summary>
internal static class Effort
{
    private const int FewestIterations = 1;

    private static readonly int Percent = Environment.GetEnvironmentVariable("Pnl__Tests__Percent") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 10;

    /// <summary>Whether everything is tried, long lives too.</summary>
    public static bool IsWhole => Percent >= 100;

    /// <summary>The share of <paramref name="iterations"/> that is run.</summary>
    public static int Of(int iterations) => Math.Max(FewestIterations, (int)((long)iterations * Percent / 100));
}
