using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Pnl.Client;
using Pnl.Client.Http;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>A service that has nothing but the SDK.</summary>
internal static class SdkService
{
    /// <summary>As long as a loaded machine may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task<IHost> StartAsync(int gatewayPort, TimeSpan? retryFor = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        builder.UseOrleansClient(client => client.UseLocalhostClustering(gatewayPort, "pnl", "pnl"));
        builder.Services.AddPnlClient(options => options.RetryFor = retryFor ?? Patience);
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>One that has nothing but HTTP.</summary>
    public static ServiceProvider OverHttp(Uri address, string? key = null)
    {
        ServiceCollection services = new();
        services.AddPnlHttpClient(address, key);
        return services.BuildServiceProvider();
    }

    public static IPnlClient Client(this IHost service) => service.Services.GetRequiredService<IPnlClient>();
}
