using System.Diagnostics;
using Pnl.Cli.CommandLine;

namespace Pnl.Tests.Unit.Cli;

/// <summary>The completion, run by bash itself.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("pnl por", "portfolio")]
    [InlineData("pnl token", "token tokens")]
    [InlineData("pnl portfolio de", "delete")]
    [InlineData("pnl portfolio add mine --f", "--fee")]
    [InlineData("pnl backfill pause x --out", "--output")]
    [InlineData("pnl completion z", "zsh")]
    [InlineData("pnl nonsense --serv", "")]
    public async Task Commands_and_options_are_completed(string typed, string completed)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no bash.");
        string[] words = typed.Split(' ');
        string script = $"{CompletionCommand.Script("bash")}\nCOMP_WORDS=({typed}); COMP_CWORD={words.Length - 1}; _pnl; echo \"${{COMPREPLY[*]}}\"";
        ProcessStartInfo start = new("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process bash = Process.Start(start)!;
        string told = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), errors = await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal((completed, ""), (told.Trim(), errors));
    }

    [Fact]
    public void Zsh_runs_the_same_by_its_own_means() => Assert.Equal("autoload -U +X bashcompinit && bashcompinit\n" + CompletionCommand.Script("bash"), CompletionCommand.Script("zsh"));
}
