using Pnl.Tests.EventHubs;

ServerOptions options;
try
{
    options = ServerOptions.Read(args);
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync($"{e.Message}\n{ServerOptions.Usage}");
    return 1;
}

await using HubServer server = HubServer.Open(options, TimeProvider.System);
await using WebApplication control = ControlApi.Build(server, options.ControlPort);
await control.StartAsync();
Console.WriteLine($"Event Hubs: {server.ConnectionString}");
Console.WriteLine($"Control: {control.Urls.First()}");
await control.WaitForShutdownAsync();
return 0;
