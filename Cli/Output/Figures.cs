using System.Globalization;
using System.Text.Json;

namespace Pnl.Cli.Output;

/// <summary>A part of a whole; a table shows it in percent.</summary>
internal readonly record struct Fraction(double Value)
{
    public static object? Of(double? value) => value is { } given ? new Fraction(given) : null;
}

/// <summary>How figures are written, everywhere the same: rates and money with all their digits, counts in groups of three, fractions as percent of two places.</summary>
internal static class Figures
{
    public const string None = "–";

    /// <summary>For the eye.</summary>
    public static string Text(object? value) => value switch
    {
        null => None,
        Fraction fraction => (fraction.Value * 100).ToString("#,0.00", CultureInfo.InvariantCulture) + " %",
        DateTimeOffset time => Utc.Text(time),
        int or long => ((IFormattable)value).ToString("N0", CultureInfo.InvariantCulture),
        _ => Csv(value),
    };

    /// <summary>For programs: a number as such, a fraction as one, a time as RFC 3339; empty for what there is not.</summary>
    public static string Csv(object? value) => value switch
    {
        null => "",
        string text => text,
        Fraction fraction => fraction.Value.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset time => Utc.Exact(time),
        bool flag => flag ? "yes" : "no",
        Interval interval => interval.Name(),
        Enum name => JsonNamingPolicy.CamelCase.ConvertName(name.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    public static bool IsNumber(object? value) => value is Fraction or int or long or decimal or double or Amount;
}
