using System.ComponentModel;
using Pnl.Rates;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Backups;

internal sealed class BackupSettings : ServerSettings
{
    [CommandArgument(0, "<DIR>")]
    [Description("The folder to make on this machine; it appears when the backup is whole.")]
    public string Folder { get; init; } = "";
}

[Description("Copies the store of a running server: bars, portfolios, keys, what was fetched. Takes an admin's key.")]
internal sealed class BackupCommand(IAnsiConsole console) : AsyncCommand<BackupSettings>
{
    public override Task<int> ExecuteAsync(CommandContext context, BackupSettings settings, CancellationToken cancellationToken) => CopyProgress.RunAsync(
        console,
        "Backup",
        async progress =>
        {
            ReceivedBackup.CheckFree(settings.Folder);
            using Server server = settings.Connect();
            await using Stream tar = await server.Pnl.OpenBackupAsync(cancellationToken);
            return await ReceivedBackup.TakeAsync(tar, settings.Folder, progress, cancellationToken);
        },
        manifest => console.MarkupLineInterpolated($"{settings.Folder}: store {manifest.Store} as of {manifest.At:u}, {manifest.Files.Count} {(manifest.Files.Count == 1 ? "file" : "files")}, {manifest.Bytes() / 1e6:0.0} MB."));
}
