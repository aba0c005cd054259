using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pnl.Rates;

/// <summary>
/// Copies what a data folder keeps, while it is written, to a stream as a tar: <c>bars.db</c>, the files of the landing, last <c>backup.json</c>.
/// Before and between them come entries <c>progress</c>, which tell how far it is and that it goes on.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="landing">The landing's folder; null if it is elsewhere.</param>
/// <param name="time">The clock.</param>
public sealed class StoreBackup(SqliteDatabase database, string? landing, TimeProvider time)
{
    /// <summary>What the folder of the landing is called in a backup.</summary>
    public const string Landing = "landing";

    /// <summary>The name of entries that tell how far it is, as JSON of <see cref="BackupProgress"/>.</summary>
    public const string Progress = "progress";

    private const int PagesAStep = 2048;
    private const long SpareBytes = 64 << 20; // what goes on being written meanwhile needs room too
    private static readonly TimeSpan BetweenTold = TimeSpan.FromSeconds(0.5), LongestRest = TimeSpan.FromSeconds(0.02);
    private static readonly EnumerationOptions AllBelow = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private int _running;
    private long _toldAt;

    /// <summary>Begins one: there is one at a time, until what is returned is disposed of.</summary>
    /// <returns>Null if another is running.</returns>
    /// <exception cref="BackupSpaceException">The data folder's disk has no room for a copy of the database.</exception>
    public IDisposable? TryBegin()
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            return null;
        }

        try
        {
            File.Delete(CopyPath); // of one that a kill has ended
            using SqliteConnection source = database.OpenReader();
            CheckSpace(database.FilePath, (long)SqliteDatabase.Scalar(source, "PRAGMA page_count")! * (long)SqliteDatabase.Scalar(source, "PRAGMA page_size")! + SpareBytes);
            return new Running(this);
        }
        catch
        {
            _running = 0;
            throw;
        }
    }

    /// <summary>Writes a backup.</summary>
    /// <param name="to">Where to, as a tar.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public async Task WriteAsync(Stream to, CancellationToken cancellation)
    {
        await using TarWriter tar = new(to, TarEntryFormat.Pax, leaveOpen: true);
        try
        {
            DateTimeOffset at = time.GetUtcNow();
            await CopyAsync(tar, to, Landed().Sum(file => file.Bytes), cancellation);
            List<(string Path, string Name, long Bytes)> all = [(CopyPath, SqliteDatabase.FileName, new FileInfo(CopyPath).Length), .. Landed()];
            long bytes = all.Sum(file => file.Bytes), done = 0;
            List<BackupFile> files = [];
            foreach ((string path, string name, _) in all)
            {
                await TellAsync(tar, to, new(all[0].Bytes + done, all[0].Bytes + bytes, bytes), cancellation);
                files.Add(await SendAsync(tar, path, name, cancellation));
                done += files[^1].Bytes;
            }

            BackupManifest manifest = new(database.Identity.Id, database.Identity.Epoch, at, files);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupManifest.FileName) { DataStream = new MemoryStream(manifest.ToJson()) }, cancellation);
        }
        finally
        {
            File.Delete(CopyPath);
        }
    }

    /// <summary>Refuses if a disk has not as much room.</summary>
    /// <exception cref="BackupSpaceException">It has not.</exception>
    internal static void CheckSpace(string path, long bytes)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new BackupSpaceException($"{folder} has {free >> 20} MiB free, and a copy takes {bytes >> 20} MiB; make room there");
        }
    }

    private string CopyPath => database.FilePath + "-backup";

    /// <summary>
    /// Copies the database as it stands now, page by page, resting as long as it worked, 20 ms at most: a tick is not kept waiting. One read transaction is open
    /// meanwhile; without it SQLite would begin anew after each write.
    /// </summary>
    private async Task CopyAsync(TarWriter tar, Stream to, long landed, CancellationToken cancellation)
    {
        using SqliteConnection source = database.OpenReader(), copy = new(new SqliteConnectionStringBuilder { DataSource = CopyPath, Pooling = false }.ToString());
        copy.Open();
        SqliteDatabase.Run(copy, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF");
        SqliteDatabase.Run(source, "BEGIN");
        _ = SqliteDatabase.Scalar(source, "SELECT count(*) FROM sqlite_schema"); // from here on it stands still
        long pageBytes = (long)SqliteDatabase.Scalar(source, "PRAGMA page_size")!;
        using (sqlite3_backup backup = raw.sqlite3_backup_init(copy.Handle, "main", source.Handle, "main"))
        {
            for (int result = raw.SQLITE_OK; result != raw.SQLITE_DONE;)
            {
                cancellation.ThrowIfCancellationRequested();
                long began = time.GetTimestamp();
                result = await SlowLane.Run(() => raw.sqlite3_backup_step(backup, PagesAStep), cancellation);
                TimeSpan worked = time.GetElapsedTime(began);
                if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
                {
                    throw new IOException($"{database.FilePath} cannot be copied: {raw.sqlite3_errstr(result).utf8_to_string()}");
                }

                long bytes = raw.sqlite3_backup_pagecount(backup) * pageBytes, left = raw.sqlite3_backup_remaining(backup) * pageBytes;
                await TellAsync(tar, to, new(bytes - left, 2 * bytes + landed, bytes + landed), cancellation);
                await Task.Delay(worked < LongestRest ? worked : LongestRest, time, cancellation);
            }
        }

        // A file of its own, with a number that no log is for.
        SqliteDatabase.Run(copy, "PRAGMA journal_mode=DELETE");
        SqliteDatabase.SetGeneration(copy, SqliteDatabase.NewGeneration());
    }

    /// <summary>The files of the landing. Each is written once, and whole.</summary>
    private List<(string Path, string Name, long Bytes)> Landed() => landing is null || !Directory.Exists(landing) ? []
        : [.. new DirectoryInfo(landing).EnumerateFiles("*", AllBelow).Where(file => file.Extension != ".part").OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => (file.FullName, $"{Landing}/{Path.GetRelativePath(landing, file.FullName).Replace(Path.DirectorySeparatorChar, '/')}", file.Length))];

    private static async Task<BackupFile> SendAsync(TarWriter tar, string path, string name, CancellationToken cancellation)
    {
        await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        await using HashedStream hashed = new(file);
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = hashed }, cancellation);
        return new(name, file.Length, hashed.Sha256());
    }

    private async Task TellAsync(TarWriter tar, Stream to, BackupProgress progress, CancellationToken cancellation)
    {
        if (_toldAt == 0 || time.GetElapsedTime(_toldAt) >= BetweenTold)
        {
            _toldAt = time.GetTimestamp();
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, Progress) { DataStream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(progress, StoredJson.Options)) }, cancellation);
            await to.FlushAsync(cancellation);
        }
    }

    private sealed class Running(StoreBackup of) : IDisposable
    {
        public void Dispose() => (of._toldAt, of._running) = (0, 0);
    }
}
