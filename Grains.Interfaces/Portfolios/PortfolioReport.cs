namespace Pnl.Grains;

/// <summary>As of when and by which method to answer.</summary>
/// <param name="At">Entries up to then and rates as of then; null for all entries and the last known bar of each token.</param>
/// <param name="CostBasis">Another cost basis than the portfolio's.</param>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioQuery")]
public sealed record PortfolioQuery([property: Id(0)] DateTimeOffset? At = null, [property: Id(1)] CostBasis? CostBasis = null);

/// <summary>Profit and loss of a portfolio in its base currency; money is exact, statistics are doubles.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioReport")]
public sealed record PortfolioReport
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

    /// <summary>Close time of the last bar counted; null if there is none.</summary>
    [Id(3)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Grows with every change of the ledger, the terms, or a rate that counts.</summary>
    [Id(4)]
    public long Revision { get; init; }

    /// <summary>Whether every position is counted.</summary>
    [Id(5)]
    public bool Complete { get; init; }

    /// <summary>The conversions for want of which positions are left out, such as <c>doge/usd@2021-05-19T12:35:00Z</c>.</summary>
    [Id(6)]
    public required string[] Missing { get; init; }

    /// <summary>Value of what is held, of the complete positions, as is all that follows.</summary>
    [Id(7)]
    public Amount MarketValue { get; init; }

    /// <summary>Cost of what is held.</summary>
    [Id(8)]
    public Amount CostBasisValue { get; init; }

    /// <summary>Proceeds less cost of the lots consumed, before fees.</summary>
    [Id(9)]
    public Amount RealisedPnl { get; init; }

    /// <summary>Market value less cost of the open lots.</summary>
    [Id(10)]
    public Amount UnrealisedPnl { get; init; }

    /// <summary>Value of income at its time.</summary>
    [Id(11)]
    public Amount Income { get; init; }

    /// <summary>Value of fees at their time.</summary>
    [Id(12)]
    public Amount Fees { get; init; }

    /// <summary>The part of the fees that was paid with what is no position.</summary>
    [Id(13)]
    public Amount FeesFromOutside { get; init; }

    /// <summary>Realised + unrealised + income - fees, which is market value + distributions - contributions - fees from outside.</summary>
    [Id(14)]
    public Amount TotalPnl { get; init; }

    /// <summary>What came in, each at its own time.</summary>
    [Id(15)]
    public Amount Contributions { get; init; }

    /// <summary>What went out, each at its own time.</summary>
    [Id(16)]
    public Amount Distributions { get; init; }

    /// <summary>Time-weighted return since the first entry, a fraction; null if not defined or not known.</summary>
    [Id(17)]
    public double? Twr { get; init; }

    /// <summary>Money-weighted return (XIRR), a fraction a year of 365 days; null unless there is exactly one.</summary>
    [Id(18)]
    public double? Mwr { get; init; }

    /// <summary>Total PnL over contributions, a fraction; null without contributions.</summary>
    [Id(19)]
    public double? Roi { get; init; }

    /// <summary>What each return is a fraction of.</summary>
    [Id(20)]
    public required ReturnDenominators Denominators { get; init; }

    /// <summary>Every position there ever was, by token.</summary>
    [Id(21)]
    public required PositionReport[] Positions { get; init; }
}

/// <summary>What each return is a fraction of.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.ReturnDenominators")]
public sealed record ReturnDenominators
{
    /// <summary>Of the time-weighted return.</summary>
    [Id(0)]
    public string Twr { get; init; } = "the value at the start of each sub-period; sub-periods end at every external flow";

    /// <summary>Of the money-weighted return.</summary>
    [Id(1)]
    public string Mwr { get; init; } = "the money that was in, for as long as it was, a year of 365 days";

    /// <summary>Of the return on invested capital.</summary>
    [Id(2)]
    public string Roi { get; init; } = "contributions";
}

/// <summary>Profit and loss of one position in the base currency. What depends on a conversion that is missing is null.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.PositionReport")]
public sealed record PositionReport
{
    /// <summary>The token, or the currency.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary>Units held, negative for a short.</summary>
    [Id(1)]
    public Amount Quantity { get; init; }

    /// <summary>Cost of a unit held, to 28 digits.</summary>
    [Id(2)]
    public Amount? AverageCost { get; init; }

    /// <summary>Cost of what is held.</summary>
    [Id(3)]
    public Amount? CostBasis { get; init; }

    /// <summary>Worth of a unit; null where none is held.</summary>
    [Id(4)]
    public Amount? Rate { get; init; }

    /// <summary>The currencies over which the rate was found.</summary>
    [Id(5)]
    public required string[] ConversionPath { get; init; }

    /// <summary>Quantity times rate.</summary>
    [Id(6)]
    public Amount? MarketValue { get; init; }

    /// <summary>Proceeds less cost of the lots consumed, before fees.</summary>
    [Id(7)]
    public Amount? RealisedPnl { get; init; }

    /// <summary>Market value less cost of the open lots.</summary>
    [Id(8)]
    public Amount? UnrealisedPnl { get; init; }

    /// <summary>Value of income at its time.</summary>
    [Id(9)]
    public Amount? Income { get; init; }

    /// <summary>Value of fees at their time.</summary>
    [Id(10)]
    public Amount? Fees { get; init; }

    /// <summary>Realised + unrealised + income - fees.</summary>
    [Id(11)]
    public Amount? TotalPnl { get; init; }

    /// <summary>The conversions that are missing.</summary>
    [Id(12)]
    public required string[] Missing { get; init; }

    /// <summary>When the oldest bar of those by which it is valued closed: how old the rate is. Null where there is no rate.</summary>
    [Id(13)]
    public DateTimeOffset? RateAsOf { get; init; }

    /// <summary>Whether any of these bars is older than its token's staleness limit, as of when it is valued: now, or then.</summary>
    [Id(14)]
    public bool Stale { get; init; }
}
