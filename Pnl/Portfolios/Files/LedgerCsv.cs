using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// Reads ledgers from comma separated text: the exports of some exchanges, or our own columns
/// <c>id,time,kind,token,quantity,price,currency,fees,note</c>, whichever the header says. What stands before the header is
/// left out. A field may stand in double quotes, and then go on over the ends of lines; a quote that is not closed spoils its own row.
/// Fields may be parted by semicolons or tabs as well, and numbers may have a decimal comma where that is plain.
/// </summary>
public static class LedgerCsv
{
    // Exports begin with a few lines about themselves.
    private const int LinesBeforeHeader = 20;

    private static readonly char[] Separators = [',', ';', '\t'];

    /// <summary>Reads a whole file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="now">The present: no entry may lie behind it.</param>
    /// <param name="source">What is read, to name it in errors.</param>
    /// <param name="reading">What the file itself does not say; null if nothing is known of it.</param>
    /// <exception cref="LedgerFileException">No header that is known stands in the first lines, or a column is lacking.</exception>
    public static LedgerFile Read(TextReader text, DateTimeOffset now, string source = "The CSV", LedgerReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        LedgerLines lines = new(text);
        (ILedgerFormat format, List<string> header, char separator) = Header(lines, source);
        LedgerTable table = new(header, separator, source, reading ?? new()) { HasShortYears = format.HasShortYears, Numbers = format.Numbers };
        List<LedgerRejection> rejected = [];
        while (lines.Next(header.Count, separator) is (long number, string line))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            List<string>? fields = LedgerRow.Split(line, separator);
            if (fields is null || fields.Count != header.Count)
            {
                rejected.Add(new(number, "row.malformed", "", fields is null ? "a quote is not closed"
                    : $"{fields.Count} fields, {header.Count} in the header{(separator == ',' && fields.Count > header.Count ? ": a comma within a field, also that of a decimal, needs quotes around the field" : "")}"));
                continue;
            }

            table.Add(number, line, fields);
        }

        List<LedgerFileItem> items = [];
        Dictionary<string, int> seen = [];
        foreach (LedgerRow[] together in format.Group(table.Rows))
        {
            try
            {
                items.Add(Item(format, together, now, seen));
            }
            catch (OverflowException)
            {
                rejected.AddRange(together.Select(row => new LedgerRejection(row.Line, EntryCodes.TooLarge, "", "its amounts come to more than can be counted")));
            }
            catch (RowRefusal refusal)
            {
                rejected.Add(refusal.Row);
                rejected.AddRange(together.Where(row => row.Line != refusal.Row.Line).Select(row => refusal.Row with { Line = row.Line, Field = "", Detail = $"belongs to line {refusal.Row.Line}" }));
            }
        }

        return new(format.Name, [.. items.SelectMany(item => item.Entries)], [.. rejected.OrderBy(row => row.Line)]) { Items = items, Source = source };
    }

    private static LedgerFileItem Item(ILedgerFormat format, LedgerRow[] together, DateTimeOffset now, Dictionary<string, int> seen)
    {
        LedgerEntry[] read = [.. format.Read(together)];
        foreach (LedgerEntry entry in read)
        {
            if (EntryCheck.Check(entry, now) is { } defect)
            {
                throw new RowRefusal(new(together[0].Line, defect.Code, defect.Field, defect.Detail));
            }
        }

        string? former = format.FormerId(together) is { } id ? Counted(id) : null;

        // Rows that are equal are trades all the same: two fills of one order.
        return new(together[0].Line, format.HasIds ? read : Array.ConvertAll(read, entry => entry with { Id = Counted(entry.Id) }), former);

        string Counted(string one) => FormattableString.Invariant($"{one}-{seen[one] = seen.GetValueOrDefault(one) + 1}");
    }

    private static (ILedgerFormat Format, List<string> Header, char Separator) Header(LedgerLines lines, string source)
    {
        ILedgerFormat[] formats = [new PlainLedger(), new CoinbaseHistory(), new KrakenLedgers(), new KrakenTrades(), new BinanceTrades(), new BinanceOldTrades(), new BinanceStatement(), new BinanceTransfers()];
        (int Has, string Text)? nearest = null;
        for (int i = 0; i < LinesBeforeHeader && lines.Next(columns: 0) is (_, string line); i++)
        {
            foreach (char separator in Separators)
            {
                if (LedgerRow.Split(line.TrimStart('\uFEFF'), separator)?.ConvertAll(name => name.Trim()) is not { Count: > 1 } names)
                {
                    continue;
                }

                if (UnreadExports.Refusal(names) is { } wanted)
                {
                    throw new LedgerFileException($"{source} is {wanted}");
                }

                LedgerTable header = new(names, separator, source, new());
                foreach (ILedgerFormat format in formats)
                {
                    string[] lacking = Array.FindAll(format.Columns, column => header.Column(column.Split('|')) < 0);
                    int has = format.Columns.Length - lacking.Length;
                    if (lacking.Length == 0)
                    {
                        return (format, names, separator);
                    }

                    if (has >= 3 && has >= lacking.Length && !(nearest?.Has >= has))
                    {
                        nearest = (has, $"{source} looks like {format.Name}, by its header of {names.Count} columns, but lacks {(lacking.Length == 1 ? "the column" : "the columns")} {string.Join(", ", lacking.Select(column => column.Replace("|", " or ", StringComparison.Ordinal)))}.");
                    }
                }
            }
        }

        throw new LedgerFileException(nearest?.Text ??
            $"{source} has no header that is known in its first {LinesBeforeHeader} lines. Expected are the columns of one of: {string.Join("; ", formats.Select(format => $"{format.Name} ({string.Join(", ", format.Columns.Select(column => column.Split('|')[0]))})"))}.");
    }
}
