using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Tokens;

internal sealed class TokensSettings : ServerSettings
{
    private const int MaxLimit = 1000;

    [CommandOption("--search <TEXT>")]
    [Description("Only tokens whose id, symbol or name has this in it.")]
    public string? Search { get; init; }

    [CommandOption("--limit <TOKENS>")]
    [Description("How many tokens make a page.")]
    [DefaultValue(50)]
    public int Limit { get; init; } = 50;

    [CommandOption("--cursor <CURSOR>")]
    [Description("Where to go on, as the page before said.")]
    public string? Cursor { get; init; }

    [CommandOption("--all")]
    [Description("All pages, one after another.")]
    public bool All { get; init; }

    public override ValidationResult Validate() => Limit is < 1 or > MaxLimit
        ? ValidationResult.Error($"--limit {Limit}: wanted 1 to {MaxLimit}.")
        : base.Validate();
}

[Description("Lists the tokens that the server knows.")]
internal sealed class TokensCommand(IAnsiConsole console) : AsyncCommand<TokensSettings>
{
    public override async Task<int> ExecuteAsync(
        CommandContext context, TokensSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        string? cursor = settings.Cursor;
        do
        {
            TokensAnswer page = await server.TokensAsync(settings.Search, settings.Limit, cursor, cancellationToken);
            console.Write(Page(page.Items));
            cursor = page.NextCursor;
        }
        while (settings.All && cursor is not null);

        if (cursor is not null)
        {
            console.MarkupLineInterpolated($"There are more: --cursor {cursor}, or --all.");
        }

        return ExitCode.Ok;
    }

    /// <summary>A page as a table; with the interval of each where not all are of 5-minute bars alone.</summary>
    internal static Table Page(IReadOnlyList<TokenAnswer> tokens)
    {
        bool coarse = tokens.Any(token => !Coarseness.IsFinest(token.Interval));
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("id", "symbol", "quote", "first bar", "last bar")
            .AddColumn(new TableColumn("bars").RightAligned()).AddColumn("status");
        if (coarse)
        {
            table.AddColumn("interval");
        }

        foreach (TokenAnswer t in tokens)
        {
            List<Text> row =
            [
                new(t.Id), new(t.Symbol ?? ""), new(t.Quote), new(Utc.Text(t.FirstBar)), new(Utc.Text(t.LastBar)),
                new(t.Bars.ToString("N0", CultureInfo.InvariantCulture)), new(t.Status ?? ""),
            ];
            if (coarse)
            {
                row.Add(new(t.Interval ?? Coarseness.Finest));
            }

            table.AddRow(row);
        }

        return table;
    }
}
