using Pnl.Rates;
using Spectre.Console;

namespace Pnl.Cli.Backups;

/// <summary>A bar that shows how far a backup or a restore is.</summary>
internal static class CopyProgress
{
    /// <summary>Does it, and answers what cannot be done with its reason.</summary>
    public static async Task<int> RunAsync<T>(IAnsiConsole console, string what, Func<IProgress<BackupProgress>, Task<T>> copy, Action<T> tell)
    {
        try
        {
            T done = await console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async bars =>
            {
                ProgressTask bar = bars.AddTask(what);
                return await copy(new Bar(bar));
            });
            tell(done);
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            console.MarkupLineInterpolated($"[red]{e.Message}[/]");
            return ExitCode.Rejected;
        }
        catch (HttpRequestException e)
        {
            console.MarkupLineInterpolated($"[red]The server broke off: {e.Message} Its log says why.[/]");
            return ExitCode.Server;
        }
    }

    private sealed class Bar(ProgressTask bar) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => (bar.MaxValue, bar.Value) = (Math.Max(1, value.Total), value.Done);
    }
}
