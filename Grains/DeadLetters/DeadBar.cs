using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pnl.Grains;

/// <summary>A bar that was put aside, as text.</summary>
internal static partial class DeadBar
{
    /// <summary>Writes it: JSON, every digit of the rate.</summary>
    public static string Write(RateEvent? bar) => JsonSerializer.Serialize(bar, JsonSerializerOptions.Web);

    /// <summary>Reads it back, of earlier releases' text too; null if it is no bar.</summary>
    public static RateEvent? Read(string text)
    {
        try
        {
            return text.StartsWith('{') ? JsonSerializer.Deserialize<RateEvent>(text, JsonSerializerOptions.Web) : Earlier(text);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException)
        {
            return null;
        }
    }

    // "RateEvent { Time = 1781524500, Rate = 0.5, CoveredFrom = , Source = binance }"; the first releases knew no source.
    private static RateEvent? Earlier(string text) => EarlierForm().Match(text) is { Success: true, Groups: var found }
        ? new(
            long.Parse(found["time"].ValueSpan, CultureInfo.InvariantCulture),
            decimal.Parse(found["rate"].ValueSpan, NumberStyles.Number, CultureInfo.InvariantCulture),
            found["covered"] is { Length: > 0 } covered ? long.Parse(covered.ValueSpan, CultureInfo.InvariantCulture) : null,
            found["source"] is { Length: > 0 } source ? source.Value : null)
        : null;

    [GeneratedRegex(@"^RateEvent \{ Time = (?<time>-?\d+), Rate = (?<rate>-?[\d.]+), CoveredFrom = (?<covered>-?\d*)(, Source = (?<source>[^ ]*))? \}$", RegexOptions.ExplicitCapture)]
    private static partial Regex EarlierForm();
}
