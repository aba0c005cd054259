namespace Pnl.Rates;

/// <summary>Reads all rates of a file and makes bars of them, by the rules of <see cref="RateSheet"/>.</summary>
internal static class RateFileReading
{
    /// <summary>The most rows of a file: a few kilobytes of Parquet or gzip may say to be billions, and bars since 1970 are some 6 million.</summary>
    public const int MostRows = 1 << 24;

    /// <summary>The most rows of a file that are no rates: each is told, and a file of nothing else is no file of rates.</summary>
    public const int MostAside = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="quote">The currency in which its rates should be; null if nothing says which.</param>
    /// <param name="given">The length of its candles in seconds, where somebody said it; null to find it out.</param>
    /// <param name="named">The length that its name tells; null if it tells none.</param>
    /// <param name="most">The most rows that are taken.</param>
    /// <param name="mostAside">The most rows that are no rates.</param>
    /// <exception cref="RateFileException">It cannot be read, has too many rows, or does not tell what its rates are.</exception>
    public static RateReading Read(string path, string? quote, int? given = null, int? named = null, int most = MostRows, int mostAside = MostAside)
    {
        using RateFile file = RateFile.Open(path, quote);
        if (file.RowCount > most)
        {
            throw TooMany(path, most);
        }

        RateSheet sheet = new();
        while (file.TryRead(out RateRow row))
        {
            if (sheet.Rows == most)
            {
                throw TooMany(path, most);
            }

            sheet.Add(row);
            if (sheet.Refused > mostAside)
            {
                throw new RateFileException($"{path} has more than {mostAside} rows that are no rates: it is no file of rates. Leave them out.");
            }
        }

        RateReading series = sheet.ToReading(path, given, named);
        if (file.LinesAbove > 0)
        {
            series.Notes.Add(FormattableString.Invariant($"{file.LinesAbove} lines above the header were passed over"));
        }

        return series;
    }

    private static RateFileException TooMany(string path, int most) => new($"{path} has more than {most} rows, which is more than there are bars of one token.");

    /// <summary>The series without the bad prints that <see cref="SpikeCheck"/> finds: they are set aside.</summary>
    public static RateReading WithoutSpikes(this RateReading series)
    {
        List<RateRun> runs = [];
        List<AsideRow> aside = series.Aside;
        foreach (RateRun run in series.Runs)
        {
            (Candles good, List<QuarantinedRow> spikes) = SpikeCheck.Divide(Candles.OfCloses(run.Slots, DecimalColumn.Of(run.Rates)));
            if (spikes.Count == 0)
            {
                runs.Add(run);
                continue;
            }

            int[] kept = [.. Enumerable.Range(0, run.Slots.Length).Where(i => good.Slots.BinarySearch(run.Slots[i]) >= 0)];
            aside = [.. aside, .. Enumerable.Range(0, run.Slots.Length).Except(kept).Select(i => new AsideRow(run.Lines[i], BarTime.OpenSeconds(run.Slots[i]), SpikeCheck.Code))];
            runs.Add(new(run.Interval, [.. kept.Select(i => run.Slots[i])], [.. kept.Select(i => run.Rates[i])], [.. kept.Select(i => run.Lines[i])]));
        }

        return new() { Runs = runs, Aside = aside, Rows = series.Rows, Folded = series.Folded, Rounded = series.Rounded, Notes = series.Notes };
    }
}
