namespace Pnl.Cli.Import;

/// <summary>
/// Cuts a file's good rows into chunks and says which range each covers: the file is the source of its whole range, so
/// a bar that it does not have is absent, not missing. A chunk covers up to where the next begins; the last one up to
/// the close of its last bar. That needs rows in order of time. Once a row steps back nothing is claimed until the last
/// chunk, which then covers the range of the whole file.
/// </summary>
internal sealed class RateChunks
{
    private readonly IRateReader _rows;
    private readonly FileTally _tally;
    private readonly RateChunk _chunk;
    private RateRow _ahead;
    private bool _hasAhead;
    private bool _inOrder = true;
    private int _firstSlot = int.MaxValue;
    private int _lastSlot = int.MinValue;

    /// <summary>Begins at the first row.</summary>
    /// <param name="rows">What is read.</param>
    /// <param name="tally">Where every row is counted, and defective ones are rejected.</param>
    /// <param name="maxRows">The most rows of a chunk.</param>
    public RateChunks(IRateReader rows, FileTally tally, int maxRows)
    {
        _rows = rows;
        _tally = tally;
        _chunk = new RateChunk(maxRows);
        _hasAhead = TryReadGood(out _ahead);
    }

    /// <summary>The next chunk, valid until the one after it; null behind the last.</summary>
    /// <exception cref="RateFileException">The file cannot be read on.</exception>
    public RateChunk? Next()
    {
        if (!_hasAhead)
        {
            return null;
        }

        _chunk.Clear();
        int begin = _ahead.Slot;
        while (_hasAhead && !_chunk.IsFull)
        {
            _chunk.Add(_ahead);
            _inOrder &= _ahead.Slot >= _lastSlot;
            _firstSlot = Math.Min(_firstSlot, _ahead.Slot);
            _lastSlot = Math.Max(_lastSlot, _ahead.Slot);
            _hasAhead = TryReadGood(out _ahead);
        }

        if (!_hasAhead)
        {
            _chunk.Covered = (BarTime.OpenSeconds(_inOrder ? begin : _firstSlot), BarTime.CloseSeconds(_lastSlot));
        }
        else if (_inOrder && _ahead.Slot >= _lastSlot && _ahead.Slot > begin)
        {
            _chunk.Covered = (BarTime.OpenSeconds(begin), BarTime.OpenSeconds(_ahead.Slot));
        }

        return _chunk;
    }

    private bool TryReadGood(out RateRow row)
    {
        while (_rows.TryRead(out row))
        {
            _tally.Read(row);
            if (row.Defect == BarDefect.None)
            {
                return true;
            }
        }

        return false;
    }
}
