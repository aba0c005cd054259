using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Tokens;

internal sealed class TokensSettings : DataSettings
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
internal sealed class TokensCommand(IAnsiConsole console) : DataCommand<TokensSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, TokensSettings settings, Screen screen, CancellationToken cancel)
    {
        List<TokenInfo> tokens = [];
        string? cursor = settings.Cursor;
        bool isMore;
        do
        {
            IReadOnlyList<TokenInfo> page = await pnl.ListTokensAsync(settings.Search, cursor, settings.Limit, cancel);
            tokens.AddRange(page);
            isMore = page.Count == settings.Limit;
            cursor = page.Count > 0 ? page[^1].Id : null;
        }
        while (settings.All && isMore);

        screen.Show(Page(tokens));
        if (isMore)
        {
            screen.Say($"There may be more: --cursor {cursor}, or --all.");
        }

        return ExitCode.Ok;
    }

    /// <summary>A page as a table; with the interval of each where not all are of 5-minute bars alone.</summary>
    internal static Sheet<TokenInfo> Page(IReadOnlyList<TokenInfo> tokens)
    {
        List<Column<TokenInfo>> columns =
        [
            new("id", t => t.Id), new("symbol", t => t.Symbol), new("quote", t => t.Quote), new("status", t => t.Status), new("last bar", t => t.LastBar), new("bars", t => t.Bars), new("first bar", t => t.FirstBar),
        ];
        if (tokens.Any(token => token.Interval != Interval.FiveMinutes))
        {
            columns.Add(new("interval", t => t.Interval));
        }

        return new(tokens, columns);
    }
}
