using System.Text.Json;
using Pnl.Cli;
using Pnl.Tests.Acceptance.Access;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Cli;

namespace Pnl.Tests.Acceptance.Tools;

/// <summary>What the tool says of what a gateway refuses.</summary>
[Collection(GuardedSilo.Collection)]
public sealed class ToolAccessTests(GuardedSilo silo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_that_are_absent_or_good_for_less_are_told_what_to_set()
    {
        (string server, string admin) = (silo.Http.BaseAddress!.OriginalString, GuardedSilo.AdminKey);

        (int code, string told, string errors) = await ToolAsync(["tokens", "--server", server]);
        Assert.Equal((ExitCode.Rejected, ""), (code, told));
        Assert.Contains("Set PNL_KEY to a key of this server, or give --key.", errors, StringComparison.Ordinal);

        (code, told, _) = await ToolAsync(["keys", "create", "reader", "--scopes", "read", "--server", server, "--key", admin, "--output", "json"]);
        Assert.Equal(ExitCode.Ok, code);
        string reader = JsonElement.Parse(told).GetProperty("key").GetString()!;
        (code, _, errors) = await ToolAsync(["keys", "list", "--server", server, "--key", reader]);
        Assert.Equal(ExitCode.Rejected, code);
        Assert.Contains("scope 'admin'", errors, StringComparison.Ordinal);
        Assert.Contains("Set PNL_KEY, or give --key, to a key with that scope", errors, StringComparison.Ordinal);
        (code, _, errors) = await ToolAsync(["top", "--window", "2h", "--server", server, "--key", reader]);
        Assert.Equal(ExitCode.Rejected, code);
        Assert.Contains("'window' may be 5m, 1h, 24h", errors, StringComparison.Ordinal); // what the API expects
        Answer version = (await silo.Http.GetAnswerAsync("/v1/version")).Ok(); // without a key
        Assert.Equal((Tool.Version.Split('+')[0], "1"), (version["version"].GetString(), version["contract"].GetString()));

        (code, told, errors) = await ToolAsync(["tokens", "--search", "none such", "--output", "csv", "--server", server, "--key", reader]);
        Assert.Equal((ExitCode.Ok, "id,symbol,quote,status,last bar,bars,first bar", ""), (code, told.TrimEnd(), errors));
    }

    [Fact]
    public async Task A_token_that_a_portfolio_holds_is_deleted_by_force_only()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.StartAsync(folder);
        string server = silo.Http.BaseAddress!.ToString();
        await silo.Http.RegisterAsync("held");
        await silo.Http.IngestAsync("held", (1_700_000_100, 3m));
        Assert.Equal(ExitCode.Ok, (await ToolAsync(["portfolio", "put", "mine", "--base", "usd", "--server", server])).Code);
        Assert.Equal(ExitCode.Ok, (await ToolAsync(["portfolio", "add", "mine", "buy", "2", "held", "--price", "3 usd", "--time", "2024-02-01T12:00:00Z", "--server", server])).Code);

        (int code, string text, string errors) = await ToolAsync(["token", "delete", "held", "--yes", "--server", server]);
        Assert.Equal((ExitCode.Rejected, ""), (code, text));
        Assert.Contains("'held' is in the ledgers of 1 portfolio", errors, StringComparison.Ordinal);
        Assert.Contains("--force", errors, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await ToolAsync(["token", "delete", "held", "--yes", "--force", "--server", server])).Code);
    }

    private static async Task<(int Code, string Text, string Errors)> ToolAsync(string[] arguments)
    {
        using StringWriter text = new(), errors = new();
        int code = await Tool.RunAsync(arguments, Consoles.Of(text, 200), errors, Cancellation);
        return (code, text.ToString(), errors.ToString());
    }
}
