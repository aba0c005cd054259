using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Pnl.Client;

/// <summary>Adds the client to a service.</summary>
public static class PnlClientServices
{
    /// <summary>
    /// Adds <see cref="IPnlClient"/>. The service must host a silo or have an Orleans client, by <c>UseOrleans</c> or
    /// <c>UseOrleansClient</c>: without, it does not start, and says so.
    /// </summary>
    public static IServiceCollection AddPnlClient(this IServiceCollection services) => services.AddPnlClient(_ => { });

    /// <summary>Adds <see cref="IPnlClient"/> as above, with options that are checked when the service starts.</summary>
    /// <param name="services">The service's.</param>
    /// <param name="configure">Sets what is to differ from the defaults.</param>
    public static IServiceCollection AddPnlClient(this IServiceCollection services, Action<PnlClientOptions> configure)
    {
        services.AddOptions<PnlClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PnlClientOptions>, PnlClientOptionsCheck>());
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
