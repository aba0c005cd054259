using System.ComponentModel;
using System.Text.Json;
using Pnl.Rates;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Store;

internal class StoreSettings : CommandSettings
{
    [CommandArgument(0, "[DIR]")]
    [Description("The data folder, or a backup of it: it holds bars.db. ./data without.")]
    public string Folder { get; init; } = "data";

    [CommandOption("--json")]
    [Description("Tells all as one JSON object.")]
    public bool Json { get; init; }
}

[Description("Reads everything that a data folder or a backup holds, verifies every checksum and reference, and lists what is damaged. Changes nothing, and may run beside the server. Ends with 1 if something is damaged.")]
internal sealed class CheckCommand(IAnsiConsole console) : Command<StoreSettings>
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public override int Execute(CommandContext context, StoreSettings settings, CancellationToken cancellationToken)
    {
        TimeProvider time = TimeProvider.System;
        long began = time.GetTimestamp();
        ProgressLines lines = new(time, line => console.MarkupLineInterpolated($"{line}"));
        StoreCheckResult result;
        try
        {
            result = StoreCheck.Run(settings.Folder, settings.Json ? null : lines.Tell, cancellationToken);
        }
        catch (FileNotFoundException e)
        {
            console.MarkupLineInterpolated($"[red]{e.Message}[/]");
            return ExitCode.Usage;
        }

        if (settings.Json)
        {
            console.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(result, Indented));
            return result.Damages.Count == 0 ? ExitCode.Ok : ExitCode.Rejected;
        }

        foreach (StoreDamage damage in result.Damages)
        {
            console.MarkupLineInterpolated($"[red]damaged[/] {damage.Kind} {damage.Name}{(damage.Month is { } month ? " " + month : "")}: {damage.What}");
        }

        if (result.Unsummed > 0 || result.UnsummedTables.Count > 0)
        {
            console.MarkupLineInterpolated($"An earlier release wrote {(result.UnsummedTables.Count > 0 ? $"this: {string.Join(", ", result.UnsummedTables)} have no checksums yet, a start of the server gives them" : $"{result.Unsummed} of the months: their summaries have no checksums yet, the server gives them while it runs")}.");
        }

        console.MarkupLineInterpolated($"{result.Tokens} tokens, {result.Months} months, {result.Bars} bars in them, {result.Rows} rows besides, in {time.GetElapsedTime(began).TotalSeconds:f1} s: {(result.Damages.Count == 0 ? "all well" : $"{result.Damages.Count} damaged; stop the server and run pnl repair {settings.Folder}")}");
        return result.Damages.Count == 0 ? ExitCode.Ok : ExitCode.Rejected;
    }
}
