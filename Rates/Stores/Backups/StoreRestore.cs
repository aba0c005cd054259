using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>
/// Puts a backup in as the store of a data folder that no server has open. Everything is made ready beside and checked; then one file,
/// <c>restore.json</c>, says so, and whoever opens the folder next carries out what it says if the one who wrote it could not.
/// </summary>
public static class StoreRestore
{
    private const string Staged = "restore.new", Intent = "restore.json";

    // The database is staged until all that was there is put aside.
    private static readonly string[] Parts = [SqliteDatabase.FileName + "-wal", SqliteDatabase.FileName + "-shm", SqliteDatabase.FileName + "-store", StoreBackup.Landing, SqliteDatabase.FileName];

    /// <summary>Restores.</summary>
    /// <param name="backup">The backup's folder.</param>
    /// <param name="folder">The data folder; made if it is not there.</param>
    /// <param name="replace">Whether a store that is there is put aside, under <c>replaced-…</c> in the folder.</param>
    /// <param name="at">When that is.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellation">Gives up, until it is ready to be put in.</param>
    /// <returns>The store, in its new epoch; and where the old one is, if there was one.</returns>
    /// <exception cref="IOException">A server has the folder open, there is a store and it is not to be replaced, or the disk is full.</exception>
    /// <exception cref="InvalidDataException">The backup is none, or damaged.</exception>
    public static async Task<(StoreIdentity Store, string? Aside)> RunAsync(string backup, string folder, bool replace, DateTimeOffset at, IProgress<BackupProgress> progress, CancellationToken cancellation)
    {
        BackupManifest manifest = BackupManifest.Read(backup);
        Directory.CreateDirectory(folder);
        await using FileStream folderLock = SqliteDatabase.Lock(folder);
        Finish(folder);
        string[] there = [.. Parts.Where(part => Path.Exists(Path.Combine(folder, part)))];
        if (there.Length > 0 && !replace)
        {
            throw new IOException($"{folder} holds a store ({string.Join(", ", there)}); with --replace it is put aside and kept");
        }

        StoreBackup.CheckSpace(Path.Combine(folder, Staged), manifest.Bytes());
        string staged = Path.Combine(folder, Staged);
        ReceivedBackup.CreatePrivate(staged);
        try
        {
            await CopyAsync(manifest, backup, staged, progress, cancellation);
            StoreIdentity store = await Task.Run(() => MakeReady(Path.Combine(staged, SqliteDatabase.FileName), manifest, progress, cancellation), cancellation);
            foreach (string below in Directory.EnumerateDirectories(staged, "*", SearchOption.AllDirectories).Append(staged))
            {
                FolderFlush.Flush(below);
            }

            string aside = "replaced-" + at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            for (int i = 2; Path.Exists(Path.Combine(folder, aside)); i++)
            {
                aside = $"{aside.Split('.')[0]}.{i}";
            }

            await File.WriteAllTextAsync(Path.Combine(staged, Intent), aside, cancellation);
            using (FileStream intent = new(Path.Combine(staged, Intent), FileMode.Open, FileAccess.Write))
            {
                intent.Flush(flushToDisk: true);
            }

            cancellation.ThrowIfCancellationRequested();
            File.Move(Path.Combine(staged, Intent), Path.Combine(folder, Intent)); // from here on it is the new one
            Finish(folder);
            return (store, there.Length > 0 ? Path.Combine(folder, aside) : null);
        }
        catch when (!File.Exists(Path.Combine(folder, Intent)))
        {
            Directory.Delete(staged, recursive: true);
            throw;
        }
    }

