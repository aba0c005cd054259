using System.ComponentModel;
using Pnl.Rates;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Backups;

internal sealed class RestoreSettings : CommandSettings
{
    [CommandArgument(0, "<DIR>")]
    [Description("The folder of the backup.")]
    public string Backup { get; init; } = "";

    [CommandOption("--data <FOLDER>")]
    [Description("The server's data folder, its Pnl:DataDirectory. Default: ./data.")]
    [DefaultValue("./data")]
    public string Folder { get; init; } = "./data";

    [CommandOption("--replace")]
    [Description("Puts a store that is there aside, within the folder, and keeps it.")]
    public bool Replace { get; init; }
}

[Description("Puts a backup in as the store of a server that is stopped, on this machine.")]
internal sealed class RestoreCommand(IAnsiConsole console) : AsyncCommand<RestoreSettings>
{
    public override Task<int> ExecuteAsync(CommandContext context, RestoreSettings settings, CancellationToken cancellationToken) => CopyProgress.RunAsync(
        console,
        "Restore",
        progress => StoreRestore.RunAsync(settings.Backup, settings.Folder, settings.Replace, TimeProvider.System.GetUtcNow(), progress, cancellationToken),
        done =>
        {
            console.MarkupLineInterpolated($"{settings.Folder} is store {done.Store.Id}, in the new epoch {done.Store.Epoch}. Start the server.");
            if (done.Aside is { } aside)
            {
                console.MarkupLineInterpolated($"What was there is in {aside}.");
            }
        });
}
