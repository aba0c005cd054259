using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The terms of a portfolio.</summary>
internal sealed record PortfolioRequest(string? BaseCurrency, string? CostBasis = null, bool AllowShorts = false, bool TrackCash = false);

/// <summary>Entries to add.</summary>
internal sealed record EntriesRequest(EntryBody[]? Entries);

/// <summary>An entry of a ledger.</summary>
internal sealed record EntryBody
{
    public string? Id { get; init; }

    [JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset? Time { get; init; }

    public string? Kind { get; init; }
    public string? Token { get; init; }

    [JsonConverter(typeof(ExactDecimalConverter))]
    public decimal? Quantity { get; init; }

    [JsonConverter(typeof(ExactDecimalConverter))]
    public decimal? Price { get; init; }

    public string? Currency { get; init; }
    public FeeBody[]? Fees { get; init; }
    public string? Note { get; init; }

    public static EntryBody Of(PortfolioEntry entry) => new()
    {
        Id = entry.Id,
        Time = entry.Time,
        Kind = entry.Kind.Name(),
        Token = entry.Token,
        Quantity = entry.Quantity,
        Price = entry.Price,
        Currency = entry.Currency,
        Fees = Array.ConvertAll(entry.Fees, fee => new FeeBody { Amount = fee.Amount, Currency = fee.Currency }),
        Note = entry.Note,
    };

    /// <summary>The entry, if nothing that every entry has is absent; what its values may be is checked with the ledger.</summary>
    /// <param name="path">Where it stands in the body, such as <c>entries[3].</c>; empty for the body itself.</param>
    public PortfolioEntry Entry(string path) => new()
    {
        Id = Id ?? throw Missing(path + "id", "an id of the client's own"),
        Time = Time ?? throw Missing(path + "time", "RFC 3339 such as 2021-05-19T12:35:00Z, or Unix seconds"),
        Kind = Kind is null ? throw Missing(path + "kind", EntryKinds.AllNames)
            : EntryKinds.TryParse(Kind, out EntryKind kind) ? kind
            : throw ApiException.BadRequest(EntryCodes.KindUnknown, $"'{Kind}' is no kind of entry.", path + "kind", EntryKinds.AllNames),
        Token = Token ?? throw Missing(path + "token", TokenId.Rule),
        Quantity = Quantity ?? throw Missing(path + "quantity", "a number above 0"),
        Price = Price,
        Currency = Currency,
        Fees =
        [
            .. (Fees ?? []).Select((fee, i) => new EntryFee(
                fee?.Amount ?? throw Missing(path + $"fees[{i}].amount", "a number other than 0"), fee.Currency ?? throw Missing(path + $"fees[{i}].currency", TokenId.Rule))),
        ],
        Note = Note,
    };

    private static ApiException Missing(string field, string expected) => ApiException.BadRequest("entry.incomplete", $"There is no {field}.", field, expected);
}

/// <summary>A fee of an entry.</summary>
internal sealed record FeeBody
{
    [JsonConverter(typeof(ExactDecimalConverter))]
    public decimal? Amount { get; init; }

    public string? Currency { get; init; }
}

/// <summary>What became of a change of a ledger; rejected are the rows of a CSV that gave no entry.</summary>
internal sealed record LedgerAnswer(int Accepted, int Unchanged, LedgerRejection[] Rejected, long Revision);

/// <summary>Value and profit at the end of each period, of the last one as of the last bar, as columns of equal length; times are those at which periods open.</summary>
internal sealed record PortfolioSeriesAnswer(
    string Portfolio, string BaseCurrency, CostBasis CostBasis, string Interval, DateTimeOffset? AsOf, long Revision, bool Complete,
    Column<long> Time, ExactColumn MarketValue, ExactColumn Contributions, ExactColumn Distributions, ExactColumn RealisedPnl,
    ExactColumn UnrealisedPnl, ExactColumn TotalPnl, Column<double?> Twr, SeriesStatistics Statistics, string? NextCursor)
{
    public static PortfolioSeriesAnswer Of(PortfolioSeries series) => new(
        series.Portfolio, series.BaseCurrency, series.CostBasis, series.Interval.Name(), series.AsOf, series.Revision, series.Complete,
        series.Time, new(series.MarketValue, series.ExactMarketValue), new(series.Contributions, series.ExactContributions), new(series.Distributions, series.ExactDistributions),
        new(series.RealisedPnl, series.ExactRealisedPnl), new(series.UnrealisedPnl, series.ExactUnrealisedPnl), new(series.TotalPnl, series.ExactTotalPnl), series.Twr, series.Statistics,
        Cursor.Of(series.Next, Amount.Zero, series.Revision));
}

/// <summary>A page of lots.</summary>
internal sealed record LotsAnswer(string Portfolio, string BaseCurrency, long Revision, IReadOnlyList<LotAnswer> Items, string? NextCursor);

/// <summary>A lot, or a part of one.</summary>
internal sealed record LotAnswer(
    string Token, string Status, Amount Quantity, string OpenedBy, [property: JsonConverter(typeof(EntryTimeConverter))] DateTimeOffset Opened,
    string? ClosedBy, [property: JsonConverter(typeof(EntryTimeConverter))] DateTimeOffset? Closed,
    Amount? Cost, Amount? Proceeds, Amount? Gain, long? HoldingPeriodSeconds)
{
    public static LotAnswer Of(LotReport lot) => new(
        lot.Token, lot.ClosedBy is null ? "open" : "closed", lot.Quantity, lot.OpenedBy, lot.Opened, lot.ClosedBy, lot.Closed, lot.Cost, lot.Proceeds, lot.Gain, lot.HoldingPeriodSeconds);
}
