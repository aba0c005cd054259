using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Keys;

internal sealed class CreateKeySettings : ServerSettings
{
    [CommandArgument(0, "<NAME>")]
    [Description("What the key is called in lists and logs.")]
    public string Name { get; init; } = "";

    [CommandOption("--owner <OWNER>")]
    [Description("Whose portfolios the key reads and changes. Default: the name. 'local' owns what was made without access control.")]
    public string? Owner { get; init; }

    [CommandOption("--scopes <SCOPES>")]
    [Description("What it is good for, with commas between: read, ingest, portfolio, metrics, admin.")]
    [DefaultValue(Scope.Read)]
    public string Scopes { get; init; } = Scope.Read;
}

[Description("Makes an API key, and shows it this once.")]
internal sealed class CreateKeyCommand(IAnsiConsole console) : AsyncCommand<CreateKeySettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, CreateKeySettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        NewKeyAnswer key = await server.CreateKeyAsync(
            new(settings.Name, settings.Owner ?? settings.Name, settings.Scopes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)), cancellationToken);
        console.MarkupLineInterpolated($"The key {key.Id} of {key.Owner}. It is shown this once:");
        console.WriteLine(key.Key);
        return ExitCode.Ok;
    }
}
