using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Data.Sqlite;
using Pnl.Rates;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Acceptance.Streams;

namespace Pnl.Tests.Acceptance.Backups;

/// <summary>A backup of a running server, put back as an operator does it.</summary>
public sealed class BackupTests
{
    private const long Start = 1621427700;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task After_a_restore_answers_are_those_of_the_backup_and_nothing_that_was_told_before_holds()
    {
        using DataFolder folder = new(), backups = new();
        string backup = Path.Combine(backups.Path, "monday"), pnl = "/v1/tokens/kept/pnl?from=1621427700&to=1621428900", page = "/v1/tokens/kept/pnl/series?interval=5m&limit=2";
        string tag, lateTag, cursor, seen, answered;
        using (SiloProcess silo = await SiloProcess.StartAsync(folder))
        {
            await silo.Http.RegisterAsync("kept");
            (await silo.Http.IngestAsync("kept", (Start, 2m), (Start + 300, 3m), (Start + 600, 5m), (Start + 900, 4m))).Ok();
            Answer before = (await silo.Http.GetAnswerAsync(pnl)).Ok();
            (tag, answered, cursor) = (before.ETag!, before.Text, (await silo.Http.GetAnswerAsync(page)).Ok()["nextCursor"].GetString()!);
            (await silo.Http.GetAnswerAsync($"{page}&cursor={cursor}")).Ok();
            (int code, string output) = await ProgramRun.ToEndAsync(Built.Tool, Limit, "backup", backup, "--server", silo.Http.BaseAddress!.ToString());
            Assert.True(code == 0, output);

            (await silo.Http.IngestAsync("kept", (Start, 7m))).Ok(); // after the backup
            lateTag = (await silo.Http.GetAnswerAsync(pnl)).Ok().ETag!;
            await using EventReader reader = await EventReader.OpenAsync(silo.Http, "kept");
            await reader.SnapshotAsync();
            seen = reader.LastId!;
            (code, output) = await RestoreAsync(backup, folder, "--replace");
            Assert.True(code == 1 && output.Contains("in use by another process", StringComparison.Ordinal), output);
            silo.Kill();
        }

        (int refused, string why) = await RestoreAsync(backup, folder);
        Assert.True(refused == 1 && why.Contains("--replace", StringComparison.Ordinal), why);
        (int restored, string told) = await RestoreAsync(backup, folder, "--replace");
        Assert.True(restored == 0 && told.Contains("replaced-", StringComparison.Ordinal), told);
        using SiloProcess again = await SiloProcess.StartAsync(folder);
        foreach (string old in new[] { tag, lateTag })
        {
            Answer after = (await again.Http.GetAnswerAsync(pnl, ("If-None-Match", old))).Ok();
            Assert.Equal(answered, after.Text);
            Assert.Equal(HttpStatusCode.NotModified, (await again.Http.GetAnswerAsync(pnl, ("If-None-Match", after.ETag!))).Status);
        }

        Answer outdated = await again.Http.GetAnswerAsync($"{page}&cursor={cursor}");
        Assert.Equal((HttpStatusCode.BadRequest, "cursor.outdated"), (outdated.Status, outdated["code"].GetString()));
        (await again.Http.GetAnswerAsync("/v1/tokens?cursor=a")).Ok(); // which clients make of an id
        await using EventReader resumed = await EventReader.OpenAsync(again.Http, "kept", seen);
        Assert.Equal(4m, (await resumed.SnapshotAsync()).GetProperty("rate").GetDecimal());
        Assert.NotEqual(seen.Split('~')[0], resumed.LastId!.Split('~')[0]);
    }

