using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class ImportLedgerSettings : ServerSettings
{
    [CommandArgument(0, "<PORTFOLIO>")]
    [Description("The portfolio's id.")]
    public string Portfolio { get; init; } = "";

    [CommandArgument(1, "<FILE>")]
    [Description("A CSV of trades: our own columns, or an export of Coinbase, Kraken or Binance.")]
    public string File { get; init; } = "";

    [CommandOption("--strict")]
    [Description("Send nothing if any row is rejected.")]
    public bool Strict { get; init; }

    public override ValidationResult Validate() =>
        FirstError(PortfolioSettings.IdCheck(Portfolio), System.IO.File.Exists(File) ? base.Validate() : ValidationResult.Error($"There is no file {File}."));
}

[Description("Adds the trades of a CSV file to a ledger; those that are there already stay as they are.")]
internal sealed class ImportLedgerCommand(IAnsiConsole console) : AsyncCommand<ImportLedgerSettings>
{
    private const int EntriesACall = 5000;

    public override async Task<int> ExecuteAsync(CommandContext context, ImportLedgerSettings settings, CancellationToken cancellationToken)
    {
        LedgerFile file;
        try
        {
            using StreamReader text = new(settings.File);
            file = LedgerCsv.Read(text, TimeProvider.System.GetUtcNow(), settings.File);
        }
        catch (LedgerFileException e)
        {
            console.MarkupLineInterpolated($"[red]{e.Message}[/]");
            return ExitCode.Rejected;
        }

        WriteRejected(file);
        int accepted = 0, unchanged = 0;
        if (file.Rejected.Length == 0 || !settings.Strict)
        {
            using Server server = settings.Connect();

            // What was bought comes before it is sold, whichever way the file is sorted.
            foreach (LedgerEntry[] entries in file.Entries.OrderBy(entry => entry.Time).ThenBy(entry => entry.Kind).Chunk(EntriesACall))
            {
                try
                {
                    LedgerResult answer = await server.Pnl.PostEntriesAsync(settings.Portfolio, Array.ConvertAll(entries, PortfolioEntry.Of), cancellationToken);
                    (accepted, unchanged) = (accepted + answer.Accepted, unchanged + answer.Unchanged);
                }
                catch (Exception e) when (Server.IsRefusal(e))
                {
                    console.MarkupLineInterpolated($"[red]{Server.Told(e)}[/]");
                    Write(file, accepted, unchanged);
                    return ExitCode.Rejected;
                }
            }
        }

        Write(file, accepted, unchanged);
        return settings.Strict && file.Rejected.Length > 0 ? ExitCode.Rejected : ExitCode.Ok;
    }

    private void Write(LedgerFile file, int accepted, int unchanged) => console.MarkupLineInterpolated(
        CultureInfo.InvariantCulture,
        $"{file.Format}: {file.Entries.Length:N0} entries, {accepted:N0} added, {unchanged:N0} there already, {file.Entries.Length - accepted - unchanged:N0} not sent or refused; {file.Rejected.Length:N0} rows rejected.");

    private void WriteRejected(LedgerFile file)
    {
        if (file.Rejected.Length > 0)
        {
            new Sheet<LedgerRejection>(
                file.Rejected, new("line", r => r.Line), new("rejected because", r => r.Code), new("field", r => r.Field), new("detail", r => r.Detail, Wraps: true)).WriteTable(console);
        }
    }
}
