using System.Collections.Immutable;

namespace Pnl;

/// <summary>What a file of trades said.</summary>
/// <param name="Format">
/// Whose export it is: <c>pnl</c>, <c>coinbase</c>, <c>kraken-ledgers</c>, <c>kraken-trades</c>, <c>binance-trades</c>,
/// <c>binance-statement</c>, <c>binance-deposits</c> or <c>binance-withdrawals</c>.
/// </param>
/// <param name="Entries">
/// The entries, in the order of the file. Their ids are those of the export, after its name, or where it has none a hash of
/// what the row says: reading the same rows again, from a longer export too, or after a spreadsheet has saved the file, gives the same ids.
/// </param>
/// <param name="Rejected">The rows that gave no entry, each with its reason.</param>
public sealed record LedgerFile(string Format, ImmutableArray<LedgerEntry> Entries, ImmutableArray<LedgerRejection> Rejected)
{
    /// <summary>The entries by the rows that made them.</summary>
    internal IReadOnlyList<LedgerFileItem> Items { get; init; } = [];

    /// <summary>What was read, to name it in errors.</summary>
    internal string Source { get; init; } = "The CSV";

    /// <summary>
    /// Whether its ids are ours, so that <see cref="Against"/> has to be asked what a ledger has of it already. In our own columns the ids are the
    /// client's: another content under the same id is then a conflict, which the ledger finds.
    /// </summary>
    public bool IsExport => Format != "pnl";

    /// <summary>The line of an entry of this file, counted from 1; null if it has none of that id.</summary>
    public long? LineOf(string entryId) => With(entryId)?.Line;

    /// <summary>The rows that made an entry, by the first of their lines, and all that they made; null if this file has no entry of that id.</summary>
    public (long Line, ImmutableArray<LedgerEntry> Entries)? With(string entryId) =>
        Items.FirstOrDefault(item => Array.Exists(item.Entries, entry => entry.Id == entryId)) is { } item ? (item.Line, [.. item.Entries]) : null;

    /// <summary>What a ledger lacks of this file.</summary>
    /// <param name="stored">The entries of the ledger: all of them.</param>
    /// <exception cref="LedgerFileException">The ledger has the same trades from another export of the same exchange, where nothing tells which are the same.</exception>
    public LedgerImport Against(IEnumerable<LedgerEntry> stored) => LedgerImport.Of(this, stored);
}

/// <summary>The entries that some rows of a file made together: they are all in a ledger, or none of them.</summary>
/// <param name="Line">The first of the lines.</param>
/// <param name="Entries">The entries, one at least.</param>
/// <param name="FormerId">The id that releases before 1.1 gave to the first; null if it was the same.</param>
internal sealed record LedgerFileItem(long Line, LedgerEntry[] Entries, string? FormerId);

/// <summary>A row of a file that gave no entry.</summary>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Code">A stable code: one of <see cref="EntryCodes"/>, or <c>row.…</c> (malformed, ambiguous, unsupported, unpaired, internal).</param>
/// <param name="Field">The column at fault, by its name in the file; empty for the row as a whole.</param>
/// <param name="Detail">What was found and expected.</param>
public readonly record struct LedgerRejection(long Line, string Code, string Field, string Detail);

/// <summary>A file that is no ledger that can be read. The message says what was expected, and can be shown as it is.</summary>
public sealed class LedgerFileException : Exception
{
    /// <summary>An error without a text.</summary>
    public LedgerFileException()
    {
    }

    /// <summary>An error with a text that can be shown as it is.</summary>
    public LedgerFileException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a text that can be shown as it is, and what led to it.</summary>
    public LedgerFileException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
