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
        string path = PathOf(candles.Key);
        await SlowLane.Run(() => Write(candles, path), cancellation);
        await _flush.FlushAsync(FoldersOf(path));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LandingKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        IEnumerable<LandingKey> keys = Directory.EnumerateFiles(folder, "*" + LandingPath.Extension, SearchOption.AllDirectories)
            .Select(path => LandingPath.Parse(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')));
        foreach (LandingKey key in LandingPath.InOrder(keys))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return key;
        }
    }

    /// <inheritdoc/>
    public Task<LandedCandles> ReadAsync(LandingKey key, CancellationToken cancellation)
    {
        string path = PathOf(key);
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Task.FromResult(CandleParquet.Read(file, path));
    }

    private static bool Write(LandedCandles candles, string path)
    {
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
        return true;
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
