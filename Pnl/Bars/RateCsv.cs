using nietras.SeparatedValues;

namespace Pnl;

/// <summary>
/// Reads rates from separated text (see <see cref="RateColumns"/> for the columns and <see cref="OpenTime"/> for the times).
/// Columns are separated by commas, semicolons, tabs or bars; lines that stand above the header are passed over, and blank
/// lines are no rows. Where something else than a comma separates, rates may have a decimal comma: all of them together tell,
/// or the text is refused. A field may stand in double quotes; a separator or line end inside quotes is not supported, because
/// a quote that is never closed would then swallow the rest of the file instead of spoiling its own row.
/// </summary>
public sealed class RateCsv : IRateReader
{
    private const int BeginChars = 1 << 16;
    private const int MostChars = 1 << 26; // of a text that is held whole, since it has to be seen whole before its first rate

    private readonly string _source;
    private readonly bool _mayBeCutOff;
    private readonly RateDialect _dialect;
    private readonly FollowedText _text;
    private readonly SepReader _rows;
    private readonly LastLine _last = new();
    private int _passed;
    private RateRow _ahead;
    private bool _hasAhead;

    /// <summary>Reads the header.</summary>
    /// <param name="text">The text; closed with this reader, and at once if this throws.</param>
    /// <param name="source">What is read, to name it in errors.</param>
    /// <param name="quote">The currency in which rates should be, in lower case; null if nothing says which.</param>
    /// <param name="mayLackHeader">Whether it may lack a header where its columns tell themselves, as archives write files.</param>
    /// <param name="mayBeCutOff">
    /// Whether it may have been cut off on its way, so that what stands in a last line without an end is no rate
    /// (<see cref="BarDefect.RowCutOff"/>) unless its length shows that it is whole.
    /// </param>
    /// <exception cref="RateFileException">There is no header, or not the one that is needed.</exception>
    public RateCsv(TextReader text, string source = "The CSV", string? quote = null, bool mayLackHeader = false, bool mayBeCutOff = false)
        : this(text, source, quote, mayLackHeader, mayBeCutOff, again: null)
    {
    }

    /// <summary>The same of a text that can be opened again, so that it is never held whole.</summary>
    internal RateCsv(TextReader text, string source, string? quote, bool mayLackHeader, bool mayBeCutOff, Func<TextReader>? again)
    {
        ArgumentNullException.ThrowIfNull(text);
        (_source, _mayBeCutOff) = (source, mayBeCutOff);
        try
        {
            string begin = Begin(text, out bool isWhole);
            int lastLine = begin.LastIndexOf('\n');
            _dialect = RateDialect.Of(source, isWhole || lastLine < 0 ? begin : begin[..(lastLine + 1)], quote, mayLackHeader);
            if (_dialect.Delimiter != ',')
            {
                begin = again is null ? begin + Rest(text) : begin;
                using TextReader whole = again?.Invoke() ?? new StringReader(begin);
                _dialect = _dialect.WithDecimalsOf(source, new(whole, source));
            }

            _text = new(begin, text);
            _rows = Sep.New(_dialect.Delimiter).Reader(options => options with
            {
                // The header is passed over as a row: its names need not be unique.
                HasHeader = false,
                DisableColCountCheck = true,
                DisableQuotesParsing = true,
            }).From(_text);
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
            _hasAhead = TryReadRow(out _ahead);
        }
        catch
        {
            _rows.Dispose();
            throw;
        }
    }

    /// <summary>Lines that stand above the header and are none of the table.</summary>
    public int LinesAbove => Math.Max(0, _dialect.Header - 1);

    /// <summary>The currency that the rate column tells by its name, in lower case; null if it tells none.</summary>
    public string? Currency => _dialect.Columns.Currency;

