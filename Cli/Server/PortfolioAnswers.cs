using System.Globalization;

namespace Pnl.Cli.Server;

/// <summary>The terms of a portfolio.</summary>
internal sealed record PortfolioTermsBody(string BaseCurrency, string CostBasis, bool AllowShorts, bool TrackCash);

/// <summary>Entries to add.</summary>
internal sealed record EntriesBody(IReadOnlyList<EntryBody> Entries);

/// <summary>An entry of a ledger.</summary>
internal sealed record EntryBody(
    string Id, string Time, string Kind, string Token, decimal Quantity, decimal? Price, string? Currency, FeeBody[]? Fees, string? Note)
{
    public static EntryBody Of(LedgerEntry entry) => new(
        entry.Id, entry.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture), entry.Kind.Name(), entry.Token, entry.Quantity,
        entry.Price, entry.Currency, [.. entry.Fees.Select(fee => new FeeBody(fee.Amount, fee.Currency))], entry.Note);
}

/// <summary>A fee of an entry.</summary>
internal sealed record FeeBody(decimal Amount, string Currency);

/// <summary>What became of entries.</summary>
internal sealed record LedgerAnswer(int Accepted, int Unchanged, long Revision);

/// <summary>A page of a ledger.</summary>
internal sealed record EntriesAnswer(EntryBody[] Items, string? NextCursor);

/// <summary>A portfolio.</summary>
internal sealed record PortfolioAnswer(string Id, string BaseCurrency, string CostBasis, bool AllowShorts, bool TrackCash, int Entries);

/// <summary>A page of the list of portfolios.</summary>
internal sealed record PortfoliosAnswer(PortfolioTermsAnswer[] Items, string? NextCursor);

/// <summary>A portfolio as it is listed.</summary>
internal sealed record PortfolioTermsAnswer(string Id, string BaseCurrency, string CostBasis, bool AllowShorts, bool TrackCash);

/// <summary>Profit and loss of a portfolio. Money in its base currency, returns as fractions.</summary>
internal sealed record PortfolioPnlAnswer(
    string Portfolio, string BaseCurrency, string CostBasis, DateTimeOffset? AsOf, bool Complete, string[] Missing, Amount MarketValue, Amount CostBasisValue,
    Amount RealisedPnl, Amount UnrealisedPnl, Amount Income, Amount Fees, Amount TotalPnl, Amount Contributions, Amount Distributions,
    double? Twr, double? Mwr, double? Roi, PositionAnswer[] Positions);

/// <summary>A position; what depends on a rate that is missing is null.</summary>
internal sealed record PositionAnswer(
    string Token, Amount Quantity, Amount? AverageCost, Amount? Rate, string[] ConversionPath, Amount? MarketValue, Amount? RealisedPnl, Amount? UnrealisedPnl,
    Amount? Income, Amount? Fees, Amount? TotalPnl, bool Stale);

/// <summary>A page of lots.</summary>
internal sealed record LotsAnswer(string BaseCurrency, LotAnswer[] Items, string? NextCursor);

/// <summary>A lot.</summary>
internal sealed record LotAnswer(
    string Token, string Status, Amount Quantity, DateTimeOffset Opened, DateTimeOffset? Closed, Amount? Cost, Amount? Proceeds, Amount? Gain, long? HoldingPeriodSeconds);
