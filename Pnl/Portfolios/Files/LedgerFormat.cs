namespace Pnl;

/// <summary>The export of one exchange. One is made for each file, and may remember what it has seen of it.</summary>
internal interface ILedgerFormat
{
    string Name { get; }

    /// <summary>The columns that it must have, and by which it is known; other names of one behind a <c>|</c>.</summary>
    string[] Columns { get; }

    /// <summary>The columns that are numbers: where one of them has a decimal comma, a point in another is not sure to be a decimal point.</summary>
    string[] Numbers { get; }

    /// <summary>Whether it gives ids, so that the same id is the same trade. Where not, ids are hashes of what a row says.</summary>
    bool HasIds => true;

    /// <summary>Whether years may have two digits, the first part of the date.</summary>
    bool HasShortYears => false;

    /// <summary>The rows that make entries together, in the order of the first of each.</summary>
    /// <exception cref="LedgerFileException">The file as a whole cannot be read.</exception>
    IEnumerable<LedgerRow[]> Group(IReadOnlyList<LedgerRow> rows) => rows.Select(row => new[] { row });

    /// <exception cref="RowRefusal">They make none.</exception>
    IEnumerable<LedgerEntry> Read(LedgerRow[] rows);

    /// <summary>The id without its count that releases before 1.1 gave to the entry of a row; null if it was another way, or the same.</summary>
    string? FormerId(LedgerRow[] rows) => null;
}
