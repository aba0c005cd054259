using System.Globalization;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>How much is fetched, how fast, and what befalls it meanwhile.</summary>
/// <param name="Symbols">Pairs of the exchange.</param>
/// <param name="Months">Months of history.</param>
/// <param name="Kills">How often the silo dies by kill -9.</param>
/// <param name="Permits">Weight in each window that the exchange allows; a page of 1,000 candles weighs 2.</param>
/// <param name="WindowSeconds">The window.</param>
/// <param name="FaultShare">The share of answers that go wrong.</param>
internal sealed record BackfillSize(int Symbols, int Months, int Kills, int Permits, int WindowSeconds, double FaultShare)
{
    private const string Prefix = "Pnl__Stress__";

    /// <summary>For every run of the tests: the window is so long that a machine under load makes no request late by a tenth of it.</summary>
    public static BackfillSize Small { get; } = new(Symbols: 20, Months: 2, Kills: 0, Permits: 600, WindowSeconds: 3, FaultShare: 0.15);

    /// <summary>For the stress command: 500 pairs, 2 years, 10 deaths, or what <c>Pnl__Stress__Symbols</c> and so on say.</summary>
    public static BackfillSize Large => new(
        Number("Symbols", 500), Number("Months", 24), Number("Kills", 10), Number("Permits", 3000), Number("WindowSeconds", 10), Number("FaultPercent", 3) / 100.0);

    /// <summary>The seed of the stress command.</summary>
    public static int Seed => Number("Seed", 1);

    /// <summary>The beginning of the history that is fetched.</summary>
    public static DateTimeOffset From { get; } = new(2023, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset To => From.AddMonths(Months);

    private static int Number(string name, int fallback) =>
        Environment.GetEnvironmentVariable(Prefix + name) is { Length: > 0 } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : fallback;
}
