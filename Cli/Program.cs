using Pnl.Cli;
using Spectre.Console;

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

return await Tool.RunAsync(args, AnsiConsole.Console, Console.Error, stop.Token);
