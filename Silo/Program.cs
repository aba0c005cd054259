using Pnl.Silo;

try
{
    WebApplication app = PnlSilo.Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is SettingsException or IOException or InvalidDataException)
{
    await Console.Error.WriteLineAsync($"Orleans.Pnl does not start: {e.Message}");
    return 1;
}
