using Azure.Messaging.EventHubs;
using Microsoft.Extensions.Options;
using Pnl;
using Pnl.Silo;

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
catch (Exception e) when (e is SettingsException or OptionsValidationException or IOException or InvalidDataException or InvalidOperationException or RateFileException or EventHubsException)
{
    await Console.Error.WriteLineAsync(isRunning ? $"Orleans.Pnl has ended, but not cleanly: {e.Message}" : $"Orleans.Pnl does not start: {e.Message}");
    return 1;
}