    /// <summary>Carries out a restore that was ready, or clears away one that was not; for who holds the folder's lock.</summary>
    /// <exception cref="IOException">A file cannot be moved; it is tried again by the next who opens the folder.</exception>
    internal static void Finish(string folder)
    {
        string staged = Path.Combine(folder, Staged), intent = Path.Combine(folder, Intent);
        if (File.Exists(intent))
        {
            FolderFlush.Flush(folder);
            string aside = Path.Combine(folder, File.ReadAllText(intent));
            if (File.Exists(Path.Combine(staged, SqliteDatabase.FileName)))
            {
                MoveParts(folder, aside);
            }

            MoveParts(staged, folder);
            File.Delete(intent);
            FolderFlush.Flush(folder);
        }

        if (Directory.Exists(staged))
        {
            Directory.Delete(staged, recursive: true);
        }
    }

    private static void MoveParts(string from, string to)
    {
        // What is staged goes the other way round: the database last of the old, first of the new.
        bool isNew = Path.GetFileName(from) == Staged;
        foreach (string part in isNew ? Parts.Reverse() : Parts)
        {
            if (Path.Exists(Path.Combine(from, part)))
            {
                ReceivedBackup.CreatePrivate(to);
                Directory.Move(Path.Combine(from, part), Path.Combine(to, part)); // a file, too
            }
        }

        FolderFlush.Flush(from);
        if (Directory.Exists(to))
        {
            FolderFlush.Flush(to);
        }
    }

    private static async Task CopyAsync(BackupManifest manifest, string backup, string staged, IProgress<BackupProgress> progress, CancellationToken cancellation)
    {
        long done = 0, bytes = manifest.Bytes(), total = Total(manifest);
        foreach (BackupFile file in manifest.Files)
        {
            string from = Path.Combine(backup, file.Name), to = Path.Combine(staged, file.Name);
            if (!File.Exists(from))
            {
                throw new InvalidDataException($"{from} is missing, which {BackupManifest.FileName} names; take another backup");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            await using FileStream source = new(from, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            string sha256 = await ReceivedBackup.WriteAsync(source, to, wrote => progress.Report(new(done + wrote, total, bytes)), cancellation);
            if (source.Length != file.Bytes || sha256 != file.Sha256)
            {
                throw new InvalidDataException($"{from} is damaged: it is not the file that {BackupManifest.FileName} names (SHA-256 {file.Sha256}, {file.Bytes} bytes); take another backup");
            }

            done += file.Bytes;
        }
    }

    /// <summary>What there is to do: all is copied, and the database is read once more.</summary>
    private static long Total(BackupManifest manifest) => manifest.Bytes() + Database(manifest);

    private static long Database(BackupManifest manifest) => manifest.Files.Where(file => file.Name == SqliteDatabase.FileName).Sum(file => file.Bytes);

    /// <summary>Checks the copy, and gives it a new epoch, and a number that no log is for.</summary>
    private static StoreIdentity MakeReady(string path, BackupManifest manifest, IProgress<BackupProgress> progress, CancellationToken cancellation)
    {
        long bytes = manifest.Bytes(), database = Database(manifest);
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        StoreIdentity identity;
        uint generation = SqliteDatabase.NewGeneration();
        try
        {
            connection.Open();
            SqliteDatabase.CheckContent(connection, path, whole: true, part => progress.Report(new(bytes + (long)(part * database), bytes + database, bytes)), cancellation);
            SqliteDatabase.Run(connection, "PRAGMA synchronous=FULL; PRAGMA journal_mode=DELETE; BEGIN IMMEDIATE");
            identity = SqliteDatabase.Identify(connection, inNewEpoch: true);
            SqliteDatabase.SetGeneration(connection, generation);
            SqliteDatabase.Run(connection, "COMMIT");
        }
        catch (SqliteException e)
        {
            throw new InvalidDataException($"{SqliteDatabase.FileName} of the backup cannot be opened: {e.Message}; take another backup", e);
        }

        new LogGenerations([generation], NeedsLog: false).Write(path);
        return identity.Id == manifest.Store ? identity
            : throw new InvalidDataException($"{SqliteDatabase.FileName} of the backup is of the store {identity.Id}, and {BackupManifest.FileName} names {manifest.Store}; take another backup");
    }
}
