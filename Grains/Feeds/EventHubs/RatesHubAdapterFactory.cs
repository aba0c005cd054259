using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streaming.EventHubs;
using Orleans.Streams;

namespace Pnl.Grains;

/// <summary>Orleans' own reader of a hub, but with checkpoints of what was delivered: see <see cref="DeliveredCache"/>.</summary>
internal static class RatesHubAdapterFactory
{
    public static IQueueAdapterFactory Create(IServiceProvider services, string name)
    {
        Factory factory = ActivatorUtilities.CreateInstance<Factory>(
            services,
            name,
            Options<EventHubOptions>(),
            Options<EventHubReceiverOptions>(),
            Options<EventHubStreamCachePressureOptions>(),
            Options<StreamCacheEvictionOptions>(),
            Options<StreamStatisticOptions>(),
            services.GetRequiredKeyedService<IEventHubDataAdapter>(name));
        factory.Init();
        return factory;

        T Options<T>()
            where T : class => services.GetRequiredService<IOptionsMonitor<T>>().Get(name);
    }

    private sealed class Factory(
        string name, EventHubOptions hub, EventHubReceiverOptions receiver, EventHubStreamCachePressureOptions pressure, StreamCacheEvictionOptions eviction,
        StreamStatisticOptions statistics, IEventHubDataAdapter adapter, IServiceProvider services, Microsoft.Extensions.Logging.ILoggerFactory loggers,
        Orleans.Statistics.IEnvironmentStatisticsProvider environment)
        : EventHubAdapterFactory(name, hub, receiver, pressure, eviction, statistics, adapter, services, loggers, environment)
    {
        public override void Init()
        {
            base.Init();
            var make = CacheFactory;
            CacheFactory = (partition, checkpointer, log) => new DeliveredCache(make(partition, checkpointer, log), checkpointer, TimeProvider.System);
        }
    }
}
