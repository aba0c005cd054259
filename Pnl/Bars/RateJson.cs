using System.Text;
using System.Text.Json;

namespace Pnl;

/// <summary>Reads times and rates out of JSON digit for digit: a number must not pass through a double.</summary>
public static class RateJson
{
    private const int MostDigits = 128; // what is longer is cut, and so malformed

    /// <summary>The open time on which a reader stands; see <see cref="OpenTime"/>.</summary>
    /// <returns>Unix seconds, and what is wrong with them.</returns>
    public static (long Seconds, BarDefect Defect) Time(ref Utf8JsonReader reader)
    {
        Span<char> text = stackalloc char[MostDigits];
        BarDefect defect = OpenTime.Parse(text[..CopyText(ref reader, text)], out long seconds, out _);
        return (seconds, defect);
    }

    /// <summary>The rate on which a reader stands; see <see cref="RateText.ParseRounded"/>.</summary>
    /// <returns>The rate, whether it was rounded, and what is wrong with it.</returns>
    public static (decimal Rate, bool IsRounded, BarDefect Defect) RoundedRate(ref Utf8JsonReader reader)
    {
        Span<char> text = stackalloc char[MostDigits];
        BarDefect defect = RateText.ParseRounded(text[..CopyText(ref reader, text)], out decimal rate, out bool rounded);
        return (rate, rounded, defect);
    }

    /// <summary>The rate on which a reader stands; see <see cref="RateText.Parse"/>.</summary>
    /// <returns>The rate, and what is wrong with it.</returns>
    public static (decimal Rate, BarDefect Defect) Rate(ref Utf8JsonReader reader)
    {
        Span<char> text = stackalloc char[MostDigits];
        BarDefect defect = RateText.Parse(text[..CopyText(ref reader, text)], out decimal rate);
        return (rate, defect);
    }

    private static int CopyText(ref Utf8JsonReader reader, scoped Span<char> into)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
        {
            return 0;
        }

        if (reader.ValueSpan.Length >= into.Length)
        {
            into[0] = '?';
            return 1;
        }

        return Encoding.UTF8.GetChars(reader.ValueSpan, into);
    }
}
