namespace Pnl.Rates;

/// <summary>
/// The ZIPs of one pair and month. The archive of the month is the one that counts, but archives of whole months lack days that
/// those of the days have: a day of which it has not one row is no day without trades, it is unknown, and the file of that day
/// fills it, and so it does slots that the month's lacks of a day. What no file has of a day stays not covered.
/// </summary>
internal sealed class MonthOfZips(int month)
{
    private readonly SortedList<int, (string Path, KlineZip Zip)> _days = [];
    private (string Path, KlineZip Zip)? _whole;
    private volatile WeakReference<StampedContent>? _read; // many months of many pairs: only while there is room

    /// <summary>The month, counted since January 1970.</summary>
    public int Month => month;

    /// <summary>The first slot that any of the files may have.</summary>
    public int From => _whole is null ? _days.Values[0].Zip.Slots.From : BarTime.FirstSlotOfMonth(month);

    /// <summary>Adds a file, if it is the first of the month or day.</summary>
    public void Add(string path, KlineZip zip)
    {
        if (zip.Day is { } day)
        {
            _days.TryAdd(day, (path, zip));
        }
        else
        {
            _whole ??= (path, zip);
        }
    }

    /// <summary>Reads the files; what was read last is kept while they do not change.</summary>
    /// <param name="isNewest">Whether the pair has no later ones: then nothing is known behind their last row.</param>
    /// <exception cref="RateFileException">One of them cannot be read.</exception>
    public Content Read(bool isNewest)
    {
        string stamp = string.Join('\n', Files().Select(file => new FileInfo(file.Path)).Select(file => FormattableString.Invariant($"{file.FullName} {(file.Exists ? file.Length : -1)} {file.LastWriteTimeUtc.Ticks} {isNewest}")));
        if (_read is { } read && read.TryGetTarget(out StampedContent? known) && known.Stamp == stamp)
        {
            return known.Content;
        }

        known = new(stamp, ReadNow(isNewest));
        _read = new(known);
        return known.Content;
    }

    private IEnumerable<(string Path, KlineZip Zip)> Files() => _whole is { } whole ? _days.Values.Prepend(whole) : _days.Values;

    private Content ReadNow(bool isNewest)
    {
        SortedList<int, Candle> candles = [];
        List<QuarantinedRow> aside = [];
        HashSet<int> days = [];
        if (_whole is { } whole)
        {
            Take(whole.Zip.Read(whole.Path));
        }

        foreach ((string path, KlineZip zip) in _days.Values)
        {
            int from = zip.Slots.From;
            if (!days.Contains(BarTime.DayOf(from)) || Enumerable.Range(from, BarTime.BarsPerDay).Any(slot => !candles.ContainsKey(slot)))
            {
                Take(zip.Read(path));
                days.Add(BarTime.DayOf(from)); // its own file says that there is no more
            }
        }

        List<SlotRange> covered = [];
        foreach (int day in days.Order())
        {
            int from = BarTime.FirstSlotOfDay(day), to = from + BarTime.BarsPerDay;
            if (covered is [.., var before] && before.To == from)
            {
                covered[^1] = before with { To = to };
            }
            else
            {
                covered.Add(new(from, to));
            }
        }

        if (isNewest && covered.Count > 0)
        {
            int end = candles.Count > 0 ? candles.GetKeyAtIndex(candles.Count - 1) + 1 : 0;
            covered = [.. covered.Select(range => range with { To = Math.Min(range.To, end) }).Where(range => !range.IsEmpty)];
        }

        return new([.. candles.Values], covered, aside);

        void Take(CandlePage page)
        {
            foreach (Candle candle in page.Candles)
            {
                candles.TryAdd(candle.Slot, candle);
                days.Add(BarTime.DayOf(candle.Slot));
            }

            aside.AddRange(page.Quarantined);
            days.UnionWith(page.Quarantined.Where(row => row.TimeSeconds is not null).Select(row => BarTime.DayOf(BarTime.SlotAtSeconds(row.TimeSeconds!.Value))));
        }
    }

    private sealed record StampedContent(string Stamp, Content Content);

    /// <summary>What the files of a month have.</summary>
    /// <param name="Candles">Candles, ascending.</param>
    /// <param name="Covered">Ranges that the files speak of, ascending.</param>
    /// <param name="Aside">Rows kept aside.</param>
    internal sealed record Content(Candle[] Candles, List<SlotRange> Covered, List<QuarantinedRow> Aside)
    {
        /// <summary>The page of the first range from a slot on; null if there is none in the range asked for.</summary>
        public CandlePage? Page(SlotRange asked)
        {
            SlotRange covered = Covered.Select(range => range.Intersect(asked)).FirstOrDefault(range => !range.IsEmpty);
            if (covered.IsEmpty)
            {
                return null;
            }

            (long from, long to) = (BarTime.OpenSeconds(covered.From), BarTime.OpenSeconds(covered.To));
            bool isFirst = covered.From <= Covered[0].From; // what has no time is told once
            return new(
                [.. Candles.Where(candle => candle.Slot >= covered.From && candle.Slot < covered.To)],
                covered,
                [.. Aside.Where(row => row.TimeSeconds is { } at ? at >= from && at < to : isFirst)]);
        }
    }
}
