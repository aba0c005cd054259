using System.Collections.Immutable;

namespace Pnl;

/// <summary>What a file of trades said.</summary>
/// <param name="Format">Whose export it is: <c>pnl</c>, <c>coinbase</c>, <c>kraken-ledgers</c>, <c>kraken-trades</c> or <c>binance-trades</c>.</param>
/// <param name="Entries">
/// The entries, in the order of the file. Their ids are those of the export, after its name, or where it has none a hash of
/// the row: reading the same rows again, from a longer export too, gives the same ids.
/// </param>
/// <param name="Rejected">The rows that gave no entry, each with its reason.</param>
public sealed record LedgerFile(string Format, ImmutableArray<LedgerEntry> Entries, ImmutableArray<LedgerRejection> Rejected);

/// <summary>A row of a file that gave no entry.</summary>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Code">A stable code: one of <see cref="EntryCodes"/>, or <c>row.…</c> (malformed, unsupported, unpaired, internal).</param>
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
