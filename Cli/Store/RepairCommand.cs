using System.ComponentModel;
using System.Text.Json;
using Pnl.Rates;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Store;

internal sealed class RepairSettings : StoreSettings
{
    [CommandOption("--landing <DIR>")]
    [Description("Where fetched candles are kept as Parquet; the folder landing of the data folder without.")]
    public string? Landing { get; init; }

    [CommandOption("--delete-damaged")]
    [Description("Deletes what cannot be repaired: a month is no longer covered then and answers say that they are incomplete; a token, an entry, a grain's state is gone.")]
    public bool DeleteDamaged { get; init; }
}

[Description("Repairs what is damaged in the data folder of a server that is stopped, as far as what was written can be told, and says what it did. Ends with 1 if something is left.")]
internal sealed class RepairCommand(IAnsiConsole console) : AsyncCommand<RepairSettings>
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public override async Task<int> ExecuteAsync(CommandContext context, RepairSettings settings, CancellationToken cancellationToken)
    {
        string landing = settings.Landing ?? Path.Combine(settings.Folder, "landing");
        ProgressLines lines = new(TimeProvider.System, line => console.MarkupLineInterpolated($"{line}"));
        Action<string>? Tell(string step) => settings.Json ? null : at => lines.Tell($"{step}, {at}");
        IReadOnlyList<StoreMended> mended;
        StoreCheckResult after;
        try
        {
            StoreCheck.Run(settings.Folder, Tell("checking"), cancellationToken); // a folder without a store is named, and not made one
            mended = await StoreRepair.RunAsync(settings.Folder, Directory.Exists(landing) ? new FolderLanding(landing) : null, settings.DeleteDamaged, Tell("repairing"), cancellationToken);
            after = StoreCheck.Run(settings.Folder, Tell("checking again"), cancellationToken);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            console.MarkupLineInterpolated($"[red]{e.Message}[/]");
            return e is FileNotFoundException ? ExitCode.Usage : ExitCode.Rejected;
        }

        int code = after.Damages.Count == 0 ? ExitCode.Ok : ExitCode.Rejected;
        if (settings.Json)
        {
            console.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(new { Repaired = mended, after.Damages }, Indented));
            return code;
        }

        foreach (StoreMended one in mended)
        {
            console.MarkupLineInterpolated($"{one.Kind} {one.Name}{(one.Month is { } month ? " " + month : "")}: {one.Done ?? "cannot be repaired"}");
        }

        foreach (StoreDamage damage in after.Damages)
        {
            console.MarkupLineInterpolated($"[red]still damaged[/] {damage.Kind} {damage.Name}{(damage.Month is { } month ? " " + month : "")}: {damage.What}");
        }

        console.MarkupLineInterpolated($"{(code == ExitCode.Ok ? mended.Count == 0 ? "nothing was damaged" : "all is well now" : settings.DeleteDamaged ? "restore a backup" : "restore a backup, or delete what is damaged by --delete-damaged")}");
        return code;
    }
}
