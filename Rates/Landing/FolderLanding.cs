using System.Globalization;
using System.Runtime.CompilerServices;

namespace Pnl.Rates;

/// <summary>
/// The landing in a folder: <c>source/token/2021-05/1621427700.parquet</c>, named after the first second asked for. A file
/// appears whole or not at all.
/// </summary>
public sealed class FolderLanding(string folder) : ILanding
{
    private const string Extension = ".parquet";

    /// <inheritdoc/>
    public async Task WriteAsync(LandedCandles candles, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(candles);
        string path = PathOf(candles.Key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string unfinished = path + ".part";
        MemoryStream bytes = new();
        CandleParquet.Write(candles, bytes);
        await using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
        {
            await file.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellation);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LandingKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        // Not by their paths: '-' stands before the separator, so that a-b would come before a.
        IEnumerable<LandingKey> keys = Directory.EnumerateFiles(folder, "*" + Extension, SearchOption.AllDirectories)
            .Select(path => KeyOf(Path.GetRelativePath(folder, path))).OfType<LandingKey>()
            .OrderBy(key => key.Source, StringComparer.Ordinal).ThenBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Month).ThenBy(key => key.FirstSlot);
        foreach (LandingKey key in keys)
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

    private string PathOf(LandingKey key) => Path.Combine(
        folder, key.Source, key.Token,
        string.Create(CultureInfo.InvariantCulture, $"{1970 + key.Month / 12:d4}-{key.Month % 12 + 1:d2}"),
        BarTime.OpenSeconds(key.FirstSlot).ToString(CultureInfo.InvariantCulture) + Extension);

    private static LandingKey? KeyOf(string path)
    {
        string[] parts = path.Split(Path.DirectorySeparatorChar);
        return parts.Length == 4 &&
            DateTime.TryParseExact(parts[2], "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime month) &&
            long.TryParse(Path.GetFileNameWithoutExtension(parts[3]), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            ? new(parts[0], parts[1], (month.Year - 1970) * 12 + month.Month - 1, BarTime.SlotAtSeconds(seconds))
            : null;
    }
}