    /// <inheritdoc/>
    public bool TryRead(out RateRow row)
    {
        row = _ahead;
        if (!_hasAhead)
        {
            return false;
        }

        _hasAhead = TryReadRow(out _ahead);
        if (!_hasAhead && _mayBeCutOff && !_text.EndsWithLine && row.Defect != BarDefect.RowMalformed && !_last.IsWhole)
        {
            row = new(row.Line, 0, 0m, BarDefect.RowCutOff, row.TimeSeconds);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private bool TryReadRow(out RateRow row)
    {
        while (MoveNext())
        {
            SepReader.Row fields = _rows.Current;
            if (_passed < _dialect.Header)
            {
                _passed++; // the header, and what stands above it: a line each
                continue;
            }

            if (fields.ColCount == _dialect.Count)
            {
                row = Read(fields);
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

    private RateRow Read(SepReader.Row fields)
    {
        RateColumns columns = _dialect.Columns;
        ReadOnlySpan<char> time = Unquoted(fields[columns.Time].Span), rate = Unquoted(fields[columns.Rate].Span);
        if (_mayBeCutOff)
        {
            _last.Next(columns.Rate == _dialect.Count - 1 ? rate : [], columns.Time == _dialect.Count - 1 ? time : []);
        }

        BarDefect timeDefect = OpenTime.Read(time, out RateTime at);
        BarDefect rateDefect = Rate(rate, out decimal value, out bool rounded);
        if (rateDefect == BarDefect.None && columns.More is var (open, high, low) && Contradicts(fields[open].Span, fields[high].Span, fields[low].Span, value))
        {
            (rateDefect, value, rounded) = (BarDefect.RowContradictory, 0m, false);
        }

        return RateRow.Of(fields.LineNumberFrom, timeDefect, at, rateDefect, value, rounded);
    }

    private bool Contradicts(ReadOnlySpan<char> open, ReadOnlySpan<char> high, ReadOnlySpan<char> low, decimal close) =>
        Rate(Unquoted(high), out decimal highest, out _) == BarDefect.None && Rate(Unquoted(low), out decimal lowest, out _) == BarDefect.None
        && (highest < close || lowest > close || (Rate(Unquoted(open), out decimal first, out _) == BarDefect.None && (highest < first || lowest > first)));

    private BarDefect Rate(ReadOnlySpan<char> text, out decimal rate, out bool rounded)
    {
        const int MostChars = 256;
        if (_dialect.Delimiter == ',' || text.Length > MostChars || !text.ContainsAny('.', ','))
        {
            return RateText.ParseRounded(text, out rate, out rounded);
        }

        Span<char> number = stackalloc char[MostChars];
        return RateText.ParseRounded(_dialect.Number(text, number), out rate, out rounded);
    }

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> field) =>
        field is ['"', .., '"'] ? field[1..^1] : field;

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

    private static string Begin(TextReader text, out bool isWhole)
    {
        char[] begin = new char[BeginChars];
        int count = text.ReadBlock(begin);
        isWhole = count < begin.Length;

        // A byte order mark survives where text did not come from a decoder.
        return new string(begin, 0, count).TrimStart('\uFEFF');
    }

    private string Rest(TextReader text)
    {
        System.Text.StringBuilder rest = new();
        char[] part = new char[BeginChars];
        for (int count; (count = text.ReadBlock(part)) > 0;)
        {
            rest.Append(part, 0, count);
            if (rest.Length > MostChars)
            {
                throw new RateFileException($"{_source} has more than {MostChars} characters and no commas between its columns: write it with commas.");
            }
        }

        return rest.ToString();
    }

    private RateFileException TooLong(Exception e) => TextLines.TooLong(_source, e);

    /// <summary>Text of which the beginning was read already; it knows whether it ended with a line end.</summary>
    private sealed class FollowedText(string begin, TextReader rest) : TextReader
    {
        private int _at;
        private char _last;

        public bool EndsWithLine => _last is '\n' or '\r';

        public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

        public override int Read(Span<char> buffer)
        {
            int read = Math.Min(buffer.Length, begin.Length - _at);
            if (read > 0)
            {
                begin.AsSpan(_at, read).CopyTo(buffer);
                _at += read;
            }
            else
            {
                read = rest.Read(buffer);
            }

            _last = read > 0 ? buffer[read - 1] : _last;
            return read;
        }

        public override int ReadBlock(Span<char> buffer)
        {
            int read = 0;
            for (int more; read < buffer.Length && (more = Read(buffer[read..])) > 0; read += more)
            {
            }

            return read;
        }

        public override int Read()
        {
            Span<char> one = stackalloc char[1];
            return Read(one) == 0 ? -1 : one[0];
        }

        public override int Peek() => _at < begin.Length ? begin[_at] : rest.Peek();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                rest.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    /// <summary>
    /// Tells from the rows before whether the last field of the last line is whole. Only what stands last in its line can have
    /// been cut: a rate is whole if it has as many decimals as any before it, or, where there are none at all, as many digits
    /// as the one before; a time if it is as long as the one before.
    /// </summary>
    private sealed class LastLine
    {
        private int _rows, _decimals, _mostDecimals, _digits, _digitsBefore, _timeLength, _timeLengthBefore;
        private bool _hasRate, _hasTime;

        public bool IsWhole => _rows < 2 || (
            (!_hasRate || (_mostDecimals > 0 ? _decimals >= _mostDecimals : _digits >= _digitsBefore))
            && (!_hasTime || _timeLength >= _timeLengthBefore));

        public void Next(ReadOnlySpan<char> rate, ReadOnlySpan<char> time)
        {
            _rows++;
            (_hasRate, _hasTime) = (!rate.IsEmpty, !time.IsEmpty);
            _mostDecimals = Math.Max(_mostDecimals, _decimals);
            int point = rate.IndexOfAny('.', ',');
            (_digitsBefore, _digits) = (_digits, point < 0 ? rate.Length : point);
            _decimals = point < 0 ? 0 : rate.Length - point - 1;
            (_timeLengthBefore, _timeLength) = (_timeLength, time.Length);
        }
    }
}
