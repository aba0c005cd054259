using System.Net;
using Microsoft.Data.Sqlite;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Health;

/// <summary>Ready says what all depend on, to everybody, and names nothing.</summary>
public sealed class ReadinessTests
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static readonly string[] Tokens = ["aaa-first", "bbb-second", "zzz-last"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Damaged_tokens_take_no_process_out_of_service_while_another_is_well(int damaged)
    {
        using DataFolder folder = new();
        await FillAsync(folder, Tokens);
        await DamageAsync(folder, Tokens[..damaged]);
        using SiloProcess silo = await SiloProcess.StartAsync(folder); // it becomes ready

        foreach (string token in Tokens[..damaged])
        {
            Assert.NotEqual(HttpStatusCode.OK, (await silo.Http.GetAnswerAsync($"/v1/tokens/{token}/pnl")).Status);
        }

        Answer ready = (await silo.Http.GetAnswerAsync("/health/ready")).Ok();

        Assert.Equal(["feed", "portfolios", "query", "store"], ready["checks"].EnumerateObject().Select(check => check.Name).Order());
        Assert.All(Tokens, token => Assert.DoesNotContain(token, ready.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_only_token_decides_nothing()
    {
        using DataFolder folder = new();
        await FillAsync(folder, "aaa-first");
        await DamageAsync(folder, "aaa-first");
        using SiloProcess one = await SiloProcess.StartAsync(folder);
        Answer ready = (await one.Http.GetAnswerAsync("/health/ready")).Ok();
        Assert.Equal("answers; the only token cannot be read", ready["checks"].GetProperty("query").GetProperty("detail").GetString());
        await one.Http.RegisterAsync("bbb-second");
        (await one.Http.IngestAsync("bbb-second", (Start, 2m))).Ok();
        Assert.Equal(0, await one.TerminateAsync(TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_told_refuses_writes_and_ends_with_a_line()
    {
        using DataFolder parent = new();
        using SiloProcess silo = await SiloProcess.StartAsync(parent, "--Pnl:DataDirectory", Path.Combine(parent.Path, "data"));
        string folder = Path.Combine(parent.Path, "data");
        await silo.Http.RegisterAsync("aaa-first");
        (await silo.Http.IngestAsync("aaa-first", (Start, 2m))).Ok();
        Directory.Delete(folder, recursive: true);

        Answer write = await silo.Http.IngestAsync("aaa-first", (Start + 300, 3m));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, write.Status);
        Assert.Contains("data folder is gone", write.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(folder, write.Text, StringComparison.Ordinal);

        Answer ready = await UntilAsync(silo, HttpStatusCode.ServiceUnavailable);
        Assert.StartsWith("cannot be written: the data folder is gone", ready["checks"].GetProperty("store").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(folder, ready.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAnswerAsync("/health/live")).Status);

        Assert.Equal(1, await silo.TerminateAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains("Orleans.Pnl has ended, but not cleanly: the data folder is gone", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", silo.Output, StringComparison.Ordinal);
    }

    private static async Task<Answer> UntilAsync(SiloProcess silo, HttpStatusCode status)
    {
        for (long began = Environment.TickCount64; ;)
        {
            Answer answer = await silo.Http.GetAnswerAsync("/health/ready");
            if (answer.Status == status)
            {
                return answer;
            }

            Assert.True(Environment.TickCount64 - began < 10_000, $"it is still {answer.Status}");
            await Task.Delay(50, TestContext.Current.CancellationToken); // an answer holds for a second
        }
    }

    private static async Task FillAsync(DataFolder folder, params string[] tokens)
    {
        using SiloProcess silo = await SiloProcess.StartAsync(folder);
        foreach (string token in tokens)
        {
            await silo.Http.RegisterAsync(token);
            (await silo.Http.IngestAsync(token, [.. Enumerable.Range(0, 500).Select(i => (Start + (300L * i), 1m + i))])).Ok();
        }

        Assert.Equal(0, await silo.TerminateAsync(TimeSpan.FromMinutes(2)));
    }

    /// <summary>Puts bytes that mean nothing in the place of what is stored of tokens.</summary>
    private static async Task DamageAsync(DataFolder folder, params string[] tokens)
    {
        await using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder.Path, "bars.db"), Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        foreach (string token in tokens)
        {
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText = """
                UPDATE month SET summary = x'0102030405', bars = x'0504030201' WHERE key / 16384 = (SELECT number FROM token WHERE id = $token);
                UPDATE token SET coverage = x'ffffffff', tail = x'ffffffff' WHERE id = $token
                """;
            command.Parameters.AddWithValue("$token", token);
            Assert.True(await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken) >= 1);
        }
    }
}
