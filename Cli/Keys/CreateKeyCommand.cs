using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Keys;

internal sealed class CreateKeySettings : DataSettings
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

    protected override bool HasRows => false;
}

[Description("Makes an API key, and shows it this once.")]
internal sealed class CreateKeyCommand(IAnsiConsole console) : DataCommand<CreateKeySettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, CreateKeySettings settings, Screen screen, CancellationToken cancel)
    {
        ApiKeyDetails key = await pnl.CreateKeyAsync(
            settings.Name, settings.Owner ?? settings.Name, settings.Scopes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), cancel);
        screen.Say($"The key {key.Id} of {key.Owner}. It is shown this once:");
        screen.Say($"{key.Key}");
        return ExitCode.Ok;
    }
}
