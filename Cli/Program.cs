using Pnl.Cli;
using Pnl.Cli.Backfill;
using Pnl.Cli.Backups;
using Pnl.Cli.Import;
using Pnl.Cli.Keys;
using Pnl.Cli.Portfolios;
using Pnl.Cli.Server;
using Pnl.Cli.Show;
using Pnl.Cli.Store;
using Pnl.Cli.Tokens;
using Pnl.Cli.Top;
using Spectre.Console;
using Spectre.Console.Cli;

using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) =>
{
    // The first Ctrl-C ends in order, a second one at once.
    e.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

if (Console.IsOutputRedirected)
{
    const int NoTerminal = 400; // characters in a line: a file or pipe has no width that tables should be folded to
    AnsiConsole.Profile.Width = NoTerminal;
}

CommandApp app = new();
app.Configure(config =>
{
    config.SetApplicationName("pnl");
    config.PropagateExceptions();
    config.AddCommand<ImportCommand>("import").WithExample("import", "./rates", "BTC-USD.csv.gz").WithExample("import", "XBTUSD_60.csv", "--pair", "BTC-USD", "--interval", "1h");
    config.AddCommand<ShowCommand>("show").WithExample("show", "btc");
    config.AddCommand<BackfillCommand>("backfill").WithExample("backfill", "btc", "eth", "--source", "binance").WithExample("backfill", "--source", "files");
    config.AddBranch("portfolio", portfolio =>
    {
        portfolio.SetDescription("Ledgers of trades, and what they come to.");
        portfolio.AddCommand<PutCommand>("put").WithExample("portfolio", "put", "mine", "--base", "usd", "--cost-basis", "fifo");
        portfolio.AddCommand<AddCommand>("add").WithExample("portfolio", "add", "mine", "buy", "0.5", "btc", "--price", "42000 usd", "--fee", "3.5 usd", "--id", "t-1");
        portfolio.AddCommand<ImportLedgerCommand>("import").WithExample("portfolio", "import", "mine", "trades.csv");
        portfolio.AddCommand<ShowPortfolioCommand>("show").WithExample("portfolio", "show", "mine", "--at", "2024-12-31T23:59:59Z").WithExample("portfolio", "show", "mine", "--follow");
        portfolio.AddCommand<LotsCommand>("lots").WithExample("portfolio", "lots", "mine", "--token", "btc");
        portfolio.AddCommand<ListPortfoliosCommand>("list").WithExample("portfolio", "list");
        portfolio.AddCommand<DeletePortfolioCommand>("delete").WithExample("portfolio", "delete", "mine", "--yes");
        portfolio.AddCommand<ExportCommand>("export").WithExample("portfolio", "export", "mine", "ledger.csv");
    });
    config.AddBranch("keys", keys =>
    {
        keys.SetDescription("API keys, where the server asks for them.");
        keys.AddCommand<CreateKeyCommand>("create").WithExample("keys", "create", "alice", "--scopes", "read,portfolio");
        keys.AddCommand<ListKeysCommand>("list").WithExample("keys", "list");
        keys.AddCommand<RevokeKeyCommand>("revoke").WithExample("keys", "revoke", "0123456789ab");
        keys.AddCommand<GenerateKeyCommand>("generate").WithExample("keys", "generate");
    });
    config.AddCommand<TopCommand>("top").WithExample("top", "--window", "7d", "--by", "volatility");
    config.AddBranch("token", token =>
    {
        token.SetDescription("What is registered of a token.");
        token.AddCommand<PutTokenCommand>("put")
            .WithExample("token", "put", "btc", "--quote", "usd", "--listing", "bitfinex:tBTCUSD", "--listing", "binance:BTCUSDT:usdt", "--listing", "files:BTC-USD:usd:1d")
            .WithExample("token", "put", "ltc", "--listing", "kraken:LTCUSD:usd:1h@2013-10-24..2017-08-17", "--listing", "api");
        token.AddCommand<DeleteTokenCommand>("delete").WithExample("token", "delete", "btc", "--yes").WithExample("token", "delete", "btc", "--from", "2026-11-20T00:00:00Z", "--to", "2026-11-21T00:00:00Z", "--yes");
    });
    config.AddCommand<BackupCommand>("backup").WithExample("backup", "backups/monday");
    config.AddCommand<RestoreCommand>("restore").WithExample("restore", "backups/monday", "--data", "./data", "--replace");
    config.AddCommand<TokensCommand>("tokens").WithExample("tokens", "--search", "bit");
    config.AddCommand<CheckCommand>("check").WithExample("check", "./data").WithExample("check", "./backup", "--json");
    config.AddCommand<RepairCommand>("repair").WithExample("repair", "./data").WithExample("repair", "./data", "--delete-damaged");
});

try
{
    int code = await app.RunAsync(args, stop.Token);
    return code < 0 ? ExitCode.Usage : code;
}
catch (CommandAppException e)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{e.Message}[/]");
    return ExitCode.Usage;
}
catch (ServerException e)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{e.Message}[/]");
    return e.IsRefusal ? ExitCode.Rejected : ExitCode.Server;
}
catch (OperationCanceledException)
{
    AnsiConsole.MarkupLine("Stopped. What was acknowledged is kept; the same command again goes on.");
    return ExitCode.Stopped;
}
