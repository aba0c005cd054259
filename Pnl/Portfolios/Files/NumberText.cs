using System.Text.RegularExpressions;

namespace Pnl;

/// <summary>What the points and commas of a number say of its decimal mark.</summary>
internal enum NumberForm : byte
{
    /// <summary>It has neither: it reads the same in every way.</summary>
    Digits,

    /// <summary>It can be read with a decimal point alone: <c>0.5</c>, <c>1,234.5</c>, <c>1,234,567</c>.</summary>
    Point,

    /// <summary>It can be read with a decimal comma alone: <c>0,5</c>, <c>0,001</c>, <c>1.234,5</c>.</summary>
    Comma,

    /// <summary>A point that stands before a fraction or parts thousands: <c>1.250</c>.</summary>
    PointOrThousands,

    /// <summary>A comma that stands before a fraction or parts thousands: <c>1,250</c>.</summary>
    CommaOrThousands,

    /// <summary>It can be read in no way.</summary>
    Malformed,
}

/// <summary>
/// Numbers with a decimal point or a decimal comma. One by itself is mostly told by its signs: no thousands begin with 0, and they
/// are of three digits each. <c>1,250</c> is told by the others of its column, or not at all.
/// </summary>
internal static partial class NumberText
{
    /// <summary>What a number says of its decimal mark.</summary>
    /// <param name="digits">Digits, points and commas, without a sign or an exponent.</param>
    public static NumberForm FormOf(ReadOnlySpan<char> digits)
    {
        int points = digits.Count('.'), commas = digits.Count(',');
        if (points + commas == 0)
        {
            return NumberForm.Digits;
        }

        if (points > 0 && commas > 0)
        {
            char mark = digits[digits.LastIndexOfAny('.', ',')], group = mark == '.' ? ',' : '.';
            return digits.Count(mark) == 1 && AreThousands(digits[..digits.IndexOf(mark)], group) ? By(mark) : NumberForm.Malformed;
        }

        char only = points > 0 ? '.' : ',';
        bool thousands = AreThousands(digits, only);
        if (points + commas > 1)
        {
            return thousands ? By(only == '.' ? ',' : '.') : NumberForm.Malformed;
        }

        return !thousands ? By(only) : only == '.' ? NumberForm.PointOrThousands : NumberForm.CommaOrThousands;
    }

    /// <summary>The numbers that stand in a text, without their signs, such as both of <c>0,001 btc; 1 usd</c>.</summary>
    public static IEnumerable<string> In(string text) => Numbers().Matches(text).Select(match => match.Value);

    /// <summary>The number with a decimal point and nothing between thousands.</summary>
    /// <param name="digits">Digits, points and commas.</param>
    /// <param name="mark">Its decimal mark.</param>
    public static string Plain(string digits, DecimalMark mark) => mark == DecimalMark.Point
        ? digits.Replace(",", "", StringComparison.Ordinal)
        : digits.Replace(".", "", StringComparison.Ordinal).Replace(',', '.');

    private static NumberForm By(char mark) => mark == '.' ? NumberForm.Point : NumberForm.Comma;

    /// <summary>Whether a sign stands where thousands end, and nowhere else: 1,234,567 but neither 1,5 nor 0,500.</summary>
    private static bool AreThousands(ReadOnlySpan<char> whole, char group)
    {
        int first = whole.IndexOf(group);
        if (first is < 1 or > 3 || whole[0] == '0')
        {
            return false;
        }

        for (ReadOnlySpan<char> rest = whole[first..]; !rest.IsEmpty; rest = rest[4..])
        {
            if (rest.Length < 4 || rest[0] != group || rest[1..4].Contains(group))
            {
                return false;
            }
        }

        return true;
    }

    [GeneratedRegex(@"(?<![\w.,])[.,]?\d(?:[\d.,]*\d)?")]
    private static partial Regex Numbers();
}
