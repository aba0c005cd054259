using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>What is written into files that nobody will find again is not acknowledged, and what can be mended goes on.</summary>
public sealed class LostFolderTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("pnl-lost-");

    private string Folder => Path.Combine(_parent.FullName, "data");

    private string File => Path.Combine(Folder, "bars.db");

    public void Dispose() => _parent.Delete(recursive: true);

    [Theory]
    [InlineData("unlinked", "removed")]
    [InlineData("folder deleted", "removed")]
    [InlineData("replaced", "another database")]
    [InlineData("emptied", "cut short")]
    [InlineData("log unlinked", "log beside the database was removed")]
    [InlineData("log emptied", "log beside the database was cut short")]
    public async Task A_write_into_what_is_lost_is_refused_by_its_reason_and_the_end_says_it(string loss, string reason)
    {
        SqliteDatabase database = Open();
        await InsertAsync(database, 1);
        Assert.Null(database.Fault);

        Lose(loss);

        Assert.Contains(reason, (await Assert.ThrowsAsync<IOException>(() => InsertAsync(database, 2))).Message, StringComparison.Ordinal);
        Assert.Contains(reason, (await Assert.ThrowsAsync<IOException>(database.ProbeAsync)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, database.Fault, StringComparison.Ordinal);
        Assert.DoesNotContain(_parent.FullName, database.Fault, StringComparison.Ordinal);
        if (loss is "unlinked" or "folder deleted" or "replaced")
        {
            Assert.Throws<IOException>(() => database.OpenReader().Dispose());
        }

        Assert.Contains(reason, (await Assert.ThrowsAsync<IOException>(() => database.DisposeAsync().AsTask())).Message, StringComparison.Ordinal);
        if (loss == "folder deleted")
        {
            Assert.False(Directory.Exists(Folder), "a reader has made a database anew");
        }

        if (loss == "log unlinked")
        {
            Assert.Equal((long[])[1], await StoredAsync()); // moved into the database at the end
        }
    }

    [Fact]
    public async Task Another_databases_files_are_left_alone_at_the_end()
    {
        SqliteDatabase database = Open();
        await InsertAsync(database, 1);
        Lose("replaced");
        System.IO.File.WriteAllBytes(File + "-wal", [1, 2, 3]);
        await Assert.ThrowsAsync<IOException>(() => database.DisposeAsync().AsTask());
        Assert.Equal([1, 2, 3], System.IO.File.ReadAllBytes(File + "-wal"));
    }

    [Fact]
    public async Task A_folder_that_is_put_back_goes_on()
    {
        await using SqliteDatabase database = Open();
        await InsertAsync(database, 1);
        string aside = Folder + "-aside";
        Directory.Move(Folder, aside);
        await Assert.ThrowsAsync<IOException>(() => InsertAsync(database, 2));
        Directory.Move(aside, Folder);
        await InsertAsync(database, 3);
        Assert.Null(database.Fault);
        Assert.Equal((long[])[1, 3], await StoredAsync());
    }

    [Fact]
    public async Task A_full_disk_is_named_and_goes_on_when_it_has_room()
    {
        Directory.CreateDirectory(Folder);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=40m", "none", Folder), "A file system of a test's own can be mounted by root alone.");
        try
        {
            await using SqliteDatabase database = Open();
            await InsertAsync(database, 1);
            await database.ProbeAsync();

            string filler = Path.Combine(Folder, "filler");
            await using (FileStream file = System.IO.File.Create(filler))
            {
                try
                {
                    while (true)
                    {
                        file.Write(new byte[4096]);
                        file.Flush();
                    }
                }
                catch (IOException)
                {
                    // Full.
                }
            }

            Assert.Contains("disk is full", (await Assert.ThrowsAsync<IOException>(database.ProbeAsync)).Message, StringComparison.Ordinal);
            Assert.Contains("disk is full", (await Assert.ThrowsAsync<IOException>(() => InsertAsync(database, 2, new byte[1 << 20]))).Message, StringComparison.Ordinal);
            Assert.Contains("disk is full", database.Fault, StringComparison.Ordinal);

            System.IO.File.Delete(filler);
            await database.ProbeAsync();
            await InsertAsync(database, 3);
            Assert.Null(database.Fault);
            Assert.Equal((long[])[1, 3], await StoredAsync());
        }
        finally
        {
            Assert.True(Run("umount", Folder));
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_not_said_to_be_in_use()
    {
        System.IO.File.WriteAllText(Folder, "a file is in its place");
        string message = Assert.Throws<IOException>(() => SqliteDatabase.Open(Folder)).Message;
        Assert.Contains("cannot be written", message, StringComparison.Ordinal);
        System.IO.File.Delete(Folder);
    }

    private void Lose(string loss)
    {
        switch (loss)
        {
            case "unlinked":
                System.IO.File.Delete(File);
                break;
            case "folder deleted":
                Directory.Delete(Folder, recursive: true);
                break;
            case "replaced":
                System.IO.File.Move(File, File + ".old");
                System.IO.File.Copy(File + ".old", File);
                break;
            case "emptied":
                Empty(File);
                break;
            case "log unlinked":
                System.IO.File.Delete(File + "-wal");
                break;
            case "log emptied":
                Empty(File + "-wal");
                break;
        }

        // Not by a FileStream of this process: closing one lets go of the locks that SQLite holds on the file.
        static void Empty(string path) => Assert.True(Run("truncate", "-s", "0", path));
    }

    private SqliteDatabase Open()
    {
        SqliteDatabase database = SqliteDatabase.Open(Folder);
        database.Prepare("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, more BLOB);");
        return database;
    }

    private static Task InsertAsync(SqliteDatabase database, int id, byte[]? more = null) => database.WriteAsync(
        connection =>
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "INSERT INTO kept (id, more) VALUES ($id, $more)";
            command.Parameters.AddWithValue("$id", id);
            command.Parameters.AddWithValue("$more", more ?? (object)DBNull.Value);
            command.ExecuteNonQuery();
        },
        100);

    private async Task<long[]> StoredAsync()
    {
        await using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM kept ORDER BY id";
        await using SqliteDataReader reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<long> ids = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            ids.Add(reader.GetInt64(0));
        }

        return [.. ids];
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
