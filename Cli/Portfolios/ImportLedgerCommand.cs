using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Client;
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

    [CommandOption("--skip-refused")]
    [Description("Leave out rows that the ledger refuses, such as a sale of more than is held, and take the others.")]
    public bool SkipRefused { get; init; }

    [CommandOption("--decimal <MARK>")]
    [Description("The decimal mark of all numbers, . or , where the rows of the file do not say which it is.")]
    public string? Decimal { get; init; }

    public DecimalMark? Mark => Decimal switch { "." => DecimalMark.Point, "," => DecimalMark.Comma, _ => null };

    public override ValidationResult Validate() => FirstError(
        PortfolioSettings.IdCheck(Portfolio),
        Decimal is null or "." or "," ? ValidationResult.Success() : ValidationResult.Error($"'{Decimal}' is no decimal mark: . or , is."),
        System.IO.File.Exists(File) ? base.Validate() : ValidationResult.Error($"There is no file {File}."));
}

[Description("Adds the trades of a CSV file to a ledger; those that are there already stay as they are.")]
internal sealed class ImportLedgerCommand(IAnsiConsole console) : AsyncCommand<ImportLedgerSettings>
{
    private const int EntriesACall = 5000;

    public override async Task<int> ExecuteAsync(CommandContext context, ImportLedgerSettings settings, CancellationToken cancellationToken)
    {
        using Server server = settings.Connect();
        LedgerUpload upload = new(server.Pnl, settings.Portfolio);
        LedgerReading reading = new() { DecimalMark = settings.Mark };
        try
        {
            if (settings.Strict && Read(settings, reading) is { Rejected.Length: > 0 } malformed)
            {
                WriteRejected(malformed.Rejected);
                Write(malformed, 0, 0, malformed.Rejected.Length);
                return ExitCode.Rejected;
            }

            await upload.ReadAsync(how => Read(settings, how), reading, cancellationToken);
            WriteRejected(upload.File.Rejected);
            await upload.PostAsync(EntriesACall, settings.SkipRefused, cancellationToken);
        }
        catch (LedgerFileException e)
        {
            console.MarkupLineInterpolated($"[red]{e.Message}[/]");
            return ExitCode.Rejected;
        }
        catch (Exception e) when (Server.IsRefusal(e))
        {
            WriteRejected(upload.Refused);
            console.MarkupLineInterpolated($"[red]{Server.Told(e)}{Line(upload, e)}[/]");
            Write(upload.File, upload.Accepted, upload.Unchanged, upload.File.Rejected.Length + upload.Refused.Count);
            return ExitCode.Rejected;
        }

        WriteRejected(upload.Refused);
        Write(upload.File, upload.Accepted, upload.Unchanged, upload.File.Rejected.Length + upload.Refused.Count);
        return ExitCode.Ok;
    }

    private static LedgerFile Read(ImportLedgerSettings settings, LedgerReading reading)
    {
        using StreamReader text = new(settings.File);
        return LedgerCsv.Read(text, TimeProvider.System.GetUtcNow(), settings.File, reading);
    }

    /// <summary>Where in the file the entry is that was refused, and what can be done.</summary>
    private static string Line(LedgerUpload upload, Exception e) =>
        e is LedgerRefusedException { Refused: { } refused } && upload.File.LineOf(refused.EntryId) is { } line
            ? string.Create(CultureInfo.InvariantCulture, $" It is line {line} of the file. What comes in before it may be lacking; --skip-refused takes the other rows.")
            : "";

    private void Write(LedgerFile file, int accepted, int unchanged, int rejected) => console.MarkupLineInterpolated(
        CultureInfo.InvariantCulture,
        $"{file.Format}: {file.Entries.Length:N0} entries, {accepted:N0} added, {unchanged:N0} there already, {file.Entries.Length - accepted - unchanged:N0} not sent or refused; {rejected:N0} rows rejected.");

    private void WriteRejected(IReadOnlyList<LedgerRejection> rejected)
    {
        if (rejected.Count > 0)
        {
            new Sheet<LedgerRejection>(
                [.. rejected], new("line", r => r.Line), new("rejected because", r => r.Code), new("field", r => r.Field), new("detail", r => r.Detail, Wraps: true)).WriteTable(console);
        }
    }
}
