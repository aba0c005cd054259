using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class ImportLedgerSettings : PortfolioSettings
{
    [CommandArgument(1, "<FILE>")]
    [Description("A CSV of trades: our own columns, or an export of Coinbase, Kraken or Binance.")]
    public string File { get; init; } = "";

    [CommandOption("--strict")]
    [Description("Send nothing if any row is rejected.")]
    public bool Strict { get; init; }

    public override ValidationResult Validate() =>
        System.IO.File.Exists(File) ? base.Validate() : ValidationResult.Error($"There is no file {File}.");
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
            using PnlServer server = settings.Connect();

            // What was bought comes before it is sold, whichever way the file is sorted.
            foreach (LedgerEntry[] entries in file.Entries.OrderBy(entry => entry.Time).ThenBy(entry => entry.Kind).Chunk(EntriesACall))
            {
                try
                {
                    LedgerAnswer answer = await server.PostEntriesAsync(settings.Portfolio, Array.ConvertAll(entries, EntryBody.Of), cancellationToken);
                    (accepted, unchanged) = (accepted + answer.Accepted, unchanged + answer.Unchanged);
                }
                catch (ServerException e) when (e.IsRefusal)
                {
                    console.MarkupLineInterpolated($"[red]{e.Message}[/]");
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
        if (file.Rejected.Length == 0)
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("line").RightAligned()).AddColumns("rejected because", "field", "");
        foreach (LedgerRejection row in file.Rejected)
        {
            Text[] cells = [new(row.Line.ToString(CultureInfo.InvariantCulture)), new(row.Code), new(row.Field), new(row.Detail)];
            table.AddRow(cells);
        }

        console.Write(table);
    }
}
