namespace Pnl;

/// <summary>
/// Reads the time of a rate as files and requests write it: Unix seconds, milliseconds, microseconds or nanoseconds, RFC 3339,
/// or a date, which is a whole day. The size of a number tells its unit, row by row: as seconds a number beyond
/// <see cref="FirstMillisecond"/> would lie after the year 5138, and as milliseconds one below it before 1974; and so on.
/// </summary>
public static class OpenTime
{
    /// <summary>Numbers greater than this are milliseconds since the Unix epoch, those up to it are seconds.</summary>
    public const long FirstMillisecond = 100_000_000_000;

    /// <summary>Numbers greater than this are microseconds.</summary>
    public const long FirstMicrosecond = 100_000_000_000_000;

    /// <summary>Numbers greater than this are nanoseconds.</summary>
    public const long FirstNanosecond = 100_000_000_000_000_000;

    private const int NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Reads a time from text, and checks it as the opening of a 5-minute bar.</summary>
    /// <param name="text">As <see cref="Read"/> takes it.</param>
    /// <param name="seconds">Unix seconds, rounded down; 0 if the text is no time.</param>
    /// <param name="slot">The slot that opens then; 0 if there is a defect.</param>
    /// <returns><see cref="BarDefect.None"/> or what is wrong with the time.</returns>
    public static BarDefect Parse(ReadOnlySpan<char> text, out long seconds, out int slot)
    {
        slot = 0;
        BarDefect defect = Read(text, out RateTime time);
        seconds = time.Seconds;
        return defect == BarDefect.None ? time.Check(out slot) : defect;
    }

    /// <summary>Reads a time from text, whether a bar opens then or not.</summary>
    /// <param name="text">
    /// Digits, perhaps with a fraction; an RFC 3339 time with its offset, or with <c>UTC</c> in its place; or a date
    /// <c>yyyy-mm-dd</c>. White space around it is ignored.
    /// </param>
    /// <param name="time">The time; of one that is out of range the seconds alone, of one that is malformed nothing.</param>
    /// <returns><see cref="BarDefect.None"/>, <see cref="BarDefect.TimeMalformed"/> or <see cref="BarDefect.TimeOutOfRange"/>.</returns>
    public static BarDefect Read(ReadOnlySpan<char> text, out RateTime time)
    {
        time = default;
        text = text.Trim();
        if (text.IsEmpty)
        {
            return BarDefect.TimeMalformed;
        }

        bool negative = text[0] == '-';
        ReadOnlySpan<char> rest = negative || text[0] == '+' ? text[1..] : text;
        int digits = 0;
        long number = 0;
        for (; digits < rest.Length && char.IsAsciiDigit(rest[digits]); digits++)
        {
            // Saturates: a number of any length is a number, if one out of range.
            number = number < long.MaxValue / 10 ? number * 10 + (rest[digits] - '0') : long.MaxValue;
        }

        if (number == long.MaxValue)
        {
            return BarDefect.TimeOutOfRange;
        }

        if (digits > 0 && digits == rest.Length)
        {
            return OfNumber(negative ? -number : number, out time);
        }

        if (digits > 0 && !negative && rest[digits] == '.')
        {
            return OfFraction(number, rest[(digits + 1)..], out time);
        }

        if (Rfc3339.TryParseDate(text, out long midnight))
        {
            time = new(midnight, IsDate: true);
        }
        else if (Rfc3339.TryParseExact(text, out long seconds, out int nanoseconds))
        {
            time = new(seconds, nanoseconds);
        }
        else
        {
            return BarDefect.TimeMalformed;
        }

        return OutOfRange(time.Seconds);
    }

    /// <summary>Reads a time given as a number of Unix seconds, milliseconds, microseconds or nanoseconds.</summary>
    /// <param name="number">The number, whose size tells its unit.</param>
    /// <param name="time">The time; of one that is out of range the seconds alone.</param>
    /// <returns><see cref="BarDefect.None"/> or <see cref="BarDefect.TimeOutOfRange"/>.</returns>
    public static BarDefect OfNumber(long number, out RateTime time)
    {
        long units = UnitsPerSecond(number);
        (long seconds, long rest) = Math.DivRem(number, units);
        time = new(seconds, (int)(rest * (NanosecondsPerSecond / units)));
        return OutOfRange(seconds);
    }

