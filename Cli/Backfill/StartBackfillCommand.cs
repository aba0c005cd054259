using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Backfill;

internal sealed class StartBackfillSettings : DataSettings
{
    [CommandArgument(0, "[TOKEN]")]
    [Description("Ids of tokens; without any, all that the source has.")]
    public string[] Tokens { get; init; } = [];

    [CommandOption("--source <NAME>")]
    [Description("Where to fetch from: files, simulated, binance, coinbase, kraken, bitfinex, okx, bybit, bitstamp or coingecko.")]
    public string? Source { get; init; }

    [CommandOption("--from <TIME>")]
    [Description("First open time of a bar, RFC 3339 or Unix seconds; by default as early as the source goes.")]
    public string? From { get; init; }

    [CommandOption("--to <TIME>")]
    [Description("End, not included; by default now.")]
    public string? To { get; init; }

    [CommandOption("--oldest-first")]
    [Description("Fetch each token's months from the oldest on, not from the newest back.")]
    public bool OldestFirst { get; init; }

    [CommandOption("--again")]
    [Description("Fetch what was fetched before, too: what the source has otherwise is corrected, what it lacks is kept.")]
    public bool Again { get; init; }

    [CommandOption("--watch <ID>")]
    [Description("Only show how far a backfill is that was started before.")]
    public string? Watch { get; init; }

    [CommandOption("--detach")]
    [Description("Start it and do not wait; --watch shows it again.")]
    public bool Detach { get; init; }

    public override ValidationResult Validate() => FirstError(
        Source is null == Watch is null ? ValidationResult.Error("Name either a --source to fetch from, or a backfill to --watch.") : ValidationResult.Success(),
        TimeCheck("--from", From), TimeCheck("--to", To), base.Validate());
}

[Description("Fetches the history of tokens from a source, and shows how far it is. `pnl backfill btc` is short for it.")]
internal sealed class StartBackfillCommand(IAnsiConsole console) : DataCommand<StartBackfillSettings>(console)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    protected override async Task<int> RunAsync(IPnlHttpClient pnl, StartBackfillSettings settings, Screen screen, CancellationToken cancel)
    {
        BackfillStatus? backfill = settings.Watch is { } id
            ? await pnl.GetBackfillAsync(id, cancel)
            : await pnl.StartBackfillAsync(
                new()
                {
                    Tokens = settings.Tokens.Length == 0 ? null : settings.Tokens, From = Utc.Read(settings.From), To = Utc.Read(settings.To), Source = settings.Source!, OldestFirst = settings.OldestFirst, Again = settings.Again,
                },
                cancel);
        if (backfill is null)
        {
            throw UnknownBackfill.Of(settings.Watch!);
        }

        if (settings.Detach)
        {
            screen.Say($"Backfill {backfill.Id} is {Figures.Text(backfill.Phase)}. See how far it is: pnl backfill show {backfill.Id}");
            return ExitCode.Ok;
        }

        backfill = await WatchAsync(pnl, backfill, screen, cancel);
        BackfillReport.Write(screen, backfill);
        return BackfillReport.Code(backfill);
    }

    /// <summary>Shows the progress until it ends. Stopping the tool does not stop the backfill.</summary>
    private static async Task<BackfillStatus> WatchAsync(IPnlHttpClient pnl, BackfillStatus backfill, Screen screen, CancellationToken cancel)
    {
        if (!screen.IsForPeople)
        {
            return await FollowAsync(_ => { });
        }

        return await screen.Console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).StartAsync(progress =>
        {
            ProgressTask task = progress.AddTask("planning");
            return FollowAsync(now =>
            {
                task.MaxValue = Math.Max(1, now.Tokens.Total);
                task.Value = now.Tokens.Done + now.Tokens.Failed;
                task.Description = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.Id} {Figures.Text(now.Phase)}: {now.Tokens.Done:N0}/{now.Tokens.Total:N0} tokens, {now.Bars.Landed:N0} bars, {now.BarsPerSecond:N0}/s{(now.Retries > 0 ? $", {now.Retries:N0} retries" : "")}{(now.Eta is { } eta ? $", until {eta:HH:mm:ss} UTC" : "")}");
            });
        });

        async Task<BackfillStatus> FollowAsync(Action<BackfillStatus> show)
        {
            using PeriodicTimer timer = new(Period);
            while (true)
            {
                show(backfill);
                if (backfill.EndedAt is not null || backfill.Phase == BackfillPhase.Paused)
                {
                    return backfill;
                }

                await timer.WaitForNextTickAsync(cancel);
                backfill = await pnl.GetBackfillAsync(backfill.Id, cancel) ?? throw UnknownBackfill.Of(backfill.Id);
            }
        }
    }
}
