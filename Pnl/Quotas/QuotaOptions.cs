namespace Pnl;

/// <summary>How much there may be. What is there already stays, whatever the bounds.</summary>
public sealed record QuotaOptions
{
    /// <summary>Tokens that callers may register, counted with all that there are. Feeds and backfills are not held up by it.</summary>
    public int Tokens { get; init; } = 100_000;

    /// <summary>Portfolios of an owner.</summary>
    public int Portfolios { get; init; } = 10_000;

    /// <summary>Entries of a portfolio: its profit and loss takes longer with each, and of so many up to a second after a change in the past.</summary>
    public int Entries { get; init; } = 100_000;

    /// <summary>Backfills that are kept: of more the oldest that have ended are forgotten.</summary>
    public int Backfills { get; init; } = 10_000;

    /// <summary>Tokens and portfolios that a caller may make within an hour.</summary>
    public int NamesAnHour { get; init; } = 50_000;
}
