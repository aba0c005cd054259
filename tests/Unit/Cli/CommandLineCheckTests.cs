using Pnl.Cli;
using Pnl.Cli.CommandLine;

namespace Pnl.Tests.Unit.Cli;

/// <summary>What is typed wrongly is said so, before anything is done.</summary>
public sealed class CommandLineCheckTests
{
    [Theory]
    [InlineData("portfolio delete x --yes --dry-run", "--dry-run is unknown")]
    [InlineData("portfolio delete x --ye", "--ye is unknown; did you mean --yes?")]
    [InlineData("backfill btc --source files --form 2024-01-01", "--form is unknown; did you mean --from?")]
    [InlineData("top -x", "-x is unknown")]
    [InlineData("tokens --limit 3 --limit 4", "--limit is given twice")]
    [InlineData("tokens -s http://a --server http://b", "--server is given twice")]
    [InlineData("tokens --limit", "--limit is without its value <TOKENS>.")]
    [InlineData("tokens --search --all", "--search is without its value <TEXT>. One that begins with a dash is written --search=--all.")]
    [InlineData("tokens --all=perhaps", "--all takes no value")]
    [InlineData("show btc eth", "'eth' is one argument too many: pnl show takes <TOKEN>.")]
    [InlineData("show btc -- --anything", "-- is unknown")]
    [InlineData("show", "pnl show is without <TOKEN> (the token's id, such as btc).")]
    [InlineData("portfolio add mine buy 0.5 btc", "pnl portfolio add is without --time <TIME> (when it happened")]
    [InlineData("portfolio add mine buy 0.5 btc --price 42000 usd --time 1", "'usd' is one argument too many")]
    [InlineData("foo", "There is no command 'foo'")]
    [InlineData("tokns", "There is no command 'tokns'; did you mean tokens?")]
    [InlineData("portfolio lits", "There is no command 'portfolio lits'; did you mean lots?")]
    [InlineData("--server http://a tokens", "the command comes first")]
    [InlineData("--help portfolio", "'portfolio' is one argument too many")]
    public void What_is_not_taken_is_named_with_the_nearest_that_is(string typed, string told) => Assert.StartsWith(told, Defect(typed)?[(Defect(typed)!.IndexOf(told, StringComparison.Ordinal) is var at && at < 0 ? 0 : at)..], StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("portfolio")]
    [InlineData("portfolio --help")]
    [InlineData("portfolio add --help")]
    [InlineData("portfolio add mine redenomination -0.5 btc --time 1 --fee 1 --fee 2 --note=-x")]
    [InlineData("import a b c --strict -p 3 --server=http://a")]
    [InlineData("backfill list")]
    [InlineData("backfill --source files")]
    [InlineData("backfill btc eth --source files")]
    [InlineData("token put btc --listing a:B --listing c:D")]
    public void What_is_taken_is_not(string typed) => Assert.Null(Defect(typed));

    [Fact]
    public void Examples_are_taken()
    {
        foreach (string example in ToolCommands.All.SelectMany(command => command.Examples))
        {
            Assert.Null(CommandLineCheck.Defect(CommandLineCheck.WithDefaults(ShellWords.Of(example))));
        }

        Assert.All(ToolCommands.All, command => Assert.NotEmpty(command.Examples));
    }

    [Theory]
    [InlineData("portfolio delete x --yes --dry-run")]
    [InlineData("foo")]
    [InlineData("tokens --limit many")]
    [InlineData("token delete btc --from soon --to 2024-01-01 --yes")]
    [InlineData("portfolio add mine buy 1 btc --time yesterday")]
    [InlineData("portfolio delete mine --yes --output csv")]
    public async Task The_tool_ends_with_the_code_of_usage_and_writes_to_the_errors_alone(string typed)
    {
        using StringWriter text = new(), errors = new();
        int code = await Tool.RunAsync([.. ShellWords.Of(typed), .. typed == "foo" ? Array.Empty<string>() : ["--server", "http://127.0.0.1:9"]], Consoles.Of(text, 80), errors, TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Usage, ""), (code, text.ToString()));
        Assert.NotEmpty(errors.ToString());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_named_at_once()
    {
        using StringWriter text = new(), errors = new();
        long began = TimeProvider.System.GetTimestamp();
        int code = await Tool.RunAsync(["tokens", "--server", "http://127.0.0.1:9"], Consoles.Of(text, 80), errors, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Server, code);
        Assert.Contains("http://127.0.0.1:9/", errors.ToString(), StringComparison.Ordinal);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "it took the time of retries");
    }

    private static string? Defect(string typed) => CommandLineCheck.Defect(CommandLineCheck.WithDefaults(typed.Length == 0 ? [] : ShellWords.Of(typed)));
}
