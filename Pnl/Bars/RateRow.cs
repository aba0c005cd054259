namespace Pnl;

/// <summary>
/// One row of a file or request of rates: a good bar, or what is wrong with it. A row is never left out, so that what
/// was read can be accounted for.
/// </summary>
/// <param name="Line">Where it stands: the line in text (the header is line 1), the row from 1 in Parquet.</param>
/// <param name="Slot">The interval, see <see cref="BarTime"/>; 0 if the time is defective.</param>
/// <param name="Rate">
/// Quote currency per token; 0 if there is a defect, but for <see cref="BarDefect.TimeUnaligned"/> and
/// <see cref="BarDefect.TimeIsDate"/>: a row of which only the time is no opening of a 5-minute bar has its rate, if that is good.
/// </param>
/// <param name="Defect">What is wrong, the time before the rate; <see cref="BarDefect.None"/> for a good bar of 5 minutes.</param>
/// <param name="TimeSeconds">The time as given, in Unix seconds rounded down; 0 if it could not be read.</param>
public readonly record struct RateRow(long Line, int Slot, decimal Rate, BarDefect Defect, long TimeSeconds)
{
    /// <summary>What was cut off from <see cref="TimeSeconds"/>.</summary>
    public int Nanoseconds { get; init; }

    /// <summary>Whether the rate was rounded; see <see cref="RateText.ParseRounded"/>.</summary>
    public bool IsRounded { get; init; }

    /// <summary>What is wrong with the rate alone.</summary>
    public BarDefect RateDefect { get; init; }

    /// <summary>A row of a time and a rate that were read.</summary>
    /// <param name="line">Where it stands.</param>
    /// <param name="timeDefect">What <see cref="OpenTime.Read"/> found.</param>
    /// <param name="time">The time.</param>
    /// <param name="rateDefect">What is wrong with the rate.</param>
    /// <param name="rate">The rate; 0 if it has a defect.</param>
    /// <param name="isRounded">Whether it was rounded.</param>
    public static RateRow Of(long line, BarDefect timeDefect, in RateTime time, BarDefect rateDefect, decimal rate, bool isRounded)
    {
        int slot = 0;
        BarDefect defect = timeDefect == BarDefect.None ? time.Check(out slot) : timeDefect;
        if (defect is BarDefect.TimeMalformed or BarDefect.TimeOutOfRange)
        {
            return new(line, 0, 0m, defect, time.Seconds);
        }

        return new(line, slot, rate, defect == BarDefect.None ? rateDefect : defect, time.Seconds)
        {
            Nanoseconds = time.Nanoseconds,
            IsRounded = isRounded,
            RateDefect = rateDefect,
        };
    }
}
