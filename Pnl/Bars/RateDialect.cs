using System.Globalization;

namespace Pnl;

/// <summary>How a text writes its table of rates: what stands above it, between its fields, and for the decimal point.</summary>
/// <param name="Delimiter">What stands between fields.</param>
/// <param name="Header">Number of the line with the names of the columns, from 1; 0 if the table has none.</param>
/// <param name="Columns">Where time and rate stand.</param>
/// <param name="Count">How many columns there are.</param>
/// <param name="DecimalComma">Whether rates have a comma for their point.</param>
internal sealed record RateDialect(char Delimiter, int Header, RateColumns Columns, int Count, bool DecimalComma)
{
    /// <summary>So many lines may stand above the header: an advertisement, the name of the pair, a remark.</summary>
    private const int MostLinesAbove = 10;

    private const int LinesOfSample = 200;

    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <summary>Finds out how a text is written.</summary>
    /// <param name="source">What is read, to name it in errors.</param>
    /// <param name="begin">The beginning of the text, or all of it.</param>
    /// <param name="quote">The currency in which rates should be; null if nothing says which.</param>
    /// <param name="mayLackHeader">Whether a table of numbers alone is known by its number of columns, as archives write them.</param>
    /// <exception cref="RateFileException">It cannot be found out; the message tells why.</exception>
    public static RateDialect Of(string source, string begin, string? quote, bool mayLackHeader)
    {
        List<(int Number, string Text)> lines = Lines(begin, LinesOfSample);
        if (lines.Count == 0)
        {
            throw new RateFileException($"{source} is empty: not even a header such as 'time,rate' is there.");
        }

        foreach ((int number, string text) in lines.Take(MostLinesAbove))
        {
            foreach (char delimiter in Delimiters)
            {
                string[] names = Fields(text, delimiter);
                if (names.Length > 1 && RateColumns.IsHeader(names))
                {
                    return new(delimiter, number, RateColumns.Find(source, names, quote), names.Length, DecimalComma: false);
                }
            }
        }

        if (mayLackHeader && OfNumbers(source, lines) is { } numbers)
        {
            return numbers;
        }

        // No header, and no numbers: the first line shows what there is instead.
        RateColumns.Find(source, Fields(lines[0].Text, ','), quote);
        throw new RateFileException($"{source} has no header such as 'time,rate'.");
    }

    /// <summary>
    /// Whether the rates of a whole text have a decimal comma. Each that has a separator says what it can mean; all of them
    /// together must leave one convention, for nothing is guessed.
    /// </summary>
    /// <exception cref="RateFileException">They contradict each other, or leave both.</exception>
    public RateDialect WithDecimalsOf(string source, TextLines lines)
    {
        bool mayBePoint = true, mayBeComma = true, any = false;
        int line = 0;
        (int Line, string Rate) told = default;
        while (lines.MoveNext())
        {
            ReadOnlySpan<char> row = lines.Current;
            if (++line <= Header || row.IsWhiteSpace())
            {
                continue;
            }

            ReadOnlySpan<char> rate = Field(row, Delimiter, Columns.Rate).Trim().Trim('"');
            if (!rate.ContainsAny('.', ','))
            {
                continue;
            }

            (bool point, bool comma) = Readings(rate);
            if (!point && !comma)
            {
                continue; // no number in either: its row will be told
            }

            any = true;
            if ((mayBePoint && point) == false && (mayBeComma && comma) == false)
            {
                throw new RateFileException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source} writes rates with a decimal {(mayBePoint ? "point" : "comma")} ('{told.Rate}' in line {told.Line}) and with the other ('{rate}' in line {line})."));
            }

            if (mayBePoint != (mayBePoint && point) || mayBeComma != (mayBeComma && comma))
            {
                told = (line, rate.ToString());
            }

            (mayBePoint, mayBeComma) = (mayBePoint && point, mayBeComma && comma);
            if (told.Rate is null)
            {
                told = (line, rate.ToString());
            }
        }

