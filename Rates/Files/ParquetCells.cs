using ParquetSharp;

namespace Pnl.Rates;

/// <summary>Turns a value as Parquet stores it into what is wanted of it, or says what is wrong with it.</summary>
internal delegate BarDefect CellConversion<TStored, TCell>(TStored stored, out TCell cell);

/// <summary>One column of a Parquet file, row group by row group, converted cell by cell.</summary>
internal abstract class ParquetCells<TCell> : IDisposable
{
    /// <summary>Goes to the begin of a row group.</summary>
    public abstract void Enter(RowGroupReader group);

    /// <summary>Fills both spans, of equal length, with the next cells and their defects.</summary>
    /// <exception cref="RateFileException">The column ends before.</exception>
    public abstract void Read(Span<TCell> cells, Span<BarDefect> defects);

    public abstract void Dispose();
}

/// <summary>
/// The same, over the physical type of the column. The physical values are read, not ParquetSharp's logical ones: those
/// round what a <see cref="decimal"/> or a <see cref="DateTime"/> does not hold.
/// </summary>
internal sealed class ParquetCells<TStored, TCell>(
    int column, bool optional, BarDefect absent, CellConversion<TStored, TCell> convert) : ParquetCells<TCell>
    where TStored : unmanaged
{
    private const int BatchRows = 4096;
    private readonly TStored[] _stored = new TStored[BatchRows];
    private readonly short[] _levels = new short[optional ? BatchRows : 0];
    private ColumnReader<TStored>? _reader;

    public override void Enter(RowGroupReader group)
    {
        _reader?.Dispose();
        _reader = (ColumnReader<TStored>)group.Column(column);
    }

    public override void Read(Span<TCell> cells, Span<BarDefect> defects)
    {
        while (!cells.IsEmpty)
        {
            int wanted = Math.Min(cells.Length, BatchRows);
            int rows = (int)_reader!.ReadBatch(
                wanted, optional ? _levels.AsSpan(0, wanted) : [], [], _stored.AsSpan(0, wanted), out long valuesRead);
            if (rows == 0)
            {
                throw new RateFileException($"a column ends {cells.Length} rows too early");
            }

            // Converted before the next batch is read: strings lie in the reader's page until then.
            int value = 0;
            for (int row = 0; row < rows; row++)
            {
                bool present = !optional || _levels[row] > 0;
                cells[row] = default!;
                defects[row] = present ? convert(_stored[value++], out cells[row]) : absent;
            }

            if (value != valuesRead)
            {
                throw new RateFileException($"a column has {valuesRead} values where {value} belong");
            }

            cells = cells[rows..];
            defects = defects[rows..];
        }
    }

    public override void Dispose() => _reader?.Dispose();
}
