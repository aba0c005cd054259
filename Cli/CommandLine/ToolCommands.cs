using Pnl.Cli.Backfill;
using Pnl.Cli.Backups;
using Pnl.Cli.DeadLetters;
using Pnl.Cli.Import;
using Pnl.Cli.Keys;
using Pnl.Cli.Portfolios;
using Pnl.Cli.Show;
using Pnl.Cli.Store;
using Pnl.Cli.Tokens;
using Pnl.Cli.Top;
using Spectre.Console.Cli;

namespace Pnl.Cli.CommandLine;

/// <summary>All commands, in the order in which the help shows them.</summary>
internal static class ToolCommands
{
    /// <summary>What is behind the first word of commands of two words.</summary>
    public static IReadOnlyDictionary<string, string> Branches { get; } = new Dictionary<string, string>
    {
        ["backfill"] = "History from a source: start a backfill, see how far it is, pause and cancel it.",
        ["deadletters"] = "Events that could not be taken: look at them, and hand them over again.",
        ["portfolio"] = "Ledgers of trades, and what they come to.",
        ["keys"] = "API keys, where the server asks for them.",
        ["token"] = "What is registered of a token.",
    };

    public static IReadOnlyList<ToolCommand> All { get; } =
    [
        new ToolCommand<ImportCommand>("import", "import ./rates BTC-USD.csv.gz", "import XBTUSD_60.csv --pair BTC-USD --interval 1h"),
        new ToolCommand<ShowCommand>("show", "show btc", "show btc --output json"),
        new ToolCommand<StartBackfillCommand>("backfill start", "backfill start btc eth --source binance", "backfill btc eth --source binance", "backfill --source files"),
        new ToolCommand<ListBackfillsCommand>("backfill list", "backfill list"),
        new ToolCommand<ShowBackfillCommand>("backfill show", "backfill show 01JDZ5"),
        new ToolCommand<PauseBackfillCommand>("backfill pause", "backfill pause 01JDZ5"),
        new ToolCommand<ResumeBackfillCommand>("backfill resume", "backfill resume 01JDZ5"),
        new ToolCommand<CancelBackfillCommand>("backfill cancel", "backfill cancel 01JDZ5"),
        new ToolCommand<ListDeadLettersCommand>("deadletters list", "deadletters list --limit 20"),
        new ToolCommand<ReplayDeadLetterCommand>("deadletters replay", "deadletters replay 17"),
        new ToolCommand<PutCommand>("portfolio put", "portfolio put mine --base usd --cost-basis fifo"),
        new ToolCommand<AddCommand>("portfolio add", "portfolio add mine buy 0.5 btc --price \"42000 usd\" --fee \"3.5 usd\" --time 2024-02-01T12:00:00Z --id t-1"),
        new ToolCommand<ImportLedgerCommand>("portfolio import", "portfolio import mine trades.csv"),
        new ToolCommand<ShowPortfolioCommand>("portfolio show", "portfolio show mine --at 2024-12-31T23:59:59Z", "portfolio show mine --follow"),
        new ToolCommand<LotsCommand>("portfolio lots", "portfolio lots mine --token btc"),
        new ToolCommand<ListPortfoliosCommand>("portfolio list", "portfolio list"),
        new ToolCommand<DeletePortfolioCommand>("portfolio delete", "portfolio delete mine --yes"),
        new ToolCommand<ExportCommand>("portfolio export", "portfolio export mine ledger.csv"),
        new ToolCommand<CreateKeyCommand>("keys create", "keys create alice --scopes read,portfolio"),
        new ToolCommand<ListKeysCommand>("keys list", "keys list"),
        new ToolCommand<RevokeKeyCommand>("keys revoke", "keys revoke 0123456789ab"),
        new ToolCommand<GenerateKeyCommand>("keys generate", "keys generate"),
        new ToolCommand<TopCommand>("top", "top --window 7d --by volatility", "top --output csv"),
        new ToolCommand<PutTokenCommand>(
            "token put",
            "token put btc --quote usd --listing bitfinex:tBTCUSD --listing binance:BTCUSDT:usdt --listing files:BTC-USD:usd:1d",
            "token put ltc --listing kraken:LTCUSD:usd:1h@2013-10-24..2017-08-17 --listing api"),
        new ToolCommand<DeleteTokenCommand>("token delete", "token delete btc --yes", "token delete btc --from 2026-11-20T00:00:00Z --to 2026-11-21T00:00:00Z --yes"),
        new ToolCommand<TokensCommand>("tokens", "tokens --search bit"),
        new ToolCommand<BackupCommand>("backup", "backup backups/monday"),
        new ToolCommand<RestoreCommand>("restore", "restore backups/monday --data ./data --replace"),
        new ToolCommand<CheckCommand>("check", "check ./data", "check ./backup --json"),
        new ToolCommand<RepairCommand>("repair", "repair ./data", "repair ./data --delete-damaged"),
        new ToolCommand<CompletionCommand>("completion", "completion bash", "completion zsh"),
    ];

    /// <summary>Registers all of them.</summary>
    public static void AddTo(IConfigurator app)
    {
        foreach (IGrouping<string, ToolCommand> group in All.GroupBy(command => command.Path[0]))
        {
            if (!Branches.TryGetValue(group.Key, out string? description))
            {
                group.Single().AddTo(app);
                continue;
            }

            app.AddBranch(group.Key, branch =>
            {
                branch.SetDescription(description);
                foreach (ToolCommand command in group)
                {
                    command.AddTo(branch);
                }
            });
        }
    }
}