        return !any || !mayBeComma ? this
            : !mayBePoint ? this with { DecimalComma = true }
            : throw new RateFileException(string.Create(
                CultureInfo.InvariantCulture,
                $"{source} does not tell what its rates mean: '{told.Rate}' in line {told.Line} may have a decimal separator or one of thousands. Write them with a decimal point and commas between columns."));
    }

    /// <summary>A rate with a point for its decimals and nothing between its thousands.</summary>
    /// <param name="text">The rate as it is written.</param>
    /// <param name="into">At least as long.</param>
    public ReadOnlySpan<char> Number(ReadOnlySpan<char> text, Span<char> into)
    {
        (char point, char group) = DecimalComma ? (',', '.') : ('.', ',');
        int length = 0;
        foreach (char c in text)
        {
            if (c != group)
            {
                into[length++] = c == point ? '.' : c;
            }
        }

        return into[..length];
    }

    private static RateDialect? OfNumbers(string source, List<(int Number, string Text)> lines)
    {
        foreach (char delimiter in Delimiters)
        {
            string[][] rows = [.. lines.Select(line => Fields(line.Text, delimiter))];
            string[] first = rows[0];
            if (first.Length < 2 || first.Any(field => RateText.Parse(field, out _) is BarDefect.RateMalformed) ||
                OpenTime.Read(first[0], out _) != BarDefect.None)
            {
                continue;
            }

            rows = [.. rows.Where(row => row.Length == first.Length)];
            RateColumns usual = new(0, 4) { More = (1, 2, 3) }, gate = new(0, 2) { More = (5, 3, 4) };
            RateColumns[] layouts = first.Length switch
            {
                2 => [new(0, 1)], // time, rate
                3 => [new(0, 1)], // time, price, amount: trades
                5 or 7 or 8 or 9 or 12 => [usual], // time, open, high, low, close, and what follows
                6 => [usual, gate],
                _ => [],
            };
            RateColumns[] fitting = [.. layouts.Where(layout => rows.All(row => Fits(layout, row)))];
            return fitting is [var only]
                ? new(delimiter, 0, only, first.Length, DecimalComma: false)
                : throw new RateFileException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source} has no header, and its {first.Length} columns of numbers are {(fitting.Length == 0 ? "none that are known" : "of more than one meaning")}: put a header such as 'time,open,high,low,close' above them."));
        }

        return null;
    }

    private static bool Fits(RateColumns layout, string[] row)
    {
        if (layout.More is not var (open, high, low))
        {
            return true;
        }

        return RateText.ParseRounded(row[open], out decimal first, out _) != BarDefect.None
            || RateText.ParseRounded(row[high], out decimal highest, out _) != BarDefect.None
            || RateText.ParseRounded(row[low], out decimal lowest, out _) != BarDefect.None
            || RateText.ParseRounded(row[layout.Rate], out decimal last, out _) != BarDefect.None
            || (lowest <= Math.Min(first, last) && highest >= Math.Max(first, last));
    }

    /// <summary>What the separators of a number can be: a decimal point with commas between thousands, or the other way round.</summary>
    private static (bool Point, bool Comma) Readings(ReadOnlySpan<char> rate) => (IsNumber(rate, '.', ','), IsNumber(rate, ',', '.'));

    private static bool IsNumber(ReadOnlySpan<char> text, char point, char group)
    {
        int at = text.IndexOf(point);
        ReadOnlySpan<char> whole = (at < 0 ? text : text[..at]).TrimStart("+-"), rest = at < 0 ? [] : text[(at + 1)..];
        if (rest.ContainsAny(point, group))
        {
            return false;
        }

        if (!whole.Contains(group))
        {
            return true; // what else may be wrong with it is told of its row
        }

        // Thousands: three digits behind each separator, one to three before the first, and no leading zero.
        int firstGroup = whole.IndexOf(group);
        if (firstGroup is < 1 or > 3 || whole[0] == '0' || (whole.Length - firstGroup) % 4 != 0)
        {
            return false;
        }

        for (int i = firstGroup; i < whole.Length; i++)
        {
            if ((i - firstGroup) % 4 == 0 ? whole[i] != group : !char.IsAsciiDigit(whole[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static ReadOnlySpan<char> Field(ReadOnlySpan<char> row, char delimiter, int index)
    {
        for (; index > 0; index--)
        {
            int at = row.IndexOf(delimiter);
            if (at < 0)
            {
                return [];
            }

            row = row[(at + 1)..];
        }

        int end = row.IndexOf(delimiter);
        return end < 0 ? row : row[..end];
    }

    private static string[] Fields(string line, char delimiter) => [.. line.Split(delimiter).Select(field => field.Trim().TrimStart('\uFEFF').Trim('"').Trim())];

    private static List<(int Number, string Text)> Lines(string begin, int most)
    {
        List<(int, string)> lines = [];
        int number = 0;
        foreach (ReadOnlySpan<char> line in begin.AsSpan().EnumerateLines())
        {
            number++;
            if (lines.Count == most)
            {
                break;
            }

            if (!line.TrimStart('\uFEFF').IsWhiteSpace())
            {
                lines.Add((number, line.ToString()));
            }
        }

        return lines;
    }
}
