using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Backfills;

/// <summary>History by the tool through a real silo, and the same store again from its landing alone.</summary>
public sealed class BackfillToolTests(Azurite azurite) : IClassFixture<Azurite>
{
    private const string Tokens = "--Pnl:Simulated:Tokens=3";

    [Fact]
    public async Task The_tool_fetches_history_and_rebuild_makes_the_same_answers_from_a_copy_of_the_landing()
    {
        using DataFolder folder = new(), copy = new();
        Dictionary<string, string> answers = await BackfillAsync(folder);

        foreach (string file in Directory.GetFiles(Path.Combine(folder.Path, "landing"), "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy.Path, Path.GetRelativePath(folder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        Assert.Equal(answers, await RebuildAsync(copy));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_landing_in_blobs_makes_the_same_answers_in_an_empty_folder()
    {
        using DataFolder folder = new(), empty = new();
        string[] blobs = ["--Pnl:Landing=blob", "--Pnl:Landing:Blob:Container=rates-as-fetched", $"--Pnl:AzureStorage:ConnectionString={azurite.ConnectionString}"];
        Dictionary<string, string> answers = await BackfillAsync(folder, blobs);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "landing")));
        Assert.Equal(answers, await RebuildAsync(empty, blobs));
    }

    /// <summary>Fetches some weeks of three tokens; how the silo answers then.</summary>
    private static async Task<Dictionary<string, string>> BackfillAsync(DataFolder folder, params string[] settings)
    {
        using SiloProcess silo = await SiloProcess.ListeningAsync(folder, ["--Pnl:Feed=none", Tokens, .. settings]);
        await silo.ReadyAsync(TimeSpan.FromMinutes(1));
        (int code, string output) = await ProgramRun.ToEndAsync(
            Built.Tool, TimeSpan.FromMinutes(1), "backfill", "--source", "simulated", "--from", "2024-12-20T00:00:00Z", "--to", "2025-02-10T00:00:00Z", "--server", silo.Http.BaseAddress!.ToString());
        Assert.True(code == 0, output);
        Assert.Contains("completed: 3 of 3 tokens", output, StringComparison.Ordinal);
        Dictionary<string, string> answers = await AnswersAsync(silo);
        Assert.Equal(3, answers.Count);
        return answers;
    }

    /// <summary>Makes the store of a folder from the landing; how a silo answers from it.</summary>
    private static async Task<Dictionary<string, string>> RebuildAsync(DataFolder folder, params string[] settings)
    {
        (int code, string said) = await ProgramRun.ToEndAsync(Built.Silo, TimeSpan.FromMinutes(1), ["rebuild", "--Pnl:DataDirectory", folder.Path, .. settings]);
        Assert.True(code == 0, said);
        Assert.Contains("rebuilt 3 tokens", said, StringComparison.Ordinal);
        using SiloProcess silo = await SiloProcess.ListeningAsync(folder, ["--Pnl:Feed=none", Tokens, .. settings]);
        await silo.ReadyAsync(TimeSpan.FromMinutes(1));
        return await AnswersAsync(silo);
    }

    private static async Task<Dictionary<string, string>> AnswersAsync(SiloProcess silo)
    {
        Dictionary<string, string> answers = [];
        foreach (System.Text.Json.JsonElement token in (await silo.Http.GetAnswerAsync("/v1/tokens")).Ok()["items"].EnumerateArray())
        {
            string id = token.GetProperty("id").GetString()!;
            Answer rates = (await silo.Http.GetAnswerAsync($"/v1/tokens/{id}/rates")).Ok();
            answers[id] = string.Join(' ', rates.Times().Zip(rates["close"].EnumerateArray().Select(close => close.GetRawText())));
        }

        return answers;
    }
}
