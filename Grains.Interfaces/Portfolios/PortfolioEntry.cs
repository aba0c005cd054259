using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>An entry of a portfolio's ledger; what each field means is said at the domain's <see cref="LedgerEntry"/>.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.PortfolioEntry")]
public sealed record PortfolioEntry
{
    /// <summary>The client's id for it.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>When it happened, UTC.</summary>
    [Id(1), JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset Time { get; init; }

    /// <summary>What it does.</summary>
    [Id(2)]
    public EntryKind Kind { get; init; }

    /// <summary>The token it is about.</summary>
    [Id(3)]
    public required string Token { get; init; }

    /// <summary>Units of the token, above zero.</summary>
    [Id(4)]
    public decimal Quantity { get; init; }

    /// <summary>Price of a unit.</summary>
    [Id(5)]
    public decimal? Price { get; init; }

    /// <summary>What the price is in.</summary>
    [Id(6)]
    public string? Currency { get; init; }

    /// <summary>What was paid for it besides.</summary>
    [Id(7)]
    public required EntryFee[] Fees { get; init; }

    /// <summary>Anything the client wants to find again.</summary>
    [Id(8)]
    public string? Note { get; init; }

    /// <summary>The message of an entry.</summary>
    public static PortfolioEntry Of(LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new()
        {
            Id = entry.Id,
            Time = entry.Time,
            Kind = entry.Kind,
            Token = entry.Token,
            Quantity = entry.Quantity,
            Price = entry.Price,
            Currency = entry.Currency,
            Fees = entry.Fees.IsDefaultOrEmpty ? [] : [.. entry.Fees.Select(fee => new EntryFee(fee.Amount, fee.Currency))],
            Note = entry.Note,
        };
    }

    /// <summary>The entry of a message.</summary>
    public LedgerEntry ToLedger() =>
        new(Id, Time.ToUniversalTime(), Kind, Token, Quantity, Price, Currency, [.. (Fees ?? []).Select(fee => new TradeFee(fee.Amount, fee.Currency))], Note);
}

/// <summary>A fee of an entry.</summary>
/// <param name="Amount">How much, not zero; below zero is a rebate.</param>
/// <param name="Currency">In which token or currency.</param>
[GenerateSerializer, Immutable, Alias("Pnl.EntryFee")]
public readonly record struct EntryFee([property: Id(0)] decimal Amount, [property: Id(1)] string Currency);

/// <summary>Why a change of a ledger was refused; nothing was changed.</summary>
/// <param name="EntryId">The entry at which it fails: not always one that was sent.</param>
/// <param name="Index">Its place among those that were sent; null if it was not.</param>
/// <param name="Code">A stable code, see <see cref="EntryCodes"/>.</param>
/// <param name="Field">The field that is at fault.</param>
/// <param name="Detail">What was expected.</param>
/// <param name="Held">For <see cref="EntryCodes.NotHeld"/>: what is held of the token at that time.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RefusedEntry")]
public sealed record RefusedEntry(
    [property: Id(0)] string EntryId, [property: Id(1)] int? Index, [property: Id(2)] string Code, [property: Id(3)] string Field,
    [property: Id(4)] string Detail, [property: Id(5)] Amount? Held);

/// <summary>What became of a change of a ledger: once it is durable, or nothing of it.</summary>
/// <param name="Accepted">Entries added, corrected or deleted.</param>
/// <param name="Unchanged">Entries that were there already with the same content.</param>
/// <param name="Revision">The portfolio's revision afterwards.</param>
/// <param name="Refused">Why nothing was changed; null if it was.</param>
[GenerateSerializer, Immutable, Alias("Pnl.LedgerResult")]
public sealed record LedgerResult(
    [property: Id(0)] int Accepted, [property: Id(1)] int Unchanged, [property: Id(2)] long Revision, [property: Id(3)] RefusedEntry? Refused);

/// <summary>A page of a ledger, in the order in which entries count: by time, kind and id.</summary>
/// <param name="Items">The entries.</param>
/// <param name="Next">The entry behind which there are more; null at the end.</param>
/// <param name="Revision">The portfolio's revision.</param>
[GenerateSerializer, Immutable, Alias("Pnl.EntriesPage")]
public sealed record EntriesPage(
    [property: Id(0)] PortfolioEntry[] Items, [property: Id(1)] EntryPlace? Next, [property: Id(2)] long Revision);

/// <summary>A place in the order of a ledger, whether there is an entry or not.</summary>
/// <param name="Time">Time of the entry, UTC.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its id.</param>
[GenerateSerializer, Immutable, Alias("Pnl.EntryPlace")]
public sealed record EntryPlace([property: Id(0)] DateTimeOffset Time, [property: Id(1)] EntryKind Kind, [property: Id(2)] string Id);
