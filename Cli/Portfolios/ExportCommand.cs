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
        int count = 0;
        await using (TextWriter csv = settings.File is null ? Console.Out : new StreamWriter(settings.File))
        {
            await csv.WriteLineAsync("id,time,kind,token,quantity,price,currency,fees,note");
            await foreach (EntryBody entry in server.EntriesAsync(settings.Portfolio, cancellationToken))
            {
                await csv.WriteLineAsync(Row(entry));
                count++;
            }
        }

        if (settings.File is not null)
        {
            console.MarkupLineInterpolated($"{count} entries written to {settings.File}.");
        }

        return ExitCode.Ok;
    }

    private static string Row(EntryBody entry)
    {
        string fees = string.Join("; ", (entry.Fees ?? []).Select(fee => string.Create(CultureInfo.InvariantCulture, $"{fee.Amount} {fee.Currency}")));
        string[] fields =
        [
            entry.Id, entry.Time, entry.Kind, entry.Token, entry.Quantity.ToString(CultureInfo.InvariantCulture), entry.Price?.ToString(CultureInfo.InvariantCulture) ?? "",
            entry.Currency ?? "", fees, entry.Note ?? "",
        ];
        return string.Join(',', fields.Select(Quoted));
    }

    // A line is a row for whoever reads it back: notes of several lines become one.
    private static string Quoted(string field) => field.AsSpan().ContainsAny(",\"\r\n")
        ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal).ReplaceLineEndings(" ")}\""
        : field;
}
