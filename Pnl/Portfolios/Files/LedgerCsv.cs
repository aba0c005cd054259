using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// Reads ledgers from comma separated text: the exports of some exchanges, or our own columns
/// <c>id,time,kind,token,quantity,price,currency,fees,note</c>, whichever the header says. What stands before the header is
/// left out. A field may stand in double quotes, and then go on over the ends of lines; a quote that is not closed spoils its own row.
/// </summary>
public static class LedgerCsv
{
    // Exports begin with a few lines about themselves.
    private const int LinesBeforeHeader = 20;

    private static readonly ILedgerFormat[] Formats = [new PlainLedger(), new CoinbaseHistory(), new KrakenLedgers(), new KrakenTrades(), new BinanceTrades()];

    /// <summary>Reads a whole file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="now">The present: no entry may lie behind it.</param>
    /// <param name="source">What is read, to name it in errors.</param>
    /// <exception cref="LedgerFileException">No header that is known stands in the first lines.</exception>
    public static LedgerFile Read(TextReader text, DateTimeOffset now, string source = "The CSV")
    {
        ArgumentNullException.ThrowIfNull(text);
        LedgerLines lines = new(text);
        (ILedgerFormat format, List<string> header) = Header(lines, source);
        ImmutableArray<LedgerEntry>.Builder entries = ImmutableArray.CreateBuilder<LedgerEntry>();
        List<LedgerRejection> rejected = [];
        List<LedgerRow> rows = [];
        while (lines.Next(header.Count) is (long number, string line))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            List<string>? fields = LedgerRow.Split(line);
            if (fields is null || fields.Count != header.Count)
            {
                rejected.Add(new(number, "row.malformed", "", fields is null ? "a quote is not closed" : $"{fields.Count} fields, {header.Count} in the header"));
                continue;
            }

            rows.Add(new(number, line, header, fields));
        }

        Dictionary<string, int> seen = [];
        foreach (LedgerRow[] together in format.Group(rows))
        {
            try
            {
                LedgerEntry[] read = [.. format.Read(together)];
                foreach (LedgerEntry entry in read)
                {
                    if (EntryCheck.Check(entry, now) is { } defect)
                    {
                        throw new RowRefusal(new(together[0].Line, defect.Code, defect.Field, defect.Detail));
                    }
                }

                // Rows that are equal to the letter are trades all the same: two fills of one order.
                entries.AddRange(read.Select(entry => format.HasIds ? entry : entry with { Id = $"{entry.Id}-{seen[entry.Id] = seen.GetValueOrDefault(entry.Id) + 1}" }));
            }
            catch (RowRefusal refusal)
            {
                rejected.Add(refusal.Row);
                rejected.AddRange(together.Where(row => row.Line != refusal.Row.Line).Select(row => refusal.Row with { Line = row.Line, Field = "", Detail = $"belongs to line {refusal.Row.Line}" }));
            }
        }

        return new(format.Name, entries.ToImmutable(), [.. rejected.OrderBy(row => row.Line)]);
    }

    private static (ILedgerFormat Format, List<string> Header) Header(LedgerLines lines, string source)
    {
        for (int i = 0; i < LinesBeforeHeader && lines.Next(columns: 0) is (_, string line); i++)
        {
            List<string>? names = LedgerRow.Split(line.TrimStart('\uFEFF'))?.ConvertAll(name => name.Trim());
            if (names is not null && Array.Find(Formats, format => Array.TrueForAll(format.Columns, column => names.Contains(column, StringComparer.OrdinalIgnoreCase))) is { } format)
            {
                return (format, names);
            }
        }

        throw new LedgerFileException(
            $"{source} has no header that is known in its first {LinesBeforeHeader} lines. Expected are the columns of one of: {string.Join("; ", Formats.Select(format => $"{format.Name} ({string.Join(", ", format.Columns)})"))}.");
    }
}

/// <summary>The export of one exchange.</summary>
internal interface ILedgerFormat
{
    string Name { get; }

    /// <summary>The columns by which it is known.</summary>
    string[] Columns { get; }

    /// <summary>Whether it gives ids, so that the same id is the same trade.</summary>
    bool HasIds => true;

    /// <summary>The rows that make entries together, in the order of the first of each.</summary>
    IEnumerable<LedgerRow[]> Group(IReadOnlyList<LedgerRow> rows) => rows.Select(row => new[] { row });

    /// <exception cref="RowRefusal">They make none.</exception>
    IEnumerable<LedgerEntry> Read(LedgerRow[] rows);
}
