using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Keys;

internal sealed class RevokeKeySettings : DataSettings
{
    [CommandArgument(0, "<ID>")]
    [Description("The key's id, as it is listed.")]
    public string Id { get; init; } = "";

    protected override bool HasRows => false;
}

[Description("Takes an API key back for ever.")]
internal sealed class RevokeKeyCommand(IAnsiConsole console) : DataCommand<RevokeKeySettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, RevokeKeySettings settings, Screen screen, CancellationToken cancel)
    {
        await pnl.RevokeKeyAsync(settings.Id, cancel);
        screen.Say($"The key {settings.Id} is good for nothing any more.");
        return ExitCode.Ok;
    }
}
