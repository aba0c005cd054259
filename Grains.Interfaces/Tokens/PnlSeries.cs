using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>What series to answer.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.SeriesQuery")]
public sealed record SeriesQuery
{
    /// <summary>First open time of a bar; null for the first bar.</summary>
    [Id(0)]
    public DateTimeOffset? From { get; init; }

    /// <summary>End, not included; null for all.</summary>
    [Id(1)]
    public DateTimeOffset? To { get; init; }

    /// <summary>Length of a period.</summary>
    [Id(2)]
    public Interval Interval { get; init; }

    /// <summary>Number of tokens.</summary>
    [Id(3)]
    public decimal Quantity { get; init; } = 1m;

    /// <summary>If given, thin out to at most so many points, keeping first, last and extremes; 4 to 100,000.</summary>
    [Id(4)]
    public int? MaxPoints { get; init; }

    /// <summary>The most points of an answer, 1 to 100,000; the rest is reached by <see cref="PnlSeries.Next"/>.</summary>
    [Id(5)]
    public int Limit { get; init; } = MaxLimit;

    /// <summary>
    /// Where the whole range begins, if <see cref="From"/> is where a page of it does: what is said of the series is then of
    /// the whole range, the same on each page. Any time before the first bar for that of the first bar; null if From is the begin.
    /// </summary>
    [Id(20)]
    public DateTimeOffset? RangeFrom { get; init; }

    /// <summary>The largest limit.</summary>
    public const int MaxLimit = 100_000;
}

/// <summary>Rate and PnL of a token period by period, as columns of equal length.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.PnlSeries")]
public sealed record PnlSeries
{
    /// <summary>The token's id.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary>Currency of all money here.</summary>
    [Id(1)]
    public required string Quote { get; init; }

    /// <summary>Length of a period, or the coarsest interval that the range stands on, if that is longer.</summary>
    [Id(2)]
    public Interval Interval { get; init; }

    /// <summary>Close time of the last bar of the range; null if it holds none.</summary>
    [Id(3)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Grows with every accepted change.</summary>
    [Id(4)]
    public long Revision { get; init; }

    /// <summary>Whether every slot of the range since the first bar holds a bar or had none at the source.</summary>
    [Id(5)]
    public bool Complete { get; init; }

    /// <summary>Number of tokens.</summary>
    [Id(11)]
    public decimal Quantity { get; init; } = 1m;

    /// <summary>Unix seconds at which the periods open.</summary>
    [Id(6)]
    public required long[] Time { get; init; }

    /// <summary>Closing rates.</summary>
    [Id(7)]
    public required decimal[] Rate { get; init; }

    /// <summary>PnL of each point since the one before it, times the quantity.</summary>
    [Id(8)]
    public required MoneyColumn Pnl { get; init; }

    /// <summary>Running total of the PnL from the first point on.</summary>
    [Id(9)]
    public required MoneyColumn CumulativePnl { get; init; }

    /// <summary>From which open time on to ask for more; null at the end.</summary>
    [Id(10), JsonIgnore]
    public DateTimeOffset? Next { get; init; }

    /// <summary>The same as the HTTP API says it.</summary>
    [JsonInclude]
    [field: NonSerialized]
    internal string? NextCursor { get; init; }
}

/// <summary>Rates of a token period by period, as columns of equal length.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.RateCandles")]
public sealed record RateCandles
{
    /// <summary>The token's id.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary>Currency of the rates.</summary>
    [Id(1)]
    public required string Quote { get; init; }

    /// <summary>Length of a period, or the coarsest interval that the range stands on, if that is longer.</summary>
    [Id(2)]
    public Interval Interval { get; init; }

    /// <summary>Close time of the last bar of the range; null if it holds none.</summary>
    [Id(3)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Grows with every accepted change.</summary>
    [Id(4)]
    public long Revision { get; init; }

    /// <summary>Whether every slot of the range since the first bar holds a bar or had none at the source.</summary>
    [Id(5)]
    public bool Complete { get; init; }

    /// <summary>Unix seconds at which the periods open.</summary>
    [Id(6)]
    public required long[] Time { get; init; }

    /// <summary>First rate of each period.</summary>
    [Id(7)]
    public required decimal[] Open { get; init; }

    /// <summary>Highest rate.</summary>
    [Id(8)]
    public required decimal[] High { get; init; }

    /// <summary>Lowest rate.</summary>
    [Id(9)]
    public required decimal[] Low { get; init; }

    /// <summary>Last rate.</summary>
    [Id(10)]
    public required decimal[] Close { get; init; }

    /// <summary>From which open time on to ask for more; null at the end.</summary>
    [Id(11), JsonIgnore]
    public DateTimeOffset? Next { get; init; }

    /// <summary>The same as the HTTP API says it.</summary>
    [JsonInclude]
    [field: NonSerialized]
    internal string? NextCursor { get; init; }
}
