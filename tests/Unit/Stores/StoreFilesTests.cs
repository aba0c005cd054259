using System.Globalization;
using Microsoft.Data.Sqlite;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>A start takes only files that belong together. A copy of the folder while nothing is written is what kill -9 leaves.</summary>
public sealed class StoreFilesTests : IDisposable
{
    private const string File = "bars.db", Log = "bars.db-wal", Mark = "bars.db-store";
    private const int Pages = 64, Generation = 12; // writes that fill a log of so many pages, and some

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("pnl-files-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task What_a_kill_leaves_is_taken_whole_at_any_time()
    {
        string folder = New();
        await using SqliteDatabase database = Open(folder);
        for (int i = 1; i <= 3 * Generation; i++)
        {
            await WriteAsync(database, i);
            if (i % 3 == 0)
            {
                string left = Image(folder);
                Assert.Equal(i, await CountAsync(left));
                Assert.Equal(database.Identity, await IdentityAsync(left)); // twice, since that stopped in order
            }
        }
    }

    [Fact]
    public async Task A_log_that_a_reader_keeps_from_being_emptied_is_of_its_file_all_the_same()
    {
        string folder = New();
        await using SqliteDatabase database = Open(folder);
        await WriteAsync(database, 1);
        using SqliteConnection reader = database.OpenReader();
        Run(reader, "BEGIN; SELECT count(*) FROM written");
        for (int i = 2; i <= 3 * Generation; i++)
        {
            await WriteAsync(database, i);
            if (i % Generation == 5)
            {
                Run(reader, "COMMIT; BEGIN; SELECT count(*) FROM written"); // as new as can be, and still in the log
            }

            if (i % 5 == 0)
            {
                Assert.Equal(i, await CountAsync(Image(folder)));
            }
        }
    }

    public static TheoryData<string, string> Mixes => new()
    {
        { "earlier file", "bars.db is not the file that was last open here" },
        { "earlier log", "bars.db-wal does not belong to" },
        { "earlier log after a stop in order", "bars.db-wal does not belong to" },
        { "file of another store", "bars.db is not the file that was last open here" },
        { "log of another store", "bars.db-wal does not belong to" },
        { "backup's file", "bars.db is not the file that was last open here" },
        { "no log", "bars.db-wal is missing or empty" },
        { "empty log", "bars.db-wal is missing or empty" },
        { "no mark", "bars.db-store is not there" },
        { "no file", "bars.db is not there, but" },
        { "empty file", "bars.db is empty, but" },
        { "a log alone", "bars.db is not there, but its log" },
        { "another program's file", "bars.db is not the file that was last open here" },
        { "another program's file alone", "another program's database (its tables are recipes)" },
        { "text", "bars.db is no SQLite database" },
        { "hot copy of the file alone, put back after a stop in order", "bars.db is not the file that was last open here" },
        { "mark of no sense", "bars.db-store is damaged" },
    };

    [Theory]
    [MemberData(nameof(Mixes))]
    public async Task Files_that_do_not_belong_together_are_refused_by_name_and_left_as_they_are(string mix, string expected)
    {
        (string folder, string earlier, string other) = (New(), "", "");
        await using (SqliteDatabase database = Open(folder))
        {
            await WriteAsync(database, 1);
            earlier = Image(folder);
            for (int i = 2; i <= 2 * Generation + 3; i++)
            {
                await WriteAsync(database, i);
            }

            string left = Image(folder);
            string another = New();
            await using (SqliteDatabase elsewhere = Open(another))
            {
                await WriteAsync(elsewhere, 1);
                other = Image(another);
            }

            Mix(mix, left, earlier, other);
            folder = mix.EndsWith("stop in order", StringComparison.Ordinal) ? folder : left;
            if (mix == "backup's file")
            {
                await StoreBackupTests.BackupAsync(database, Path.Combine(_root.FullName, "backup"));
                System.IO.File.Copy(Path.Combine(_root.FullName, "backup", File), Path.Combine(left, File), overwrite: true);
            }
        }

        if (mix == "earlier log after a stop in order")
        {
            Take(Log, earlier, folder);
        }
        else if (mix.StartsWith("hot copy", StringComparison.Ordinal))
        {
            Take(File, earlier, folder);
        }

        Dictionary<string, byte[]> before = Contents(folder);
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => SqliteDatabase.Open(folder));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Contents(folder));
    }

    [Fact]
    public async Task A_file_alone_is_taken_in_a_new_epoch_if_it_is_sound()
    {
        string folder = New(), alone = New();
        StoreIdentity identity;
        await using (SqliteDatabase database = Open(folder))
        {
            identity = database.Identity;
            for (int i = 1; i <= 5; i++)
            {
                await WriteAsync(database, i);
            }
        }

        Assert.Equal(identity, await IdentityAsync(folder)); // a start is no restore
        Take(File, folder, alone);
        StoreIdentity taken = await IdentityAsync(alone);
        Assert.Equal(identity.Id, taken.Id);
        Assert.NotEqual(identity.Epoch, taken.Epoch);
        Assert.Equal(taken, await IdentityAsync(alone));
        Assert.Equal(5, await CountAsync(alone));

        System.IO.File.Delete(Path.Combine(alone, Mark));
        byte[] bytes = await System.IO.File.ReadAllBytesAsync(Path.Combine(alone, File), Cancellation);
        bytes.AsSpan(1024, 1024).Fill(0x55); // a page of the schema or of a table
        await System.IO.File.WriteAllBytesAsync(Path.Combine(alone, File), bytes, Cancellation);
        Assert.Throws<InvalidDataException>(() => SqliteDatabase.Open(alone));
    }

    [Fact]
    public async Task A_first_start_that_was_killed_is_begun_anew()
    {
        string folder = New();
        System.IO.File.Create(Path.Combine(folder, File)).Dispose();
        Assert.Equal(0, await CountAsync(folder));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string New() => Directory.CreateDirectory(Path.Combine(_root.FullName, Guid.NewGuid().ToString("n"))).FullName;

    private string Image(string folder)
    {
        string to = New();
        foreach (string name in new[] { File, Log, Mark })
        {
            Take(name, folder, to);
        }

        return to;
    }

    private static void Mix(string mix, string left, string earlier, string other)
    {
        string file = Path.Combine(left, File), log = Path.Combine(left, Log), mark = Path.Combine(left, Mark);
        switch (mix)
        {
            case "earlier file": Take(File, earlier, left); break;
            case "earlier log": Take(Log, earlier, left); break;
            case "file of another store": Take(File, other, left); break;
            case "log of another store": Take(Log, other, left); break;
            case "no log": System.IO.File.Delete(log); break;
            case "empty log": System.IO.File.WriteAllBytes(log, []); break;
            case "no mark": System.IO.File.Delete(mark); break;
            case "no file": System.IO.File.Delete(file); break;
            case "empty file": System.IO.File.WriteAllBytes(file, []); break;
            case "a log alone": System.IO.File.Delete(file); System.IO.File.Delete(mark); break;
            case "text": System.IO.File.WriteAllText(file, string.Concat(Enumerable.Repeat("no database ", 100))); break;
            case "mark of no sense": System.IO.File.WriteAllText(mark, "{"); break;
            case "another program's file" or "another program's file alone":
                System.IO.File.Delete(file);
                System.IO.File.Delete(log);
                using (SqliteConnection recipes = new($"Data Source={file};Pooling=false"))
                {
                    recipes.Open();
                    Run(recipes, "CREATE TABLE recipes (name TEXT)");
                }

                if (mix.EndsWith("alone", StringComparison.Ordinal))
                {
                    System.IO.File.Delete(mark);
                }

                break;
        }
    }

    private static void Take(string name, string from, string to) => System.IO.File.Copy(Path.Combine(from, name), Path.Combine(to, name), overwrite: true);

    private static Dictionary<string, byte[]> Contents(string folder) =>
        Directory.EnumerateFiles(folder).Where(path => Path.GetFileName(path) != "lock").ToDictionary(path => Path.GetFileName(path), System.IO.File.ReadAllBytes);

    private static SqliteDatabase Open(string folder)
    {
        SqliteDatabase database = SqliteDatabase.Open(folder, Pages);
        database.Prepare("CREATE TABLE IF NOT EXISTS written (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);");
        return database;
    }

    private static Task WriteAsync(SqliteDatabase database, int number) => database.WriteAsync(
        connection => Run(connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO written VALUES ({number}, randomblob(10000))")), 10_000);

    private static async Task<long> CountAsync(string folder)
    {
        await using SqliteDatabase database = Open(folder);
        using SqliteConnection reader = database.OpenReader();
        return (long)SqliteDatabase.Scalar(reader, "SELECT count(*) FROM written")!;
    }

    private static async Task<StoreIdentity> IdentityAsync(string folder)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(folder);
        return database.Identity;
    }

    private static void Run(SqliteConnection connection, string sql) => SqliteDatabase.Run(connection, sql);
}
