using Azure.Data.Tables;
using Azure.Messaging.EventHubs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Streams;

namespace Pnl.Grains;

/// <summary>A hub of Azure Event Hubs as the streams of rates.</summary>
public sealed record RatesHub
{
    // An event that cannot be delivered, since the store is away, is tried for as long as a hub keeps it.
    private static readonly TimeSpan LongestOutage = TimeSpan.FromDays(7);

    // Held in memory for nothing but consumers that move to another silo and ask for what they had last.
    private static readonly TimeSpan KeptWhenDelivered = TimeSpan.FromMinutes(10);

    /// <summary>Opens a connection to the hub.</summary>
    public required Func<EventHubConnectionOptions, EventHubConnection> Connect { get; init; }

    /// <summary>Name of the hub.</summary>
    public required string Hub { get; init; }

    /// <summary>The consumer group, which no other reader may use.</summary>
    public required string ConsumerGroup { get; init; }

    /// <summary>The storage account where it is kept how far each partition was read.</summary>
    public required TableServiceClient Checkpoints { get; init; }

    /// <summary>The table in it.</summary>
    public required string CheckpointTable { get; init; }

    /// <summary>How often that is written.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Makes the hub a silo's streams of rates.</summary>
    public void AddTo(ISiloBuilder silo) => silo.AddEventHubStreams(RateEvent.StreamProvider, streams =>
    {
        streams.ConfigureEventHub(options => options.Configure(hub => hub.ConfigureEventHubConnection(connection => Connect(connection), Hub, ConsumerGroup)));
        streams.ConfigurePartitionReceiver(options => options.Configure(receiver => receiver.StartFromNow = false)); // what came before the first start counts too
        streams.UseAzureTableCheckpointer(options => options.Configure(checkpointer =>
        {
            checkpointer.TableServiceClient = Checkpoints;
            checkpointer.TableName = CheckpointTable;
            checkpointer.PersistInterval = CheckpointEvery;
            checkpointer.PartitionKeyPrefix = $"{Hub}_{ConsumerGroup}_"; // the key has the stream provider's name alone
        }));
        streams.UseDataAdapter((services, _) => ActivatorUtilities.CreateInstance<RatesEventAdapter>(services));
        streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
        streams.ConfigureCacheEviction(options => options.Configure(eviction => eviction.DataMaxAgeInCache = KeptWhenDelivered));
        streams.ConfigureComponent<IQueueAdapterFactory>(RatesHubAdapterFactory.Create);
        streams.ConfigurePullingAgent(options => options.Configure(agent => agent.MaxEventDeliveryTime = LongestOutage));
    });
}