    /// <summary>Checks a time given as a number as the opening of a 5-minute bar.</summary>
    /// <param name="number">Unix seconds, milliseconds, microseconds or nanoseconds: its size tells.</param>
    /// <param name="seconds">Unix seconds, rounded down.</param>
    /// <param name="slot">The slot that opens then; 0 if there is a defect.</param>
    /// <returns><see cref="BarDefect.None"/> or what is wrong with the time.</returns>
    public static BarDefect OfNumber(long number, out long seconds, out int slot)
    {
        slot = 0;
        BarDefect defect = OfNumber(number, out RateTime time);
        seconds = time.Seconds;
        return defect == BarDefect.None ? time.Check(out slot) : defect;
    }

    /// <summary>How many units of a number of this size are a second: 1, 10^3, 10^6 or 10^9.</summary>
    public static long UnitsPerSecond(long number) => number switch
    {
        <= FirstMillisecond => 1,
        <= FirstMicrosecond => 1_000,
        <= FirstNanosecond => 1_000_000,
        _ => NanosecondsPerSecond,
    };

    /// <summary>Checks a time given in Unix seconds.</summary>
    /// <param name="seconds">Unix seconds.</param>
    /// <param name="slot">The slot that opens then; 0 if there is a defect.</param>
    /// <returns><see cref="BarDefect.None"/> or what is wrong with the time.</returns>
    public static BarDefect OfSeconds(long seconds, out int slot)
    {
        slot = 0;
        if ((ulong)seconds > (ulong)BarTime.OpenSeconds(BarTime.MaxSlot) + BarTime.SecondsPerBar - 1)
        {
            return BarDefect.TimeOutOfRange; // a negative number is a large one here
        }

        (long quotient, long rest) = Math.DivRem(seconds, BarTime.SecondsPerBar);
        if (rest != 0)
        {
            return BarDefect.TimeUnaligned;
        }

        slot = (int)quotient;
        return BarDefect.None;
    }

    /// <summary>Checks a time given in Unix seconds rounded down, of which a fraction may have been cut off.</summary>
    /// <param name="seconds">Unix seconds, rounded down.</param>
    /// <param name="wholeSecond">Whether nothing was cut off.</param>
    /// <param name="slot">The slot that opens then; 0 if there is a defect.</param>
    /// <returns><see cref="BarDefect.None"/> or what is wrong with the time.</returns>
    public static BarDefect Checked(long seconds, bool wholeSecond, out int slot)
    {
        BarDefect defect = OfSeconds(seconds, out slot);
        if (defect == BarDefect.None && !wholeSecond)
        {
            slot = 0;
            return BarDefect.TimeUnaligned;
        }

        return defect;
    }

    private static BarDefect OutOfRange(long seconds) =>
        OfSeconds(seconds, out _) == BarDefect.TimeOutOfRange ? BarDefect.TimeOutOfRange : BarDefect.None;

    /// <summary>A number with a fraction, as languages write it that know floating point alone: 1621427700.0.</summary>
    private static BarDefect OfFraction(long whole, ReadOnlySpan<char> fraction, out RateTime time)
    {
        BarDefect defect = OfNumber(whole, out time);
        if (fraction.IsEmpty || fraction.ContainsAnyExceptInRange('0', '9'))
        {
            time = default;
            return BarDefect.TimeMalformed;
        }

        long place = NanosecondsPerSecond / UnitsPerSecond(whole), nanoseconds = time.Nanoseconds;
        foreach (char digit in fraction)
        {
            place /= 10;
            nanoseconds += place * (digit - '0');
        }

        if (place == 0 && nanoseconds == 0 && fraction.ContainsAnyExcept('0'))
        {
            nanoseconds = 1; // less than a nanosecond, but not nothing
        }

        time = time with { Nanoseconds = (int)nanoseconds };
        return defect;
    }
}
