using Azure.Messaging.EventHubs;
using Microsoft.Extensions.Options;
using Pnl;
using Pnl.Silo;

const int InternalFault = 70; // EX_SOFTWARE of sysexits.h
bool isRunning = false;
try
{
    if (args is ["-h" or "--help" or "help", ..])
    {
        Console.WriteLine(Usage.Text);
        return 0;
    }

    if (args is ["--version"])
    {
        Console.WriteLine(Usage.Version);
        return 0;
    }

    if (args is [RebuildCommand.Name, .. var rest])
    {
        await RebuildCommand.RunAsync(rest);
        return 0;
    }

    if (args is [NewEpochCommand.Name, .. var settings])
    {
        await NewEpochCommand.RunAsync(settings);
        return 0;
    }

    if (args is [CheckCommand.Name, .. var check])
    {
        return await CheckCommand.RunAsync(check);
    }

    if (args is [RestoreCommand.Name, .. var restore])
    {
        await RestoreCommand.RunAsync(restore);
        return 0;
    }

    WebApplication app = await PnlSilo.BuildAsync(args);
    app.Lifetime.ApplicationStarted.Register(() => isRunning = true);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is SettingsException or OptionsValidationException or IOException or InvalidDataException or RateFileException or EventHubsException)
{
    await Console.Error.WriteLineAsync(isRunning ? $"Orleans.Pnl has ended, but not cleanly: {e.Message}" : $"Orleans.Pnl does not start: {e.Message}");
    return 1;
}
catch (Exception e)
{
    // No setting or file is at fault but the program: whoever reports it needs all of it.
    await Console.Error.WriteLineAsync($"Orleans.Pnl {(isRunning ? "has ended, but not cleanly" : "does not start")}, by a fault of its own:{Environment.NewLine}{e}");
    return InternalFault;
}
