using Pnl.Cli;
using Pnl.Cli.Backfill;
using Pnl.Cli.Import;
using Pnl.Cli.Server;
using Pnl.Cli.Show;
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
    config.AddCommand<ImportCommand>("import").WithExample("import", "./rates", "BTC-USD.csv.gz");
    config.AddCommand<ShowCommand>("show").WithExample("show", "btc");
    config.AddCommand<BackfillCommand>("backfill").WithExample("backfill", "btc", "eth", "--source", "binance").WithExample("backfill", "--source", "files");
    config.AddCommand<TopCommand>("top").WithExample("top", "--window", "7d", "--by", "volatility");
    config.AddCommand<TokensCommand>("tokens").WithExample("tokens", "--search", "bit");
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
