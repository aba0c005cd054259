using System.Globalization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Reads the parameters of a query; what cannot be read is named with what it may be. A parameter without a value is
/// refused: <c>from=$START</c> of a script that forgot to set it must not mean "since the first bar".
/// </summary>
internal static class QueryText
{
    public static DateTimeOffset? Time(string? text, string field) =>
        text is null ? null
        : TimeText.TryParse(text, out DateTimeOffset time) ? time
        : throw ApiException.BadRequest("time.malformed", $"'{text}' is no time.", field, "RFC 3339 such as 2021-05-19T12:35:00Z, or Unix seconds from 0 to 253402300799");

    /// <summary>Whether something is said to be so; without a word it is not.</summary>
    public static bool Flag(string? text, string field) => text switch
    {
        "true" => true,
        "false" or null => false,
        _ => throw ApiException.BadRequest(field + ".unknown", $"'{text}' is neither true nor false.", field, "true or false"),
    };

    public static (DateTimeOffset? From, DateTimeOffset? To) Range(string? from, string? to)
    {
        (DateTimeOffset? f, DateTimeOffset? t) = (Time(from, "from"), Time(to, "to"));
        return f > t ? throw ApiException.BadRequest("range.reversed", $"'from' ({from}) is after 'to' ({to}).", "from", "a time not after 'to'") : (f, t);
    }

    public static Interval Interval(string? text) =>
        text is null ? default
        : Intervals.TryParse(text, out Interval interval) ? interval
        : throw ApiException.BadRequest("interval.unknown", $"'{text}' is no interval.", "interval", Intervals.AllNames);

    /// <summary>An interval that bars may have.</summary>
    public static Interval BarInterval(string? text) =>
        text is null ? default
        : Intervals.TryParse(text, out Interval interval) && interval.IsOfBars() ? interval
        : throw ApiException.BadRequest("interval.unknown", $"'{text}' is no interval of bars.", "interval", BarPeriod.Names);

    public static int? Integer(string? text, string field, int least, int most) =>
        text is null ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
        : throw ApiException.BadRequest(field + ".outOfRange", $"'{text}' is not taken as {field}.", field, $"a whole number from {least} to {most}");

    /// <summary>A decimal number in plain digits, 28 of them at most: more would be rounded silently.</summary>
    public static decimal Quantity(string? text) =>
        text is null ? 1m
        : SignificantDigits(text) <= RateText.MaxSignificantDigits && Places(text) <= RateText.MaxSignificantDigits
            && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) ? value
        : throw ApiException.BadRequest("quantity.malformed", $"'{text}' is no quantity.", "quantity", "a decimal number of tokens of at most 28 digits, and 28 places behind the point, such as 0.25");

    private static int Places(string text) => text.IndexOf('.', StringComparison.Ordinal) is var point && point < 0 ? 0 : text.TrimEnd('0').Length - point - 1;

    private static int SignificantDigits(string text) => text.SkipWhile(c => c is '0' or '.' or '-' or '+').Count(char.IsAsciiDigit);
}
