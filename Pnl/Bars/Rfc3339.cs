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
        bool isTime = TryParseExact(text, out seconds, out int nanoseconds);
        wholeSecond = nanoseconds == 0;
        return isTime;
    }

    /// <summary>Reads a date <c>yyyy-mm-dd</c>, which is a whole day and no time.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <param name="seconds">Unix seconds of its midnight, UTC; 0 if it is no date.</param>
    /// <returns>Whether the text is a date.</returns>
    public static bool TryParseDate(ReadOnlySpan<char> text, out long seconds)
    {
        seconds = 0;
        if (text.Length != 10 || !TryDay(text, out long days))
        {
            return false;
        }

        seconds = days * 86_400;
        return true;
    }

    /// <summary>Reads a time as the other does, to the nanosecond; <c> UTC</c> may stand for the <c>Z</c>.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <param name="seconds">Unix seconds, the fraction cut off; 0 if it is no time.</param>
    /// <param name="nanoseconds">The fraction; of one that is smaller but not zero 1.</param>
    /// <returns>Whether the text is such a time.</returns>
    public static bool TryParseExact(ReadOnlySpan<char> text, out long seconds, out int nanoseconds)
    {
        seconds = 0;
        nanoseconds = 0;
        if (text.Length < 20 || !TryDay(text[..10], out long days) || text[10] is not ('T' or 't' or ' ') ||
            !Digits(text[11..13], out int hour) || text[13] != ':' ||
            !Digits(text[14..16], out int minute) || text[16] != ':' ||
            !Digits(text[17..19], out int second) ||
            hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        ReadOnlySpan<char> rest = text[19..];
        if (rest[0] == '.')
        {
            int end = 1;
            bool more = false;
            for (int place = 100_000_000; end < rest.Length && char.IsAsciiDigit(rest[end]); end++, place /= 10)
            {
                nanoseconds += place * (rest[end] - '0');
                more |= place == 0 && rest[end] != '0';
            }

            nanoseconds += more && nanoseconds == 0 ? 1 : 0;

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

        seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offsetSeconds;
        return true;
    }

    private static bool TryDay(ReadOnlySpan<char> text, out long days)
    {
        days = 0;
        if (!Digits(text[..4], out int year) || text[4] != '-' || !Digits(text[5..7], out int month) || text[7] != '-' || !Digits(text[8..], out int day) ||
            year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        days = new DateOnly(year, month, day).DayNumber - DaysFromYear1ToUnixEpoch;
        return true;
    }

    private static bool Offset(ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        if (text is ['Z' or 'z'] || text.Equals(" UTC", StringComparison.OrdinalIgnoreCase))
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
