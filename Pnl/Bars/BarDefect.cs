namespace Pnl;

/// <summary>Why a bar is not taken. <see cref="None"/> is a good bar.</summary>
public enum BarDefect : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The time is no number and no RFC 3339 time.</summary>
    TimeMalformed,

    /// <summary>The time is before 1970 or after 9999.</summary>
    TimeOutOfRange,

    /// <summary>The open time is not a multiple of 300 s since the Unix epoch.</summary>
    TimeUnaligned,

    /// <summary>The bar opens later than now + 5 minutes.</summary>
    TimeInFuture,

    /// <summary>The rate is absent.</summary>
    RateMissing,

    /// <summary>The rate is no decimal number (NaN and infinity are none either).</summary>
    RateMalformed,

    /// <summary>The rate is zero.</summary>
    RateZero,

    /// <summary>The rate is negative.</summary>
    RateNegative,

    /// <summary>The rate has more than 28 significant digits, or digits behind the 28th decimal place.</summary>
    RateTooPrecise,

    /// <summary>The rate is larger than a decimal holds (about 7.9e28).</summary>
    RateTooLarge,

    /// <summary>The row has more or fewer fields than the header.</summary>
    RowMalformed,

    /// <summary>The bar opens before the token was listed, or outside the bounds of its listing.</summary>
    TimeNotListed,
}

/// <summary>The stable codes by which the API names a <see cref="BarDefect"/>.</summary>
public static class BarDefects
{
    /// <summary>The code of a defect, such as <c>rate.zero</c>; empty for <see cref="BarDefect.None"/>.</summary>
    public static string Code(this BarDefect defect) => defect switch
    {
        BarDefect.None => "",
        BarDefect.TimeMalformed => "time.malformed",
        BarDefect.TimeOutOfRange => "time.outOfRange",
        BarDefect.TimeUnaligned => "time.unaligned",
        BarDefect.TimeInFuture => "time.inFuture",
        BarDefect.RateMissing => "rate.missing",
        BarDefect.RateMalformed => "rate.malformed",
        BarDefect.RateZero => "rate.zero",
        BarDefect.RateNegative => "rate.negative",
        BarDefect.RateTooPrecise => "rate.tooPrecise",
        BarDefect.RateTooLarge => "rate.tooLarge",
        BarDefect.RowMalformed => "row.malformed",
        BarDefect.TimeNotListed => "time.notListed",
        _ => throw new ArgumentOutOfRangeException(nameof(defect), defect, "no such defect"),
    };
}
