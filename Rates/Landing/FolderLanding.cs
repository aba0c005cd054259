using System.Runtime.CompilerServices;

namespace Pnl.Rates;

/// <summary>The landing in a folder. A file appears whole or not at all.</summary>
public sealed class FolderLanding(string folder) : ILanding
{
    private readonly FolderFlush _flush = new();

    /// <inheritdoc/>
    public async Task WriteAsync(LandedCandles candles, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(candles);
        string path = await SlowLane.Run(() => Write(candles), cancellation);
        await _flush.FlushAsync(FoldersOf(path));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LandingKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (LandingKey key in Directory.Exists(folder) ? Keys(folder, SearchOption.AllDirectories) : [])
        {
            cancellation.ThrowIfCancellationRequested();
            yield return key;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LandingKey> ListAsync(string token, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        IEnumerable<string> sources = Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal) : [];
        foreach (LandingKey key in sources.Select(source => Path.Combine(source, token)).Where(Directory.Exists).SelectMany(own => Keys(own, SearchOption.TopDirectoryOnly)))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return key;
        }
    }

    /// <inheritdoc/>
    public async Task<LandedRows> ReadRowsAsync(LandingKey key, CancellationToken cancellation)
    {
        string path = PathOf(key);
        return await SlowLane.Run(
            () =>
            {
                using FileStream file = Open(path);
                return CandleParquet.ReadRows(file, path) with { Key = key };
            },
            cancellation);
    }

    /// <inheritdoc/>
    public Task<LandedCandles> ReadAsync(LandingKey key, CancellationToken cancellation)
    {
        string path = PathOf(key);
        using FileStream file = Open(path);
        return Task.FromResult(CandleParquet.Read(file, path).At(key));
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read);

    private IEnumerable<LandingKey> Keys(string of, SearchOption depth) => LandingPath.InOrder(Directory.EnumerateFiles(of, "*" + LandingPath.Extension, depth)
        .Select(path => LandingPath.Parse(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))));

    private string Write(LandedCandles candles)
    {
        LandingKey key = LandingPath.KeyOf(candles);
        string path = PathOf(key);
        if (key.Listing is null && File.Exists(path) && IsOfAnother(path, candles))
        {
            path = PathOf(LandingPath.Apart(candles));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string unfinished = path + ".part";
        MemoryStream bytes = new();
        CandleParquet.Write(candles, bytes);
        using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 0))
        {
            file.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        return path;
    }

    private static bool IsOfAnother(string path, LandedCandles candles)
    {
        try
        {
            using FileStream file = Open(path);
            return CandleParquet.ReadRows(file, path).Listing != candles.Listing;
        }
        catch (RateFileException)
        {
            return false; // what cannot be read is of nobody
        }
    }

    private string PathOf(LandingKey key) => Path.Combine(folder, LandingPath.Of(key));

    /// <summary>The folder of a file and those above it, up to the one that holds the landing: any of them may be new.</summary>
    private IEnumerable<string> FoldersOf(string path)
    {
        string top = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))!;
        for (string above = Path.GetDirectoryName(Path.GetFullPath(path))!; above.Length >= top.Length; above = Path.GetDirectoryName(above)!)
        {
            yield return above;
        }
    }
}
