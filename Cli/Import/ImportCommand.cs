using System.ComponentModel;
using System.Globalization;
using Pnl.Client;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Import;

[Description("Sends files of rates to the server and accounts for every row.")]
internal sealed class ImportCommand(IAnsiConsole console) : AsyncCommand<ImportSettings>
{
    private const int MaxSkippedShown = 20;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);

    public override async Task<int> ExecuteAsync(
        CommandContext context, ImportSettings settings, CancellationToken cancellationToken)
    {
        FileChoice choice = FileChoice.Of(settings.Paths, settings.Template, settings.Pair);
        if (choice.Wrong.Count > 0)
        {
            foreach (string wrong in choice.Wrong)
            {
                console.MarkupLineInterpolated($"[red]{wrong}[/]");
            }

            return ExitCode.Usage;
        }

        WriteSkipped(choice.Skipped);
        if (choice.Files.Count == 0)
        {
            console.MarkupLine("[red]There is nothing to import.[/]");
            return ExitCode.Usage;
        }

        using Server server = settings.Connect();

        // Asks first, so that a server that is not there is one clear line and not a table of failures.
        await server.Pnl.ListTokensAsync(limit: 1, cancellation: cancellationToken);
        ImportProgress progress = new(TimeProvider.System);
        RateImport import = new(server.Pnl, settings.Parallel, progress, settings.CandleSeconds, settings.Covers);
        IReadOnlyList<FileTally> files = await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(bar => ShowWhileAsync(
                import.RunAsync(choice.Files, cancellationToken), bar.AddTask("import", maxValue: choice.Files.Count), progress));
        ImportReport report = new(files, progress.Elapsed);
        report.Write(console);
        return report.ExitCode(settings.Strict);
    }

    private static async Task<IReadOnlyList<FileTally>> ShowWhileAsync(
        Task<IReadOnlyList<FileTally>> import, ProgressTask bar, ImportProgress progress)
    {
        while (!import.IsCompleted)
        {
            await Task.WhenAny(import, Task.Delay(Redraw));
            bar.Value = progress.FilesRead;
            bar.Description = string.Create(
                CultureInfo.InvariantCulture,
                $"{progress.Files}/{bar.MaxValue:0} files, {progress.Rows:N0} rows, {progress.RowsPerSecond:N0} rows/s");
        }

        return await import;
    }

    private void WriteSkipped(IReadOnlyList<(string Path, string Reason)> skipped)
    {
        foreach ((string path, string reason) in skipped.Take(MaxSkippedShown))
        {
            console.MarkupLineInterpolated($"[yellow]skipped[/] {path}: {reason}");
        }

        if (skipped.Count > MaxSkippedShown)
        {
            console.MarkupLineInterpolated($"[yellow]skipped[/] {skipped.Count - MaxSkippedShown} more files that are no rates of a pair");
        }
    }
}
