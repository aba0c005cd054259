using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Keys;

internal sealed class RevokeKeySettings : ServerSettings
{
    [CommandArgument(0, "<ID>")]
    [Description("The key's id, as it is listed.")]
    public string Id { get; init; } = "";
}

[Description("Takes an API key back for ever.")]
internal sealed class RevokeKeyCommand(IAnsiConsole console) : AsyncCommand<RevokeKeySettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, RevokeKeySettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        await server.RevokeKeyAsync(settings.Id, cancellationToken);
        console.MarkupLineInterpolated($"The key {settings.Id} is good for nothing any more.");
        return ExitCode.Ok;
    }
}
