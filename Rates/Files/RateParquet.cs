using ParquetSharp;

namespace Pnl.Rates;

/// <summary>
/// Reads rates from a Parquet file with a time and a rate column, or OHLCV columns of which the close is taken (see
/// <see cref="RateColumns"/>, <see cref="ParquetTimes"/>, <see cref="ParquetRates"/>). Only those two columns are read.
/// </summary>
internal sealed class RateParquet : IRateReader
{
    private const int BatchRows = 4096;
    private readonly string _path;
    private readonly ParquetFileReader _file;
    private readonly ParquetCells<RateTime> _timeCells;
    private readonly ParquetCells<ParquetRate> _rateCells;
    private readonly RateTime[] _times = new RateTime[BatchRows];
    private readonly ParquetRate[] _rates = new ParquetRate[BatchRows];
    private readonly BarDefect[] _timeDefects = new BarDefect[BatchRows];
    private readonly BarDefect[] _rateDefects = new BarDefect[BatchRows];
    private RowGroupReader? _group;
    private int _nextGroup;
    private long _leftInGroup;
    private int _filled;
    private int _next;
    private long _line;

    public RateParquet(string path, string? quote = null)
    {
        _path = path;
        using ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnableBufferedStream(); // else a whole row group of a column is held
        _file = new ParquetFileReader(path, properties);
        try
        {
            RowCount = NotNegative(_file.FileMetaData.NumRows);
            SchemaDescriptor schema = _file.FileMetaData.Schema;
            ColumnDescriptor[] columns = [.. Enumerable.Range(0, schema.NumColumns).Select(schema.Column)];
            RateColumns wanted = RateColumns.Find(path, [.. columns.Select(c => c.Name)], quote);
            Currency = wanted.Currency;
            _timeCells = ParquetTimes.Open(path, wanted.Time, Flat(columns[wanted.Time]));
            _rateCells = ParquetRates.Open(path, wanted.Rate, Flat(columns[wanted.Rate]));
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public long RowCount { get; }

    public string? Currency { get; }

    public double Fraction => RowCount == 0 ? 1 : (double)_line / RowCount;

    public bool TryRead(out RateRow row)
    {
        if (_next == _filled && !Fill())
        {
            row = default;
            return false;
        }

        int i = _next++;
        row = RateRow.Of(++_line, _timeDefects[i], _times[i], _rateDefects[i], _rates[i].Value, _rates[i].IsRounded);
        return true;
    }

    public void Dispose()
    {
        _timeCells.Dispose();
        _rateCells.Dispose();
        _group?.Dispose();
        _file.Dispose();
    }

    private bool Fill()
    {
        while (_leftInGroup == 0)
        {
            if (_nextGroup == _file.FileMetaData.NumRowGroups)
            {
                return false;
            }

            _group?.Dispose();
            _group = _file.RowGroup(_nextGroup++);
            _leftInGroup = NotNegative(_group.MetaData.NumRows);
            _timeCells.Enter(_group);
            _rateCells.Enter(_group);
        }

        int rows = (int)Math.Min(_leftInGroup, BatchRows);
        try
        {
            _timeCells.Read(_times.AsSpan(0, rows), _timeDefects.AsSpan(0, rows));
            _rateCells.Read(_rates.AsSpan(0, rows), _rateDefects.AsSpan(0, rows));
        }
        catch (RateFileException e)
        {
            throw new RateFileException($"{_path} is damaged behind row {_line}: {e.Message}.", e);
        }

        _leftInGroup -= rows;
        _filled = rows;
        _next = 0;
        return true;
    }

    private long NotNegative(long rows) => rows >= 0 ? rows : throw new RateFileException($"{_path} is damaged: it says to have {rows} rows.");

    private ColumnDescriptor Flat(ColumnDescriptor column) =>
        column.MaxRepetitionLevel == 0 && column.MaxDefinitionLevel <= 1
            ? column
            : throw new RateFileException($"{_path} nests column '{column.Name}': wanted a plain column.");
}
