using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Tokens;

internal sealed class DeleteTokenSettings : DataSettings
{
    [CommandArgument(0, "<TOKEN>")]
    [Description("The token's id, such as btc.")]
    public string Token { get; init; } = "";

    [CommandOption("--from <TIME>")]
    [Description("With --to: deletes only the bars that open from then on.")]
    public string? From { get; init; }

    [CommandOption("--to <TIME>")]
    [Description("Bars that open then or later stay.")]
    public string? To { get; init; }

    [CommandOption("--yes")]
    [Description("Says that it is meant: what is deleted cannot be had back.")]
    public bool Yes { get; init; }

    [CommandOption("--force")]
    [Description("Deletes the token though portfolios hold it: its rate is missing there then.")]
    public bool Force { get; init; }

    protected override bool HasRows => false;

    public override ValidationResult Validate() => FirstError(
        From is null != To is null ? ValidationResult.Error("--from and --to go together; without them the token is deleted as a whole.") : ValidationResult.Success(),
        TimeCheck("--from", From),
        TimeCheck("--to", To),
        Yes ? base.Validate() : ValidationResult.Error(From is null ? $"--yes is not given: it would delete {Token} with all of its bars." : $"--yes is not given: it would delete the bars of {Token} from {From} to {To}."));
}

[Description("Deletes a token with all of its bars, or with --from and --to bars alone; for admins.")]
internal sealed class DeleteTokenCommand(IAnsiConsole console) : DataCommand<DeleteTokenSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, DeleteTokenSettings settings, Screen screen, CancellationToken cancel)
    {
        TokenRemoval removal = Utc.Read(settings.From) is { } from && Utc.Read(settings.To) is { } to
            ? await pnl.DeleteRatesAsync(settings.Token, from, to, cancel) : await pnl.DeleteTokenAsync(settings.Token, settings.Force, cancel);
        screen.Say($"deleted: {settings.Token}{(settings.From is null ? "" : $" from {settings.From} to {settings.To}")}, {removal.Removed:N0} bars");
        return ExitCode.Ok;
    }
}
