using nietras.SeparatedValues;

namespace Pnl;

/// <summary>
/// Reads rates from comma separated text with a header (see <see cref="RateColumns"/> for the columns and
/// <see cref="OpenTime"/> for the times). Blank lines are no rows. A field may stand in double quotes; a comma or line
/// end inside quotes is not supported, because a quote that is never closed would then swallow the rest of the file
/// instead of spoiling its own row.
/// </summary>
public sealed class RateCsv : IRateReader
{
    private readonly string _source;
    private readonly SepReader _rows;
    private readonly RateColumns _columns;
    private readonly int _columnCount;

    /// <summary>Reads the header.</summary>
    /// <param name="text">The text; closed with this reader, and at once if this throws.</param>
    /// <param name="source">What is read, to name it in errors.</param>
    /// <exception cref="RateFileException">There is no header, or not the one that is needed.</exception>
    public RateCsv(TextReader text, string source = "The CSV")
    {
        ArgumentNullException.ThrowIfNull(text);
        _source = source;
        try
        {
            _rows = Sep.New(',').Reader(options => options with
            {
                // The header is read as a row: its names need not be unique, and an error names them all.
                HasHeader = false,
                DisableColCountCheck = true,
                DisableQuotesParsing = true,
            }).From(text);
        }
        catch (Exception e) when (e is NotSupportedException)
        {
            text.Dispose();
            throw TooLong(e);
        }
        catch
        {
            text.Dispose();
            throw;
        }

        try
        {
            List<string> header = ReadHeader();
            _columns = RateColumns.Find(_source, header);
            _columnCount = header.Count;
        }
        catch
        {
            _rows.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryRead(out RateRow row)
    {
        while (MoveNext())
        {
            SepReader.Row fields = _rows.Current;
            if (fields.ColCount == _columnCount)
            {
                row = Read(fields.LineNumberFrom, Unquoted(fields[_columns.Time].Span), Unquoted(fields[_columns.Rate].Span));
                return true;
            }

            if (fields.Span.IsWhiteSpace())
            {
                continue;
            }

            row = new RateRow(fields.LineNumberFrom, 0, 0m, BarDefect.RowMalformed, 0);
            return true;
        }

        row = default;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private static RateRow Read(long line, ReadOnlySpan<char> time, ReadOnlySpan<char> rate)
    {
        BarDefect defect = OpenTime.Parse(time, out long seconds, out int slot);
        decimal value = 0m;
        if (defect == BarDefect.None)
        {
            defect = RateText.Parse(rate, out value);
        }

        return new RateRow(line, slot, value, defect, seconds);
    }

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> field) =>
        field is ['"', .., '"'] ? field[1..^1] : field;

    private List<string> ReadHeader()
    {
        while (MoveNext())
        {
            SepReader.Row fields = _rows.Current;
            if (fields.Span.IsWhiteSpace())
            {
                continue;
            }

            List<string> names = new(fields.ColCount);
            for (int i = 0; i < fields.ColCount; i++)
            {
                // A byte order mark survives where text did not come from a decoder.
                ReadOnlySpan<char> name = i == 0 ? fields[i].Span.TrimStart('\uFEFF') : fields[i].Span;
                names.Add(Unquoted(name.Trim()).ToString());
            }

            return names;
        }

        throw new RateFileException($"{_source} is empty: not even a header such as 'time,rate' is there.");
    }

    private bool MoveNext()
    {
        try
        {
            return _rows.MoveNext();
        }
        catch (NotSupportedException e)
        {
            throw TooLong(e);
        }
    }

    private RateFileException TooLong(Exception e) =>
        new($"{_source} has a line of more than 16 million characters: it is no table of rates.", e);
}
