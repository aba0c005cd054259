namespace Pnl;

/// <summary>The time of a rate as it was written, to the nanosecond.</summary>
/// <param name="Seconds">Unix seconds, rounded down.</param>
/// <param name="Nanoseconds">What was cut off, 0 to 999,999,999.</param>
/// <param name="IsDate">Whether it is a date without a time of day, and so a whole UTC day; the seconds are those of its midnight.</param>
public readonly record struct RateTime(long Seconds, int Nanoseconds = 0, bool IsDate = false)
{
    /// <summary>Checks it as the opening of a 5-minute bar.</summary>
    /// <param name="slot">The slot that opens then; 0 if there is a defect.</param>
    /// <returns>
    /// <see cref="BarDefect.None"/>, <see cref="BarDefect.TimeOutOfRange"/>, <see cref="BarDefect.TimeIsDate"/> or
    /// <see cref="BarDefect.TimeUnaligned"/>.
    /// </returns>
    public BarDefect Check(out int slot)
    {
        BarDefect defect = OpenTime.Checked(Seconds, Nanoseconds == 0, out slot);
        if (defect == BarDefect.TimeOutOfRange || !IsDate)
        {
            return defect;
        }

        slot = 0;
        return BarDefect.TimeIsDate;
    }
}
