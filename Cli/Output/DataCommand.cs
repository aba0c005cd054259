using Pnl.Client.Http;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Output;

/// <summary>A command that asks the server and tells what it answered.</summary>
internal abstract class DataCommand<TSettings>(IAnsiConsole console) : AsyncCommand<TSettings>
    where TSettings : DataSettings
{
    public sealed override async Task<int> ExecuteAsync(CommandContext context, TSettings settings, CancellationToken cancellationToken)
    {
        bool isJson = settings.Format == OutputFormat.Json;
        using Server server = settings.Connect(keepsAnswers: isJson);
        Screen screen = new(console, settings.Format);
        int code = await RunAsync(server.Pnl, settings, screen, cancellationToken);
        if (isJson)
        {
            screen.Write(server.Answers);
        }

        return code;
    }

    /// <summary>Asks and tells.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(IPnlHttpClient pnl, TSettings settings, Screen screen, CancellationToken cancel);
}
