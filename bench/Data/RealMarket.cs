using System.Globalization;
using System.IO.Compression;

namespace Pnl.Bench.Data;

/// <summary>
/// Bars of real exchanges: <c>../shared/data/5m/SOURCE/TOKEN.csv.gz</c> beside the repository, if they are there. Their
/// licences do not allow to ship them, so rows that need them are left out elsewhere.
/// </summary>
internal static class RealMarket
{
    public const string Absent = "left out: ../shared/data/5m is not there";

    /// <summary>All files of the sources; null if one of them is not there.</summary>
    public static TokenBars[]? Read(params string[] sources)
    {
        string? root = Root();
        if (root is null || sources.Any(source => !Directory.Exists(Path.Combine(root, source))))
        {
            return null;
        }

        return [.. sources
            .SelectMany(source => Directory.EnumerateFiles(Path.Combine(root, source), "*.csv.gz").Order(StringComparer.Ordinal))
            .Select(ReadFile)];
    }

    /// <summary>One file; null if it is not there.</summary>
    public static TokenBars? ReadOne(string source, string name) =>
        Root() is { } root && Path.Combine(root, source, name + ".csv.gz") is var path && File.Exists(path) ? ReadFile(path) : null;

    private static string? Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.Pnl.sln")))
            {
                string data = Path.Combine(folder.FullName, "..", "shared", "data", "5m");
                return Directory.Exists(data) ? Path.GetFullPath(data) : null;
            }
        }

        return null;
    }

    private static TokenBars ReadFile(string path)
    {
        using StreamReader reader = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        string[] header = (reader.ReadLine() ?? "").Split(',');
        int time = Array.IndexOf(header, "open_time_unix_s"), close = Array.IndexOf(header, "close");
        List<Bar> bars = [];
        int scale = 0;
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(',');
            BarDefect defect = RateText.Parse(fields[close], out decimal rate);
            if (defect != BarDefect.None)
            {
                throw new InvalidDataException($"{Path.GetFileName(path)}: {line}: {defect}");
            }

            bars.Add(new(BarTime.SlotAtSeconds(long.Parse(fields[time], CultureInfo.InvariantCulture)), rate));
            scale = Math.Max(scale, Mantissa.Of(rate).Scale);
        }

        return new(
            Path.GetFileName(path)[..^".csv.gz".Length], scale,
            [.. bars.Select(bar => bar.Slot)],
            [.. bars.Select(bar =>
            {
                (UInt128 mantissa, int own) = Mantissa.Of(bar.Rate);
                return (long)(mantissa * Mantissa.TenToThe(scale - own));
            })]);
    }
}
