using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Serialization;

namespace Pnl.Client;

/// <summary>Adds the client to a service.</summary>
public static class PnlClientServices
{
    /// <summary>
    /// Adds <see cref="IPnlClient"/>. The service must host a silo or have an Orleans client, by <c>UseOrleans</c> or
    /// <c>UseOrleansClient</c>.
    /// </summary>
    public static IServiceCollection AddPnlClient(this IServiceCollection services)
    {
        services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add(nameof(Pnl)));
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.TryAddSingleton<PnlWatches>();
        services.TryAddSingleton<Retries>();
        services.TryAddSingleton<PortfolioWatches>();
        services.TryAddSingleton<IPnlClient, PnlClient>();
        return services;
    }
}
