using System.Collections.Frozen;

namespace Pnl.Rates;

/// <summary>
/// What a folder has for each pair: a file of rates <c>BTC-USDT.csv.gz</c> in the folder itself, and ZIPs of months and days,
/// <c>BTCUSDT-5m-2021-05.zip</c> and <c>BTCUSDT-5m-2021-05-19.zip</c>, there or in folders below, as the archive lays them out.
/// If there are several files of one pair, month or day, the first by name counts; all other files are passed over, and so are
/// links that lead out of the folder.
/// </summary>
internal sealed class FileCatalog
{
    private readonly FrozenDictionary<string, FilesOfPair> _pairs;

    private FileCatalog(FrozenDictionary<string, FilesOfPair> pairs) => _pairs = pairs;

    /// <summary>All pairs.</summary>
    public IReadOnlyList<SourcePair> Pairs => [.. _pairs.Values.Select(p => p.Pair).OrderBy(p => p.Symbol, StringComparer.Ordinal)];

    /// <summary>Looks through a folder.</summary>
    /// <exception cref="RateFileException">There is no such folder, or it cannot be read.</exception>
    public static FileCatalog Of(string folder)
    {
        Dictionary<string, FilesOfPair> pairs = new(StringComparer.Ordinal);
        try
        {
            foreach (string path in Files(folder, "*", SearchOption.TopDirectoryOnly))
            {
                if (RateFileName.TryParse(Path.GetFileName(path), out RateFileName? name, out _) && name.Format != RateFileFormat.Zip)
                {
                    FilesOfPair files = At(pairs, name.Id, name.Quote);
                    files.Plain ??= path;
                }
            }

            foreach (string path in Files(folder, "*.zip", SearchOption.AllDirectories))
            {
                if (KlineZip.Parse(Path.GetFileName(path)) is { Seconds: BarTime.SecondsPerBar } zip
                    && TokenId.IsValid(zip.Base.ToLowerInvariant()))
                {
                    At(pairs, zip.Base.ToLowerInvariant(), zip.Quote.ToLowerInvariant()).Add(path, zip);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RateFileException($"{folder} cannot be read: {e.Message}", e);
        }

        return new(pairs.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>The files of a pair; null if there are none.</summary>
    public FilesOfPair? Find(string symbol) => _pairs.GetValueOrDefault(symbol);

    private static IOrderedEnumerable<string> Files(string folder, string pattern, SearchOption depth)
    {
        string root = RealPath.Of(folder);
        EnumerationOptions options = new() { RecurseSubdirectories = false, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None, MatchType = MatchType.Simple };
        List<string> found = [];
        Stack<string> folders = new([folder]);
        while (folders.TryPop(out string? at))
        {
            found.AddRange(Directory.EnumerateFiles(at, pattern, options).Where(path => RealPath.IsWithin(root, path)));
            if (depth == SearchOption.AllDirectories)
            {
                // A folder that is a link may lead to one above it, and for ever on.
                foreach (string below in Directory.EnumerateDirectories(at, "*", options).Where(path => new DirectoryInfo(path).LinkTarget is null))
                {
                    folders.Push(below);
                }
            }
        }

        return found.Order(StringComparer.Ordinal);
    }

    private static FilesOfPair At(Dictionary<string, FilesOfPair> pairs, string token, string quote)
    {
        string symbol = $"{token}-{quote}".ToUpperInvariant();
        if (!pairs.TryGetValue(symbol, out FilesOfPair? files))
        {
            pairs.Add(symbol, files = new(new(symbol, token, quote)));
        }

        return files;
    }
}

/// <summary>The files of one pair.</summary>
/// <param name="Pair">The pair, its symbol as files write it: <c>BTC-USDT</c>.</param>
internal sealed record FilesOfPair(SourcePair Pair)
{
    /// <summary>The file with rates of any time; null if there is none.</summary>
    public string? Plain { get; set; }

    /// <summary>ZIPs by their month: that of the whole month, if there is one, and those of its days.</summary>
    public SortedList<int, MonthOfZips> Months { get; } = [];

    /// <summary>Adds a ZIP, if it is the first of its month or day.</summary>
    public void Add(string path, KlineZip zip)
    {
        if (!Months.TryGetValue(zip.Month, out MonthOfZips? month))
        {
            Months.Add(zip.Month, month = new(zip.Month));
        }

        month.Add(path, zip);
    }
}
