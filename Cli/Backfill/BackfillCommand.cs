using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Backfill;

internal sealed class BackfillSettings : ServerSettings
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

    public override ValidationResult Validate() => Source is null == Watch is null
        ? ValidationResult.Error("Name either a --source to fetch from, or a backfill to --watch.")
        : base.Validate();
}

[Description("Fetches the history of tokens from a source, and shows how far it is.")]
internal sealed class BackfillCommand(IAnsiConsole console) : AsyncCommand<BackfillSettings>
{
    private const int MostEmpty = 10;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    public override async Task<int> ExecuteAsync(CommandContext context, BackfillSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        BackfillAnswer backfill = settings.Watch is { } id
            ? await server.BackfillAsync(id, cancellationToken)
            : await server.StartBackfillAsync(
                new(settings.Tokens.Length == 0 ? "all" : settings.Tokens, settings.From, settings.To, settings.Source!, settings.OldestFirst ? "oldest" : null, settings.Again ? true : null), cancellationToken);
        if (settings.Detach)
        {
            console.MarkupLineInterpolated($"Backfill {backfill.Id} is {backfill.Status}. See how far it is: pnl backfill --watch {backfill.Id}");
            return ExitCode.Ok;
        }

        backfill = await WatchAsync(server, backfill, cancellationToken);
        Report(backfill);
        return backfill.Status is "completed" or "paused" or "cancelled" ? ExitCode.Ok : ExitCode.Rejected;
    }

    /// <summary>Shows the progress until it ends. Stopping the tool does not stop the backfill.</summary>
    private async Task<BackfillAnswer> WatchAsync(PnlServer server, BackfillAnswer backfill, CancellationToken cancel)
    {
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async progress =>
            {
                ProgressTask task = progress.AddTask("planning");
                using PeriodicTimer timer = new(Period);
                while (true)
                {
                    task.MaxValue = Math.Max(1, backfill.Tokens.Total);
                    task.Value = backfill.Tokens.Done + backfill.Tokens.Failed;
                    task.Description = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{backfill.Id} {backfill.Status}: {backfill.Tokens.Done:N0}/{backfill.Tokens.Total:N0} tokens, {backfill.Bars.Landed:N0} bars, {backfill.BarsPerSecond:N0}/s{(backfill.Eta is { } eta ? $", until {eta:HH:mm:ss} UTC" : "")}");
                    if (backfill.EndedAt is not null || backfill.Status is "paused")
                    {
                        return;
                    }

                    await timer.WaitForNextTickAsync(cancel);
                    backfill = await server.BackfillAsync(backfill.Id, cancel);
                }
            });
        return backfill;
    }

    private void Report(BackfillAnswer backfill)
    {
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{backfill.Id} {backfill.Status}: {backfill.Tokens.Done:N0} of {backfill.Tokens.Total:N0} tokens, {backfill.Bars.Landed:N0} bars landed, {backfill.Bars.Imported:N0} new or corrected, {backfill.Bars.Quarantined:N0} rows set aside, {backfill.Retries:N0} retries.");
        Write(backfill.Failures, "given up because");
        if (backfill.Empty is { Length: > 0 } empty)
        {
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Of {backfill.Tokens.Empty:N0} tokens nothing was fetched.");
            Write([.. empty.Take(MostEmpty)], "nothing fetched because");
        }
    }

    private void Write(BackfillFailure[] failures, string why)
    {
        if (failures.Length == 0)
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("token", why, "");
        foreach (BackfillFailure failure in failures)
        {
            Text[] row = [new(failure.Token), new(failure.Code), new(failure.Detail)];
            table.AddRow(row);
        }

        console.Write(table);
    }
}
