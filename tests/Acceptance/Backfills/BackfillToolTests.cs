using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Backfills;

/// <summary>History by the tool through a real silo, and the same store again from its landing alone.</summary>
public sealed class BackfillToolTests
{
    private const string Tokens = "--Pnl:Simulated:Tokens=3";

    [Fact]
    public async Task The_tool_fetches_history_and_rebuild_makes_the_same_answers_from_a_copy_of_the_landing()
    {
        using DataFolder folder = new(), copy = new();
        Dictionary<string, string> answers;
        using (SiloProcess silo = await SiloProcess.ListeningAsync(folder, "--Pnl:Feed=none", Tokens))
        {
            await silo.ReadyAsync(TimeSpan.FromMinutes(1));
            (int code, string output) = await ProgramRun.ToEndAsync(
                Built.Tool, TimeSpan.FromMinutes(1), "backfill", "--source", "simulated", "--from", "2024-12-20T00:00:00Z", "--to", "2025-02-10T00:00:00Z", "--server", silo.Http.BaseAddress!.ToString());
            Assert.True(code == 0, output);
            Assert.Contains("completed: 3 of 3 tokens", output, StringComparison.Ordinal);
            answers = await AnswersAsync(silo);
            Assert.Equal(3, answers.Count);
        }

        foreach (string file in Directory.GetFiles(Path.Combine(folder.Path, "landing"), "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy.Path, Path.GetRelativePath(folder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        (int rebuilt, string said) = await ProgramRun.ToEndAsync(Built.Silo, TimeSpan.FromMinutes(1), "rebuild", "--Pnl:DataDirectory", copy.Path);
        Assert.True(rebuilt == 0, said);
        Assert.Contains("rebuilt 3 tokens", said, StringComparison.Ordinal);
        using SiloProcess second = await SiloProcess.ListeningAsync(copy, "--Pnl:Feed=none", Tokens);
        await second.ReadyAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(answers, await AnswersAsync(second));
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
