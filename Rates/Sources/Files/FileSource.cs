namespace Pnl.Rates;

/// <summary>
/// A folder of files as a source of candles: a year of a file of rates, or ZIPs of a month, a page (see <see cref="FileCatalog"/>
/// for what it finds there). ZIPs cover the days of which they have rows, and the newest of a pair no more than up to their last
/// row; a file of rates covers from its first row to its last, at the interval of its rows, which a page is of. Of other time it
/// cannot say anything. Where both have a day, the ZIP counts: it has whole candles. Files are looked for when pairs are listed,
/// and read again when they change.
/// </summary>
internal sealed class FileSource(string folder, TimeProvider time, string name = "files") : ICandleSource
{
    private const int MonthsAPage = 12;
    private const long CacheBytes = 64L << 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<(FileStamp Stamp, PlainRates Rates)> _read = [];
    private FileCatalog? _catalog;
    private long _readBytes;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public SourceLimits Limits { get; } = new(MonthsAPage * 31 * BarTime.BarsPerDay, int.MaxValue, TimeSpan.FromSeconds(1), MonthsAnOrder: MonthsAPage);

    /// <summary>Any that bars may have: of which its rows are, a page says.</summary>
    public bool Gives(Interval interval) => interval.IsOfBars();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation) =>
        (await AwayAsync(() => _catalog = FileCatalog.Of(folder), cancellation)).Pairs;

    /// <inheritdoc/>
    public async ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pair);
        SlotRange closed = range with { To = Math.Min(range.To, BarTime.SlotAt(time.GetUtcNow())) };
        return closed.IsEmpty
            ? new([], new(range.From, range.From), [])
            : await AwayAsync(() => Read(pair, closed), cancellation);
    }

    /// <summary>Where the first file of the pair begins.</summary>
    public async ValueTask<int?> FirstSlotAsync(SourcePair pair, int before, CancellationToken cancellation)
    {
        SlotRange first = (await ReadAsync(pair, new(0, before), cancellation)).Covered;
        return first.IsEmpty ? null : first.From;
    }

    /// <summary>None: what a file ends with is not the present.</summary>
    public ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation) =>
        new([]);

    /// <summary>Reads elsewhere, for it takes longer than a grain may hold its turn.</summary>
    private async Task<T> AwayAsync<T>(Func<T> read, CancellationToken cancellation)
    {
        try
        {
            return await SlowLane.Run(read, cancellation);
        }
        catch (RateFileException e)
        {
            throw new SourceException("source.malformed", $"{name}: {e.Message}", isTransient: false, e);
        }
    }

    private CandlePage Read(SourcePair pair, SlotRange range)
    {
        FilesOfPair files = (_catalog ??= FileCatalog.Of(folder)).Find(pair.Symbol)
            ?? throw new SourceException("symbol.unknown", $"{name}: {folder} has no file of {pair.Symbol}.", isTransient: false);

        CandlePage? zips = NextZips(files, range);
        if (zips is not null && zips.Covered.From == range.From)
        {
            return zips;
        }

        // No ZIP has the beginning of the range: the file of rates up to where one goes on.
        PlainRates? plain = files.Plain is { } path ? Plain(path, pair.Quote) : null;
        return plain?.Page(range with { To = Math.Min(range.To, zips?.Covered.From ?? int.MaxValue) }, MonthsAPage)
            ?? zips ?? new([], new(range.To, range.To), []);
    }

    /// <summary>The page of the first ZIPs that have anything of a range; null if none has.</summary>
    private static CandlePage? NextZips(FilesOfPair files, SlotRange range)
    {
        foreach (MonthOfZips month in files.Months.Values)
        {
            if (month.Month >= BarTime.MonthOf(range.From) && month.From < range.To
                && month.Read(isNewest: month.Month == files.Months.GetKeyAtIndex(files.Months.Count - 1)).Page(range) is { } page)
            {
                return page;
            }
        }

        return null;
    }

    private PlainRates Plain(string path, string quote)
    {
        FileInfo info = new(path);
        if (!info.Exists)
        {
            throw new RateFileException($"{path} does not exist any more.");
        }

        FileStamp stamp = new(path, info.Length, info.LastWriteTimeUtc);
        lock (_lock)
        {
            for (LinkedListNode<(FileStamp Stamp, PlainRates Rates)>? node = _read.First; node is not null; node = node.Next)
            {
                if (node.Value.Stamp == stamp)
                {
                    _read.Remove(node);
                    _read.AddFirst(node);
                    return node.Value.Rates;
                }
            }
        }

        PlainRates rates = PlainRates.Read(path, quote.Length == 0 ? null : quote);
        lock (_lock)
        {
            // The months of one file are read one after the other, and each would read it from its beginning.
            _read.AddFirst((stamp, rates));
            _readBytes += rates.Bytes;
            while (_readBytes > CacheBytes && _read.Count > 1)
            {
                _readBytes -= _read.Last!.Value.Rates.Bytes;
                _read.RemoveLast();
            }
        }

        return rates;
    }

    private readonly record struct FileStamp(string Path, long Length, DateTime Changed);
}
