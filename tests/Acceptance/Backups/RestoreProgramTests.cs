using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Pnl.Rates;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Backups;

/// <summary>The silo's own commands <c>restore</c> and <c>new-epoch</c>, as programs.</summary>
public sealed class RestoreProgramTests(Azurite azurite) : IClassFixture<Azurite>
{
    private const long Start = 1621427700;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _admin = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));

    /// <summary>Every list that has pages, with what its answer is asked with.</summary>
    private static readonly Dictionary<string, string> Lists = new()
    {
        ["/v1/tokens"] = "/v1/tokens?limit=1",
        ["/v1/tokens/{id}/rates"] = "/v1/tokens/kept/rates?limit=1",
        ["/v1/tokens/{id}/pnl/series"] = "/v1/tokens/kept/pnl/series?interval=5m&limit=1",
        ["/v1/tokens/{id}/setaside"] = "/v1/tokens/abc/setaside?limit=1",
        ["/v1/deadletters"] = "/v1/deadletters?limit=1",
        ["/v1/portfolios"] = "/v1/portfolios?limit=1",
        ["/v1/portfolios/{id}/entries"] = "/v1/portfolios/p1/entries?limit=1",
        ["/v1/portfolios/{id}/lots"] = "/v1/portfolios/p1/lots?limit=1",
        ["/v1/portfolios/{id}/pnl/series"] = "/v1/portfolios/p1/pnl/series?interval=5m&limit=1",
        ["/v1/backfills"] = "/v1/backfills?limit=1",
        ["/v1/audit"] = "/v1/audit?limit=1",
    };

    [Fact]
    public async Task After_the_silos_restore_the_cursors_of_every_list_are_outdated()
    {
        using DataFolder folder = new(), files = new(), backups = new(), restored = new();
        string backup = Path.Combine(backups.Path, "b");
        string[] settings = ["--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(_admin), "--Pnl:Sources:files:Path", files.Path];
        await File.WriteAllTextAsync(Path.Combine(files.Path, "ABC-USD.csv"), $"time,rate\n{Start},1\n{Start + 300},0\n{Start + 600},0\n{Start + 900},0\n", TestContext.Current.CancellationToken);
        Dictionary<string, string> cursors = [];
        await using (SqliteSegmentStore store = SqliteSegmentStore.Open(folder.Path))
        {
            await store.WriteDeadLetterAsync(new(DateTimeOffset.UtcNow, "nobody", "token.unknown", "one"));
            await store.WriteDeadLetterAsync(new(DateTimeOffset.UtcNow, "nobody", "token.unknown", "two"));
        }

        using (SiloProcess silo = await SiloProcess.StartAsync(folder, settings))
        {
            await FillAsync(silo);
            JsonElement paths = (await GetAsync(silo, "/openapi/v1.json")).Ok()["paths"];
            string[] paged = [.. paths.EnumerateObject()
                .Where(path => path.Value.TryGetProperty("get", out JsonElement get) && get.TryGetProperty("parameters", out JsonElement parameters)
                    && parameters.EnumerateArray().Any(parameter => parameter.GetProperty("name").GetString() == "cursor"))
                .Select(path => path.Name)];
            Assert.Equal(Lists.Keys.Order(), paged.Order()); // a list that is new belongs here, too
            foreach ((string list, string first) in Lists)
            {
                Answer page = (await GetAsync(silo, first)).Ok();
                Assert.True(page.Json.TryGetProperty("nextCursor", out JsonElement next) && next.ValueKind == JsonValueKind.String, $"{list}: {page.Text}");
                cursors[list] = Uri.EscapeDataString(next.GetString()!);
                (await GetAsync(silo, $"{first}&cursor={cursors[list]}")).Ok();
            }

            (int backed, string output) = await ProgramRun.ToEndAsync(Built.Tool, Limit, "backup", backup, "--server", silo.Http.BaseAddress!.ToString(), "--key", _admin);
            Assert.True(backed == 0, output);
        }

        (int code, string told) = await ProgramRun.ToEndAsync(Built.Silo, Limit, "restore", backup, "--Pnl:DataDirectory", restored.Path);
        Assert.True(code == 0 && told.Contains("restored " + restored.Path, StringComparison.Ordinal), told);
        using SiloProcess again = await SiloProcess.StartAsync(restored, settings);
        foreach ((string list, string first) in Lists)
        {
            Answer outdated = await GetAsync(again, $"{first}&cursor={cursors[list]}");
            Assert.True(outdated.Status == HttpStatusCode.BadRequest && outdated["code"].GetString() == "cursor.outdated", $"{list}: {outdated.Text}");
            (await GetAsync(again, first)).Ok();
        }
    }

    [Fact]
    public async Task A_restore_that_cannot_be_says_what_is_missing()
    {
        using DataFolder folder = new();
        (int code, string told) = await ProgramRun.ToEndAsync(Built.Silo, Limit, "restore");
        Assert.True(code == 1 && told.Contains("restore wants the folder of a backup first", StringComparison.Ordinal), told);
        (code, told) = await ProgramRun.ToEndAsync(Built.Silo, Limit, "restore", Path.Combine(folder.Path, "none"), "--Pnl:DataDirectory", folder.Path);
        Assert.True(code == 1 && told.Contains("none", StringComparison.Ordinal) && !told.Contains("   at ", StringComparison.Ordinal), told);
    }

    [Fact]
    public async Task New_epoch_gives_the_tables_another_epoch_and_their_id_stays()
    {
        string[] cluster = ["new-epoch", "--Pnl:Profile=cluster", "--Pnl:AzureStorage:ConnectionString", azurite.ConnectionString, "--Pnl:AzureStorage:Prefix", "epochs"];
        (int code, string first) = await ProgramRun.ToEndAsync(Built.Silo, Limit, cluster);
        Assert.True(code == 0, first);
        (code, string second) = await ProgramRun.ToEndAsync(Built.Silo, Limit, cluster);
        Assert.True(code == 0, second);
        Assert.Equal(IdOf(first), IdOf(second));
        Assert.NotEqual(first, second);

        (code, string local) = await ProgramRun.ToEndAsync(Built.Silo, Limit, "new-epoch");
        Assert.True(code == 1 && local.Contains("pnl restore", StringComparison.Ordinal), local);

        static string IdOf(string told) => told.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["the", "store", { } id, ..] ? id : throw new InvalidDataException(told);
    }

    private async Task FillAsync(SiloProcess silo)
    {
        foreach (string token in (string[])["kept", "other"])
        {
            (await SendAsync(silo, HttpMethod.Put, $"/v1/tokens/{token}", "{}")).Ok();
        }

        (await SendAsync(silo, HttpMethod.Post, "/v1/tokens/kept/rates", $$"""{"time":[{{Start}},{{Start + 300}},{{Start + 600}}],"rate":[1,2,3]}""")).Ok();
        foreach (string portfolio in (string[])["p1", "p2"])
        {
            (await SendAsync(silo, HttpMethod.Put, $"/v1/portfolios/{portfolio}", """{"baseCurrency":"usd"}""")).Ok();
        }

        (await SendAsync(silo, HttpMethod.Post, "/v1/portfolios/p1/entries", """
            {"entries":[{"id":"a","time":"2021-05-19T12:35:00Z","kind":"buy","token":"kept","quantity":1,"price":1,"currency":"usd"},
            {"id":"b","time":"2021-05-19T12:40:00Z","kind":"buy","token":"kept","quantity":2,"price":1,"currency":"usd"}]}
            """)).Ok();
        for (int i = 0; i < 2; i++)
        {
            Answer begun = await SendAsync(silo, HttpMethod.Post, "/v1/backfills", """{"source":"files","again":true}""");
            Assert.True(begun.Status == HttpStatusCode.Accepted, begun.Text);
            while ((await GetAsync(silo, $"/v1/backfills/{begun["id"].GetString()}")).Ok()["status"].GetString() is var status and not "completed")
            {
                Assert.Contains(status, (string[])["planned", "running"]);
                await Task.Delay(50, TestContext.Current.CancellationToken); // how far it is can only be asked for
            }
        }
    }

    private Task<Answer> GetAsync(SiloProcess silo, string path) => silo.Http.GetAnswerAsync(path, ("X-Api-Key", _admin));

    private Task<Answer> SendAsync(SiloProcess silo, HttpMethod method, string path, string json) => silo.Http.SendAsync(method, path, Requests.Json(json), ("X-Api-Key", _admin));
}
