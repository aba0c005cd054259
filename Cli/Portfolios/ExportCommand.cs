using System.ComponentModel;
using System.Globalization;
using Pnl.Client;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class ExportSettings : ServerSettings
{
    [CommandArgument(0, "<PORTFOLIO>")]
    [Description("The portfolio's id.")]
    public string Portfolio { get; init; } = "";

    [CommandArgument(1, "[FILE]")]
    [Description("Where to write it; by default on the standard output.")]
    public string? File { get; init; }

    public override ValidationResult Validate() => FirstError(PortfolioSettings.IdCheck(Portfolio), base.Validate());
}

[Description("Writes a ledger as CSV, in columns that import reads.")]
internal sealed class ExportCommand(IAnsiConsole console) : AsyncCommand<ExportSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, ExportSettings settings, CancellationToken cancellationToken)
    {
        using Server server = settings.Connect();
        if (settings.File is not { } file)
        {
            await WriteAsync(server.Pnl, settings.Portfolio, Console.Out, cancellationToken);
            return ExitCode.Ok;
        }

        int count = await WholeFile.WriteAsync(file, text => WriteAsync(server.Pnl, settings.Portfolio, text, cancellationToken));
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{count:N0} entries written to {file}.");
        return ExitCode.Ok;
    }

    /// <summary>Writes the ledger; how many entries it has.</summary>
    private static async Task<int> WriteAsync(IPnlClient pnl, string portfolio, TextWriter csv, CancellationToken cancel)
    {
        int count = 0;
        await csv.WriteLineAsync("id,time,kind,token,quantity,price,currency,fees,note");
        EntryPlace? after = null;
        do
        {
            EntriesPage page = await pnl.GetEntriesAsync(portfolio, after, cancellation: cancel);
            foreach (PortfolioEntry entry in page.Items)
            {
                await csv.WriteLineAsync(Row(entry));
            }

            count += page.Items.Length;
            after = page.Next;
        }
        while (after is not null);

        return count;
    }

    private static string Row(PortfolioEntry entry)
    {
        string fees = string.Join("; ", entry.Fees.Select(fee => string.Create(CultureInfo.InvariantCulture, $"{fee.Amount} {fee.Currency}")));
        string[] fields =
        [
            CsvText.Cell(entry.Id), Utc.Exact(entry.Time), entry.Kind.Name(), CsvText.Cell(entry.Token), entry.Quantity.ToString(CultureInfo.InvariantCulture), entry.Price?.ToString(CultureInfo.InvariantCulture) ?? "",
            CsvText.Cell(entry.Currency ?? ""), CsvText.Cell(fees), CsvText.Cell(entry.Note ?? ""),
        ];
        return string.Join(',', fields);
    }
}
