using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>Which periods of a portfolio to value.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioSeriesQuery")]
public sealed record PortfolioSeriesQuery
{
    /// <summary>The largest limit: a year of bars.</summary>
    public const int MaxLimit = 120_000;

    /// <summary>The first period is the one that holds it; null for that of the first entry.</summary>
    [Id(0)]
    public DateTimeOffset? From { get; init; }

    /// <summary>End, not included; null for the last bar.</summary>
    [Id(1)]
    public DateTimeOffset? To { get; init; }

    /// <summary>Length of a period.</summary>
    [Id(2)]
    public Interval Interval { get; init; } = Interval.Day;

    /// <summary>The most points, 1 to <see cref="MaxLimit"/>; the rest is left to a next call.</summary>
    [Id(3)]
    public int Limit { get; init; } = MaxLimit;

    /// <summary>
    /// Where the whole range begins, if <see cref="From"/> is where a page of it does: statistics and whether it is complete are
    /// then of the whole range, the same on each page. Any time before the first entry for that of the first entry; null if From is
    /// the begin.
    /// </summary>
    [Id(4)]
    public DateTimeOffset? RangeFrom { get; init; }

    /// <summary>
    /// The revision of the pages that were read before, if <see cref="From"/> is where the next one begins: the answer then says from
    /// when on anything has changed since (<see cref="PortfolioSeries.ChangedFrom"/>). Null for a first page.
    /// </summary>
    [Id(5)]
    public long? SeenRevision { get; init; }
}

/// <summary>
/// Value and profit of a portfolio period by period, as columns of equal length, in its base currency.
/// </summary>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioSeries")]
public sealed record PortfolioSeries
{
    /// <summary>The portfolio's id.</summary>
    [Id(0)]
    public required string Portfolio { get; init; }

    /// <summary>Currency of all money here.</summary>
    [Id(1)]
    public required string BaseCurrency { get; init; }

    /// <summary>Which lots disposals consumed.</summary>
    [Id(2)]
    public CostBasis CostBasis { get; init; }

    /// <summary>Length of a period.</summary>
    [Id(3)]
    public Interval Interval { get; init; }

    /// <summary>Close time of the last bar known; null if there is none.</summary>
    [Id(4)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Grows with every change of the ledger, the terms, or a rate that counts.</summary>
    [Id(5)]
    public long Revision { get; init; }

    /// <summary>Whether no point of the whole range leaves out a position for want of a rate.</summary>
    [Id(6)]
    public bool Complete { get; init; }

    /// <summary>Unix seconds at which the periods open.</summary>
    [Id(7)]
    public required long[] Time { get; init; }

    /// <summary>Unix seconds as of which each is valued: its end, of the last one that of the last bar or of the last entry.</summary>
    [Id(8), JsonIgnore]
    public long[] ValuedAt { get; init; } = [];

    /// <summary>Value of what was held.</summary>
    [Id(9)]
    public required MoneyColumn MarketValue { get; init; }

    /// <summary>What had come in so far.</summary>
    [Id(10)]
    public required MoneyColumn Contributions { get; init; }

    /// <summary>What had gone out so far.</summary>
    [Id(11)]
    public required MoneyColumn Distributions { get; init; }

    /// <summary>Realised so far, before fees.</summary>
    [Id(12)]
    public required MoneyColumn RealisedPnl { get; init; }

    /// <summary>Market value less cost.</summary>
    [Id(13)]
    public required MoneyColumn UnrealisedPnl { get; init; }

    /// <summary>Realised + unrealised + income - fees.</summary>
    [Id(14)]
    public required MoneyColumn TotalPnl { get; init; }

    /// <summary>Time-weighted return since the first entry, a fraction; null where it is not known.</summary>
    [Id(15)]
    public required double?[] Twr { get; init; }

    /// <summary>Of 1 + TWR over all points of the range, on whatever page they are.</summary>
    [Id(16)]
    public required SeriesStatistics Statistics { get; init; }

    /// <summary>From which open time on to ask for more; null at the end.</summary>
    [Id(17), JsonIgnore]
    public DateTimeOffset? Next { get; init; }

    /// <summary>The same as the HTTP API says it.</summary>
    [JsonInclude]
    [field: NonSerialized]
    internal string? NextCursor { get; init; }

    /// <summary>
    /// From which time on points may be others than by the revision that was seen (<see cref="PortfolioSeriesQuery.SeenRevision"/>),
    /// because entries, the terms or rates have changed: periods that end before it are what they were. 1970-01-01 where that is not
    /// known any more. Null if nothing has changed, or nothing was seen.
    /// </summary>
    [Id(24), JsonIgnore]
    public DateTimeOffset? ChangedFrom { get; init; }
}

/// <summary>Statistics of a value series, a year of 365 days.</summary>
/// <param name="MaxDrawdown">The largest fall from a peak, a fraction of it.</param>
/// <param name="Volatility">Standard deviation of the returns, a year.</param>
/// <param name="Sharpe">Mean return over its standard deviation, a year.</param>
/// <param name="Sortino">Mean return over its downside deviation, a year.</param>
[GenerateSerializer, Immutable, Alias("Pnl.SeriesStatistics")]
public sealed record SeriesStatistics(
    [property: Id(0)] double? MaxDrawdown, [property: Id(1)] double? Volatility, [property: Id(2)] double? Sharpe, [property: Id(3)] double? Sortino);
