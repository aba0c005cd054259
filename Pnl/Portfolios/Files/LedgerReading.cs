namespace Pnl;

/// <summary>How a file of trades is to be read, where the file itself does not say.</summary>
public sealed record LedgerReading
{
    /// <summary>The decimal mark of all its numbers; null to find that of each column from all of its rows.</summary>
    public DecimalMark? DecimalMark { get; init; }

    /// <summary>
    /// Whether the portfolio tracks cash (<see cref="PortfolioTerms.TrackCash"/>). There one entry moves both sides of an exchange of one
    /// token for another; without, a sale and a purchase do.
    /// </summary>
    public bool TracksCash { get; init; }
}
