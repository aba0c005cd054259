namespace Pnl.Grains;

/// <summary>The terms on which a portfolio's ledger is read.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioDetails")]
public sealed record PortfolioDetails
{
    /// <summary>The currency or token that everything is counted in.</summary>
    [Id(0)]
    public required string BaseCurrency { get; init; }

    /// <summary>Which lots a disposal consumes.</summary>
    [Id(1)]
    public CostBasis CostBasis { get; init; }

    /// <summary>Whether more may be given away than is held.</summary>
    [Id(2)]
    public bool AllowShorts { get; init; }

    /// <summary>Whether what pays for a trade is a position too.</summary>
    [Id(3)]
    public bool TrackCash { get; init; }
}

/// <summary>A portfolio.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioInfo")]
public sealed record PortfolioInfo
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The currency or token that everything is counted in.</summary>
    [Id(1)]
    public required string BaseCurrency { get; init; }

    /// <summary>Which lots a disposal consumes.</summary>
    [Id(2)]
    public CostBasis CostBasis { get; init; }

    /// <summary>Whether more may be given away than is held.</summary>
    [Id(3)]
    public bool AllowShorts { get; init; }

    /// <summary>Whether what pays for a trade is a position too.</summary>
    [Id(4)]
    public bool TrackCash { get; init; }

    /// <summary>Number of entries.</summary>
    [Id(5)]
    public int Entries { get; init; }

    /// <summary>Grows with every change of the ledger, the terms, or a rate that counts.</summary>
    [Id(6)]
    public long Revision { get; init; }
}

/// <summary>What setting up a portfolio came to.</summary>
/// <param name="Portfolio">The portfolio afterwards.</param>
/// <param name="Created">Whether it was new.</param>
/// <param name="Refused">Why nothing was changed: its entries do not go with the new terms. Null if it was.</param>
[GenerateSerializer, Immutable, Alias("Pnl.PutPortfolioResult")]
public sealed record PutPortfolioResult(
    [property: Id(0)] PortfolioInfo Portfolio, [property: Id(1)] bool Created, [property: Id(2)] RefusedEntry? Refused);
