namespace Pnl;

/// <summary>
/// Reads RFC 3339 times, section 5.6, and nothing that only looks like one: the offset is required, since a time without
/// one is an hour wrong for half of its readers. A space may stand for the <c>T</c>, as the RFC allows. Leap seconds are
/// refused: no bar opens or closes in one.
/// </summary>
public static class Rfc3339
{
    private const int DaysFromYear1ToUnixEpoch = 719_162;

    /// <summary>Reads <c>yyyy-mm-ddThh:mm:ss[.fraction](Z|±hh:mm)</c> without allocating.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <param name="seconds">Unix seconds, the fraction cut off; 0 if it is no time.</param>
    /// <param name="wholeSecond">Whether the fraction is absent or zero.</param>
    /// <returns>Whether the text is such a time.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long seconds, out bool wholeSecond)
    {
        seconds = 0;
        wholeSecond = true;
        if (text.Length < 20 ||
            !Digits(text[..4], out int year) || text[4] != '-' ||
            !Digits(text[5..7], out int month) || text[7] != '-' ||
            !Digits(text[8..10], out int day) || text[10] is not ('T' or 't' or ' ') ||
            !Digits(text[11..13], out int hour) || text[13] != ':' ||
            !Digits(text[14..16], out int minute) || text[16] != ':' ||
            !Digits(text[17..19], out int second) ||
            year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) ||
            hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        ReadOnlySpan<char> rest = text[19..];
        if (rest[0] == '.')
        {
            int end = 1;
            while (end < rest.Length && char.IsAsciiDigit(rest[end]))
            {
                wholeSecond &= rest[end++] == '0';
            }

            if (end == 1)
            {
                return false;
            }

            rest = rest[end..];
        }

        if (!Offset(rest, out int offsetSeconds))
        {
            return false;
        }

        long days = new DateOnly(year, month, day).DayNumber - DaysFromYear1ToUnixEpoch;
        seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offsetSeconds;
        return true;
    }

    private static bool Offset(ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        if (text is ['Z' or 'z'])
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':' ||
            !Digits(text[1..3], out int hours) || !Digits(text[4..], out int minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        seconds = (hours * 60 + minutes) * (text[0] == '-' ? -60 : 60);
        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        foreach (char c in text)
        {
            uint digit = (uint)(c - '0');
            if (digit > 9)
            {
                return false;
            }

            number = number * 10 + (int)digit;
        }

        return true;
    }
}
