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

    /// <summary>Of a redenomination, in place of the quantity: so many new units, a whole number from 1 to 10,000,000.</summary>
    public int? Numerator { get; init; }

    /// <summary>For so many old units, likewise.</summary>
    public int? Denominator { get; init; }

    [JsonConverter(typeof(ExactDecimalConverter))]
    public decimal? Price { get; init; }

    public string? Currency { get; init; }
    public FeeBody[]? Fees { get; init; }
    public string? Note { get; init; }

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
        Quantity = Numerator is null && Denominator is null ? Quantity ?? throw Missing(path + "quantity", "a number above 0") : OfRatio(path),
        Price = Price,
        Currency = Currency,
        Fees =
        [
            .. (Fees ?? []).Select((fee, i) => new EntryFee(
                fee?.Amount ?? throw Missing(path + $"fees[{i}].amount", "a number other than 0"), fee.Currency ?? throw Missing(path + $"fees[{i}].currency", TokenId.Rule))),
        ],
        Note = Note,
    };

    private decimal OfRatio(string path)
    {
        string wanted = $"a whole number from 1 to {Ratio.LargestTerm}";
        return Kind != EntryKinds.Name(EntryKind.Redenomination) ? throw ApiException.BadRequest(EntryCodes.NotApplicable, "A ratio is a redenomination's alone.", path + "numerator", "none; the quantity, for this kind")
            : Quantity is not null ? throw ApiException.BadRequest(EntryCodes.NotApplicable, "There are a quantity and a ratio.", path + "quantity", "none, beside numerator and denominator")
            : Term(Numerator, "numerator") is var numerator && Term(Denominator, "denominator") is var denominator ? Ratio.Quantity(numerator, denominator) : 0m;

        int Term(int? term, string field) => term is null ? throw Missing(path + field, wanted)
            : term is >= 1 and <= Ratio.LargestTerm ? term.Value
            : throw ApiException.BadRequest("ratio.outOfRange", $"{term} is no term of a ratio.", path + field, wanted);
    }

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
