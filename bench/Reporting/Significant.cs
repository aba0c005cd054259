using System.Globalization;

namespace Pnl.Bench.Reporting;

/// <summary>Figures in as many digits as a measurement has.</summary>
internal static class Significant
{
    public static string Text(double value) =>
        value == 0 || !double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 1000 ? value.ToString("#,##0", CultureInfo.InvariantCulture)
        : Math.Round(value, Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 15)).ToString(CultureInfo.InvariantCulture);

    public static string Text(double? value) => value is { } known ? Text(known) : "";
}
