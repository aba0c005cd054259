using System.Collections.Immutable;

namespace Pnl;

/// <summary>A window that ends with the last known bar.</summary>
/// <param name="Name">Its name in the API.</param>
/// <param name="Bars">Its length in bars; null if it begins at a date.</param>
public sealed record RollingWindow(string Name, int? Bars)
{
    /// <summary>From the first instant of the UTC year in which the last bar became known.</summary>
    public static RollingWindow YearToDate { get; } = new("ytd", null);

    /// <summary>From the instant at which the first bar became known.</summary>
    public static RollingWindow Inception { get; } = new("inception", null);

    /// <summary>All rolling windows, shortest first.</summary>
    public static ImmutableArray<RollingWindow> All { get; } =
    [
        new("5m", 1), new("1h", 12), new("24h", BarTime.BarsPerDay), new("7d", 7 * BarTime.BarsPerDay),
        new("30d", 30 * BarTime.BarsPerDay), new("90d", 90 * BarTime.BarsPerDay), new("1y", BarTime.BarsPerYear),
        YearToDate, Inception,
    ];

    /// <summary>The window of a name; null if there is none.</summary>
    public static RollingWindow? Find(string name) => All.FirstOrDefault(window => window.Name == name);

    /// <summary>Unix seconds at which the window begins, given the summary of a token's life.</summary>
    internal long From(in RateSummary life)
    {
        if (Bars is { } bars)
        {
            return BarTime.CloseSeconds(life.LastSlot) - (long)bars * BarTime.SecondsPerBar;
        }

        return this == Inception
            ? BarTime.CloseSeconds(life.FirstSlot)
            : new DateTimeOffset(BarTime.Close(life.LastSlot).Year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    }
}