    /// <summary>Restores killed at any moment: the store is the old one or the new one.</summary>
    [Fact(Explicit = true)]
    public async Task A_restore_that_is_killed_at_any_moment_leaves_the_old_store_or_the_new_one()
    {
        using DataFolder folder = new(), backups = new();
        string backup = Path.Combine(backups.Path, "b");
        await FillAsync(folder, 40);
        using (SiloProcess silo = await SiloProcess.StartAsync(folder))
        {
            (int code, string output) = await ProgramRun.ToEndAsync(Built.Tool, Limit, "backup", backup, "--server", silo.Http.BaseAddress!.ToString());
            Assert.True(code == 0, output);
        }

        Random random = new(1);
        Dictionary<string, int> ended = new() { ["old"] = 0, ["new"] = 0 };
        string epoch = await EpochAsync(folder);
        for (int i = 0; i < 30; i++)
        {
            using (ProgramRun run = ProgramRun.Start(Built.Tool, ["restore", backup, "--data", folder.Path, "--replace"]))
            {
                await Task.Delay(random.Next(200, 1500), TestContext.Current.CancellationToken); // a kill comes at any moment
                run.Kill();
            }

            string now = await EpochAsync(folder); // throws if they do not belong together
            ended[now == epoch ? "old" : "new"]++;
            epoch = now;
            Assert.False(Directory.Exists(Path.Combine(folder.Path, "restore.new")));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{ended["old"]} times the old, {ended["new"]} times the new");
    }

    /// <summary>How long a backup of 400 MB takes under 10 writes a second, and what these take meanwhile; and its restore.</summary>
    [Fact(Explicit = true)]
    public async Task Figures()
    {
        int megabytes = int.Parse(Environment.GetEnvironmentVariable("Pnl__Stress__Megabytes") ?? "400", CultureInfo.InvariantCulture);
        using DataFolder folder = new(), backups = new();
        string backup = Path.Combine(backups.Path, "b");
        await FillAsync(folder, megabytes);
        using (SiloProcess silo = await SiloProcess.StartAsync(folder))
        {
            await silo.Http.RegisterAsync("busy");
            using CancellationTokenSource stop = new();
            List<double> took = [];
            Task writing = WriteAsync();
            async Task WriteAsync()
            {
                using PeriodicTimer timer = new(TimeSpan.FromSeconds(0.1));
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
                    long began = Stopwatch.GetTimestamp();
                    (await silo.Http.IngestAsync("busy", (Start + (300L * i), 1m + i))).Ok();
                    took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                }
            }

            await Task.Delay(2000, TestContext.Current.CancellationToken);
            int quiet = took.Count;
            long since = Stopwatch.GetTimestamp();
            (int code, string output) = await ProgramRun.ToEndAsync(Built.Tool, Limit, "backup", backup, "--server", silo.Http.BaseAddress!.ToString());
            double seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
            await stop.CancelAsync();
            await writing;
            Assert.True(code == 0, output);
            double[] meanwhile = [.. took.Skip(quiet).Order()];
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"backup of {megabytes} MB: {seconds:0.0} s; {meanwhile.Length} writes meanwhile, median {meanwhile[meanwhile.Length / 2]:0} ms, longest {meanwhile[^1]:0} ms"));
            Assert.True(seconds <= 30, $"it took {seconds} s");
        }

        long restoring = Stopwatch.GetTimestamp();
        (int restored, string told) = await RestoreAsync(backup, folder, "--replace");
        Assert.True(restored == 0, told);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"restore: {Stopwatch.GetElapsedTime(restoring).TotalSeconds:0.0} s"));
    }

    private static Task<(int ExitCode, string Output)> RestoreAsync(string backup, DataFolder folder, params string[] options) =>
        ProgramRun.ToEndAsync(Built.Tool, Limit, ["restore", backup, "--data", folder.Path, .. options]);

    private static async Task FillAsync(DataFolder folder, int megabytes)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(folder.Path);
        database.Prepare("CREATE TABLE IF NOT EXISTS filling (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);");
        for (int i = 0; i < megabytes; i++)
        {
            await database.WriteAsync(connection => SqliteDatabase.Run(connection, "INSERT INTO filling VALUES (NULL, randomblob(980000))"), 1_000_000);
        }
    }

    private static async Task<string> EpochAsync(DataFolder folder)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(folder.Path);
        using SqliteConnection reader = database.OpenReader();
        Assert.Equal("ok", SqliteDatabase.Scalar(reader, "PRAGMA quick_check(1)"));
        return database.Identity.Epoch;
    }
}
