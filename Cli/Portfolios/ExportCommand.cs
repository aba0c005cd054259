using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class ExportSettings : PortfolioSettings
{
    [CommandArgument(1, "[FILE]")]
    [Description("Where to write it; by default on the standard output.")]
    public string? File { get; init; }
}

[Description("Writes a ledger as CSV, in columns that import reads.")]
internal sealed class ExportCommand(IAnsiConsole console) : AsyncCommand<ExportSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, ExportSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        if (settings.File is not { } file)
        {
            await WriteAsync(server, settings.Portfolio, Console.Out, cancellationToken);
            return ExitCode.Ok;
        }

        int count = await WholeFile.WriteAsync(file, text => WriteAsync(server, settings.Portfolio, text, cancellationToken));
        console.MarkupLineInterpolated($"{count} entries written to {file}.");
        return ExitCode.Ok;
    }

    /// <summary>Writes the ledger; how many entries it has.</summary>
    private static async Task<int> WriteAsync(PnlServer server, string portfolio, TextWriter csv, CancellationToken cancel)
    {
        int count = 0;
        await csv.WriteLineAsync("id,time,kind,token,quantity,price,currency,fees,note");
        await foreach (EntryBody entry in server.EntriesAsync(portfolio, cancel))
        {
            await csv.WriteLineAsync(Row(entry));
            count++;
        }

        return count;
    }

    private static string Row(EntryBody entry)
    {
        string fees = string.Join("; ", (entry.Fees ?? []).Select(fee => string.Create(CultureInfo.InvariantCulture, $"{fee.Amount} {fee.Currency}")));
        string[] fields =
        [
            CsvText.Cell(entry.Id), entry.Time, entry.Kind, CsvText.Cell(entry.Token), entry.Quantity.ToString(CultureInfo.InvariantCulture), entry.Price?.ToString(CultureInfo.InvariantCulture) ?? "",
            CsvText.Cell(entry.Currency ?? ""), CsvText.Cell(fees), CsvText.Cell(entry.Note ?? ""),
        ];
        return string.Join(',', fields);
    }
}
