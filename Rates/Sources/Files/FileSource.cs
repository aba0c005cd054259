namespace Pnl.Rates;

/// <summary>
/// A folder of files as a source of candles: a year of a file of rates, or a ZIP of a month, a page (see <see cref="FileCatalog"/> for what it finds there). A ZIP
/// covers its whole month, and the newest ZIP of a pair no more than up to its last row; a file of rates covers from its
/// first row to its last. Of other time it cannot say anything. Where both have a month, the ZIP counts: it has whole
/// candles. Files are looked for when pairs are listed, and read again when they change.
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

        int month = BarTime.MonthOf(range.From);
        if (files.Months.TryGetValue(month, out (string Path, KlineZip Zip) file) && ReadZip(files, file, range) is { } page)
        {
            return page;
        }

        PlainRates? plain = files.Plain is { } path ? Plain(path) : null;
        int nextZip = NextZip(files, range.From, month);
        if (plain is not null)
        {
            SlotRange here = plain.Slots.Intersect(range with { To = Math.Min(range.To, nextZip) });
            if (!here.IsEmpty)
            {
                int end = BarTime.FirstSlotOfMonth(BarTime.MonthOf(here.From) + MonthsAPage);
                return plain.Page(here with { To = Math.Min(here.To, end) });
            }
        }

        // No file has the beginning of the range: on to where one goes on.
        return nextZip < range.To ? Read(pair, range with { From = nextZip }) : new([], new(range.To, range.To), []);
    }

    /// <summary>The page of a ZIP; null if the range begins behind the last row of the newest one.</summary>
    private static CandlePage? ReadZip(FilesOfPair files, (string Path, KlineZip Zip) file, SlotRange range)
    {
        CandlePage whole = file.Zip.Read(file.Path);
        SlotRange covered = whole.Covered;
        if (file.Zip.Month == files.Months.GetKeyAtIndex(files.Months.Count - 1))
        {
            covered = covered with { To = whole.Candles.Count > 0 ? whole.Candles[^1].Slot + 1 : covered.From };
        }

        covered = covered.Intersect(range);
        (long from, long to) = (BarTime.OpenSeconds(covered.From), BarTime.OpenSeconds(covered.To));
        return covered.IsEmpty ? null : new(
            [.. whole.Candles.Where(c => c.Slot >= covered.From && c.Slot < covered.To)],
            covered,
            [.. whole.Quarantined.Where(q => q.TimeSeconds is not { } at || (at >= from && at < to))]);
    }

    private static int NextZip(FilesOfPair files, int from, int month)
    {
        foreach ((int next, (_, KlineZip zip)) in files.Months)
        {
            if (next > month && zip.Slots.From > from)
            {
                return zip.Slots.From;
            }
        }

        return int.MaxValue;
    }

    private PlainRates Plain(string path)
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

        PlainRates rates = PlainRates.Read(path);
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
