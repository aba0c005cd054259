using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Tokens;

internal sealed class DeleteTokenSettings : ServerSettings
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

    public override ValidationResult Validate() =>
        From is null != To is null ? ValidationResult.Error("--from and --to go together; without them the token is deleted as a whole.")
        : !Yes ? ValidationResult.Error(From is null ? $"--yes is not given: it would delete {Token} with all of its bars." : $"--yes is not given: it would delete the bars of {Token} from {From} to {To}.")
        : base.Validate();
}

[Description("Deletes a token with all of its bars, or with --from and --to bars alone; for admins.")]
internal sealed class DeleteTokenCommand(IAnsiConsole console) : AsyncCommand<DeleteTokenSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, DeleteTokenSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        RemovalAnswer removal = await server.DeleteTokenAsync(settings.Token, settings.From, settings.To, settings.Force, cancellationToken);
        console.MarkupLineInterpolated($"deleted: {settings.Token}{(settings.From is null ? "" : $" from {settings.From} to {settings.To}")}, {removal.Removed} bars");
        return ExitCode.Ok;
    }
}
