using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Backfill;

internal sealed class BackfillSettings : DataSettings
{
    [CommandArgument(0, "<ID>")]
    [Description("The backfill's id, as it is listed.")]
    public string Id { get; init; } = "";
}

/// <summary>What is said where there is no backfill of an id.</summary>
internal static class UnknownBackfill
{
    public static RefusedException Of(string id) => new($"There is no backfill '{id}'. Those that there are: pnl backfill list");
}

[Description("Lists backfills, the newest first.")]
internal sealed class ListBackfillsCommand(IAnsiConsole console) : DataCommand<DataSettings>(console)
{
    private const int MostAtOnce = 8;

    protected override async Task<int> RunAsync(IPnlHttpClient pnl, DataSettings settings, Screen screen, CancellationToken cancel)
    {
        IReadOnlyList<string> ids = await pnl.ListBackfillsAsync(cancel);
        if (screen.Format == OutputFormat.Json)
        {
            return ExitCode.Ok; // the list says all
        }

        BackfillStatus?[] found = new BackfillStatus?[ids.Count];
        await Parallel.ForAsync(0, ids.Count, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancel }, async (i, stop) => found[i] = await pnl.GetBackfillAsync(ids[i], stop));
        screen.Show(BackfillReport.Rows([.. found.OfType<BackfillStatus>()]));
        return ExitCode.Ok;
    }
}

[Description("Shows how far a backfill is, what it gave up and why.")]
internal sealed class ShowBackfillCommand(IAnsiConsole console) : DataCommand<BackfillSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, BackfillSettings settings, Screen screen, CancellationToken cancel)
    {
        BackfillReport.Write(screen, await pnl.GetBackfillAsync(settings.Id, cancel) ?? throw UnknownBackfill.Of(settings.Id));
        return ExitCode.Ok;
    }
}

/// <summary>Changes what a backfill does, and shows how far it is.</summary>
internal abstract class ControlBackfillCommand(IAnsiConsole console, BackfillControl control) : DataCommand<BackfillSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, BackfillSettings settings, Screen screen, CancellationToken cancel)
    {
        BackfillReport.Write(screen, await pnl.ControlBackfillAsync(settings.Id, control, cancel) ?? throw UnknownBackfill.Of(settings.Id));
        return ExitCode.Ok;
    }
}

[Description("Holds a backfill until it is resumed.")]
internal sealed class PauseBackfillCommand(IAnsiConsole console) : ControlBackfillCommand(console, BackfillControl.Pause);

[Description("Lets a backfill go on that was paused.")]
internal sealed class ResumeBackfillCommand(IAnsiConsole console) : ControlBackfillCommand(console, BackfillControl.Resume);

[Description("Ends a backfill; what it fetched stays.")]
internal sealed class CancelBackfillCommand(IAnsiConsole console) : ControlBackfillCommand(console, BackfillControl.Cancel);
