// Warns when a token falls from its peak by more than a limit.
//   dotnet run --project samples/DrawdownAlerts -- --Alerts:Tokens=btc,eth --Alerts:Limit=0.1 --Alerts:Window=24h
using DrawdownAlerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Pnl.Client;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
AlertOptions options;
try
{
    options = AlertOptions.Read(builder.Configuration);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

builder.Logging.AddFilter("Orleans", LogLevel.Error);
builder.UseOrleansClient(client => client
    .UseLocalhostClustering(options.GatewayPort, "pnl", "pnl")
    .UseConnectionRetryFilter(async (_, cancellation) =>
    {
        await Task.Delay(TimeSpan.FromSeconds(1), cancellation); // the silo may start later than this
        return true;
    }));
builder.Services.AddPnlClient();
builder.Services.AddSingleton(options);
builder.Services.AddHostedService<DrawdownWatcher>();
await builder.Build().RunAsync();
return 0;
