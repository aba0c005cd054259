namespace Pnl;

/// <summary>
/// Reads the open time of a bar as files and requests write it: Unix seconds, Unix milliseconds or RFC 3339. A number
/// beyond <see cref="FirstMillisecond"/> is one of milliseconds (as seconds it would lie after the year 5138).
/// </summary>
public static class OpenTime
{
    /// <summary>Numbers greater than this are milliseconds since the Unix epoch, those up to it are seconds.</summary>
    public const long FirstMillisecond = 100_000_000_000;

    /// <summary>Reads a time from text.</summary>
    /// <param name="text">Digits, or an RFC 3339 time with its offset; white space around it is ignored.</param>
    /// <param name="seconds">Unix seconds, rounded down; 0 if the text is no time.</param>
    /// <param name="slot">The slot that opens then; 0 if there is a defect.</param>
    /// <returns><see cref="BarDefect.None"/> or what is wrong with the time.</returns>
    public static BarDefect Parse(ReadOnlySpan<char> text, out long seconds, out int slot)
    {
        seconds = 0;
        slot = 0;
        text = text.Trim();
        if (text.IsEmpty)
        {
            return BarDefect.TimeMalformed;
        }

        bool negative = text[0] == '-';
        ReadOnlySpan<char> digits = negative || text[0] == '+' ? text[1..] : text;
        long number = 0;
        foreach (char c in digits)
        {
            uint digit = (uint)(c - '0');
            if (digit > 9)
            {
                return Rfc3339.TryParse(text, out seconds, out bool wholeSecond)
                    ? Checked(seconds, wholeSecond, out slot)
                    : BarDefect.TimeMalformed;
            }

            // Saturates: a number of any length is a number, if one out of range.
            number = number < long.MaxValue / 10 ? number * 10 + digit : long.MaxValue;
        }

        return digits.IsEmpty ? BarDefect.TimeMalformed : OfNumber(negative ? -number : number, out seconds, out slot);
    }

    /// <summary>Checks a time given as a number of Unix seconds or milliseconds.</summary>
    /// <param name="number">Seconds, or milliseconds if greater than <see cref="FirstMillisecond"/>.</param>
    /// <param name="seconds">Unix seconds, rounded down.</param>
    /// <param name="slot">The slot that opens then; 0 if there is a defect.</param>
    /// <returns><see cref="BarDefect.None"/> or what is wrong with the time.</returns>
    public static BarDefect OfNumber(long number, out long seconds, out int slot)
    {
        if (number <= FirstMillisecond)
        {
            seconds = number;
            return OfSeconds(number, out slot);
        }

        (seconds, long rest) = Math.DivRem(number, 1000);
        return Checked(seconds, rest == 0, out slot);
    }

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
}
