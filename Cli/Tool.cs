using System.Reflection;
using Pnl.Cli.CommandLine;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli;

/// <summary>The tool <c>pnl</c>.</summary>
internal static class Tool
{
    public static string Version { get; } = typeof(Tool).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Does what a command line says.</summary>
    /// <param name="args">What was typed behind <c>pnl</c>.</param>
    /// <param name="console">Where answers go.</param>
    /// <param name="errors">Where it is told why there are none.</param>
    /// <param name="cancel">Ends it, in order.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, IAnsiConsole console, TextWriter errors, CancellationToken cancel)
    {
        string[] typed = CommandLineCheck.WithDefaults(args);
        if (CommandLineCheck.Defect(typed) is { } defect)
        {
            await errors.WriteLineAsync(defect);
            return ExitCode.Usage;
        }

        CommandApp app = new();
        app.Configure(config =>
        {
            config.SetApplicationName("pnl");
            config.SetApplicationVersion(Version);
            config.ConfigureConsole(console);
            config.UseStrictParsing();
            config.PropagateExceptions();
            ToolCommands.AddTo(config);
        });
        try
        {
            int code = await app.RunAsync(typed, cancel);
            return code < 0 ? ExitCode.Usage : code;
        }
        catch (CommandAppException e)
        {
            await errors.WriteLineAsync(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e) when (Server.IsFailure(e))
        {
            await errors.WriteLineAsync(Server.Told(e));
            return Server.IsRefusal(e) ? ExitCode.Rejected : ExitCode.Server;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await errors.WriteLineAsync("Stopped. What was acknowledged is kept; the same command again goes on.");
            return ExitCode.Stopped;
        }
    }
}
