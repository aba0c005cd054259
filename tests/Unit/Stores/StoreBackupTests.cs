using System.Globalization;
using System.IO.Pipelines;
using Microsoft.Data.Sqlite;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>A store is copied while it is written, and put back.</summary>
public sealed class StoreBackupTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("pnl-backup-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task A_backup_under_steady_writes_ends_and_is_of_one_moment()
    {
        string data = PathOf("data"), backup = PathOf("backup");
        await using SqliteDatabase database = Open(data);
        const int Filled = 8;
        await FillAsync(database, Filled);
        Land(data, "binance/btc/2024-05.parquet", "candles");
        Land(data, "binance/btc/2024-06.parquet.part", "unfinished");

        // Each transaction adds to both tables: a copy of two moments would differ between them.
        using CancellationTokenSource stop = new();
        long written = 0;
        Task writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await database.WriteAsync(connection => SqliteDatabase.Run(connection, "INSERT INTO one VALUES (NULL, randomblob(2000)); INSERT INTO two VALUES (NULL, randomblob(2000))"), 4000);
                Interlocked.Increment(ref written);
            }
        }, Cancellation);
        while (Interlocked.Read(ref written) < 20)
        {
            await Task.Yield();
        }

        long before = Interlocked.Read(ref written);
        BackupManifest manifest = await BackupAsync(database, backup, Path.Combine(data, "landing"));
        Assert.True(Interlocked.Read(ref written) > before, "nothing was written meanwhile");
        await stop.CancelAsync();
        await writing;

        Assert.Equal(["bars.db", "landing/binance/btc/2024-05.parquet"], manifest.Files.Select(file => file.Name));
        Assert.Equal((database.Identity.Id, database.Identity.Epoch), (manifest.Store, manifest.Epoch));
        Assert.Equal(["backup.json", "bars.db", "landing"], Directory.EnumerateFileSystemEntries(backup).Select(Path.GetFileName).Order());
        Assert.DoesNotContain(Directory.EnumerateFiles(data), path => path.EndsWith("-backup", StringComparison.Ordinal));

        string restored = PathOf("restored");
        (StoreIdentity store, string? aside) = await RestoreAsync(backup, restored);
        Assert.Null(aside);
        await using SqliteDatabase copy = SqliteDatabase.Open(restored);
        using SqliteConnection reader = copy.OpenReader();
        long one = (long)SqliteDatabase.Scalar(reader, "SELECT count(*) FROM one")!;
        Assert.Equal(one, SqliteDatabase.Scalar(reader, "SELECT count(*) FROM two"));
        Assert.InRange(one - Filled, before, written);
        Assert.Equal("candles", await File.ReadAllTextAsync(Path.Combine(restored, "landing/binance/btc/2024-05.parquet"), Cancellation));
        Assert.Equal((store, database.Identity.Id), (copy.Identity, store.Id));
    }

    [Fact]
    public async Task A_backup_that_breaks_off_leaves_nothing_and_another_may_follow()
    {
        string backup = PathOf("backup");
        await using SqliteDatabase database = Open(PathOf("data"));
        await FillAsync(database, 1);
        StoreBackup source = new(database, null, TimeProvider.System);
        using (IDisposable? running = source.TryBegin())
        {
            Assert.NotNull(running);
            Assert.Null(source.TryBegin());
            MemoryStream tar = new();
            await source.WriteAsync(tar, Cancellation);
            foreach (long length in new[] { 0, 100, tar.Length / 2, tar.Length - 3000 })
            {
                await Assert.ThrowsAnyAsync<IOException>(() => ReceivedBackup.TakeAsync(new MemoryStream(tar.ToArray()[..(int)length]), backup, new Progress<BackupProgress>(), Cancellation));
                Assert.Empty(_root.EnumerateFileSystemInfos("backup*"));
            }
        }

        Assert.Contains("MiB free", Assert.Throws<BackupSpaceException>(() => StoreBackup.CheckSpace(database.FilePath, long.MaxValue)).Message, StringComparison.Ordinal);
        await BackupAsync(database, backup);
        Assert.Contains("not empty", Assert.Throws<IOException>(() => ReceivedBackup.CheckFree(backup)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(PathOf("other.partial/bars"));
        Assert.Contains("delete it", Assert.Throws<IOException>(() => ReceivedBackup.CheckFree(PathOf("other"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_checks_all_before_it_replaces_anything()
    {
        (string data, string backup) = await BackedUpAsync();
        Dictionary<string, string> before = Hashes(data);

        await RefusedAsync<IOException>("with --replace", replace: false);
        await using (SqliteDatabase open = SqliteDatabase.Open(data))
        {
            await RefusedAsync<IOException>("is in use by another process", replace: true);
        }

        before = Hashes(data); // it was open
        string file = Path.Combine(backup, "bars.db");
        byte[] bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);
        await RefusedAsync<InvalidDataException>("bars.db is damaged", replace: true);
        File.Delete(file);
        await RefusedAsync<InvalidDataException>("bars.db is missing", replace: true);
        File.Delete(Path.Combine(backup, "backup.json"));
        await RefusedAsync<InvalidDataException>("is no backup, or one that was not finished", replace: true);

        async Task RefusedAsync<T>(string why, bool replace)
            where T : Exception
        {
            T refused = await Assert.ThrowsAsync<T>(() => RestoreAsync(backup, data, replace));
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(data, "restore.new")));
            if (!refused.Message.Contains("in use", StringComparison.Ordinal))
            {
                Assert.Equal(before, Hashes(data));
            }
        }
    }

    [Fact]
    public async Task A_restore_has_a_new_epoch_each_time_and_keeps_what_was_there()
    {
        (string data, string backup) = await BackedUpAsync();
        StoreIdentity was = await IdentityAsync(data);
        (StoreIdentity first, string? aside) = await RestoreAsync(backup, data, replace: true);
        Assert.Equal(3, await CountAsync(data));
        Assert.Equal(4, await CountAsync(aside!));
        (StoreIdentity second, string? again) = await RestoreAsync(backup, data, replace: true);
        Assert.NotEqual(aside, again);
        Assert.Equal(second, await IdentityAsync(data));
        Assert.All([first, second], store => Assert.Equal(was.Id, store.Id));
        Assert.Equal(3, new[] { was.Epoch, first.Epoch, second.Epoch }.Distinct().Count());
    }

    /// <summary>After how many of its moves a restore is killed; before the first is before it is decided.</summary>
    [Theory]
    [InlineData(-1, 4)]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(5, 3)]
    [InlineData(6, 3)]
    [InlineData(7, 3)]
    public async Task A_restore_that_is_killed_leaves_the_old_store_or_the_new_one(int moves, long expected)
    {
        (string data, string backup) = await BackedUpAsync();
        Land(data, "binance/btc/2024-07.parquet", "later");
        string ready = PathOf("ready"), staged = Path.Combine(data, "restore.new"), aside = Path.Combine(data, "replaced-x");
        await RestoreAsync(backup, ready);
        Directory.CreateDirectory(staged);
        foreach (string part in new[] { "bars.db", "bars.db-store", "landing" })
        {
            Directory.Move(Path.Combine(ready, part), Path.Combine(staged, part));
        }

        if (moves >= 0)
        {
            await File.WriteAllTextAsync(Path.Combine(data, "restore.json"), "replaced-x", Cancellation);
            Directory.CreateDirectory(aside);
        }

        (string From, string To)[] order =
        [
            .. new[] { "bars.db-wal", "bars.db-store", "landing", "bars.db" }.Select(part => (Path.Combine(data, part), Path.Combine(aside, part))),
            .. new[] { "bars.db", "landing", "bars.db-store" }.Select(part => (Path.Combine(staged, part), Path.Combine(data, part))),
        ];
        foreach ((string from, string to) in order.Take(moves))
        {
            if (Path.Exists(from))
            {
                Directory.Move(from, to);
            }
        }

        Assert.Equal(expected, await CountAsync(data));
        Assert.Equal(expected == 4, File.Exists(Path.Combine(data, "landing/binance/btc/2024-07.parquet")));
        Assert.True(File.Exists(Path.Combine(data, "landing/binance/btc/2024-05.parquet")));
        Assert.False(Directory.Exists(staged));
        if (expected == 3)
        {
            Assert.Equal(4, await CountAsync(aside));
            Assert.True(File.Exists(Path.Combine(aside, "landing/binance/btc/2024-07.parquet")));
        }
    }

    internal static async Task<BackupManifest> BackupAsync(SqliteDatabase database, string to, string? landing = null)
    {
        StoreBackup source = new(database, landing, TimeProvider.System);
        using IDisposable running = source.TryBegin() ?? throw new InvalidOperationException("another is running");
        Pipe pipe = new();
        Task sending = Task.Run(async () =>
        {
            await source.WriteAsync(pipe.Writer.AsStream(), Cancellation);
            await pipe.Writer.CompleteAsync();
        });
        BackupManifest manifest = await ReceivedBackup.TakeAsync(pipe.Reader.AsStream(), to, new Progress<BackupProgress>(), Cancellation);
        await pipe.Reader.AsStream().CopyToAsync(Stream.Null, Cancellation);
        await sending;
        return manifest;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string PathOf(string name) => Path.Combine(_root.FullName, name);

    /// <summary>A store of four writes, and a backup of three.</summary>
    private async Task<(string Data, string Backup)> BackedUpAsync()
    {
        (string data, string backup) = (PathOf("data"), PathOf("backup"));
        await using SqliteDatabase database = Open(data);
        await FillAsync(database, 3);
        Land(data, "binance/btc/2024-05.parquet", "candles");
        await BackupAsync(database, backup, Path.Combine(data, "landing"));
        await FillAsync(database, 1);
        return (data, backup);
    }

    private static SqliteDatabase Open(string folder)
    {
        SqliteDatabase database = SqliteDatabase.Open(folder);
        database.Prepare("CREATE TABLE IF NOT EXISTS one (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL); CREATE TABLE IF NOT EXISTS two (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);");
        return database;
    }

    private static async Task FillAsync(SqliteDatabase database, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await database.WriteAsync(connection => SqliteDatabase.Run(connection, "INSERT INTO one VALUES (NULL, randomblob(50000)); INSERT INTO two VALUES (NULL, randomblob(50000))"), 100_000);
        }
    }

    private static void Land(string data, string name, string text)
    {
        string path = Path.Combine(data, "landing", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static Task<(StoreIdentity Store, string? Aside)> RestoreAsync(string backup, string data, bool replace = false) =>
        StoreRestore.RunAsync(backup, data, replace, DateTimeOffset.Parse("2026-11-30T07:15:00Z", CultureInfo.InvariantCulture), new Progress<BackupProgress>(), Cancellation);

    private static async Task<long> CountAsync(string folder)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(folder);
        using SqliteConnection reader = database.OpenReader();
        return (long)SqliteDatabase.Scalar(reader, "SELECT count(*) FROM one")!;
    }

    private static async Task<StoreIdentity> IdentityAsync(string folder)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(folder);
        return database.Identity;
    }

    private static Dictionary<string, string> Hashes(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock")
        .ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
}
