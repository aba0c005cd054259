using Azure.Identity;
using Azure.Messaging.EventHubs;
using Pnl.Grains;

namespace Pnl.Silo;

/// <summary>The hub of Azure Event Hubs by which rates come.</summary>
internal sealed class EventHubsSettings
{
    private const string ConnectionSetting = "EventHubs:ConnectionString", NamespaceSetting = "EventHubs:Namespace";

    [Description("rates come by Azure Event Hubs, and not by streams in memory, if this or `Namespace` is set: the connection string of a namespace"), DataType(DataType.Password)] public string? ConnectionString { get; set; }
    [Description("the host name of a namespace, entered with the machine's identity")] public string? Namespace { get; set; }
    [Description("the hub")] public string Hub { get; set; } = "rates";
    [Description("the consumer group that is the engine's alone")] public string ConsumerGroup { get; set; } = "$Default";
    [Description("how often, in seconds, it is kept in the tables of `Pnl:AzureStorage` how far the hub was read"), Range(1, 3600)] public int CheckpointSeconds { get; set; } = 60;

    /// <param name="storage">The account whose tables keep how far it was read.</param>
    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    internal RatesHub ToHub(AzureStorage storage) => new()
    {
        Connect = Connection(),
        Hub = Hub,
        ConsumerGroup = ConsumerGroup,
        Checkpoints = storage.Tables,
        CheckpointTable = storage.Prefix + "checkpoints",
        CheckpointEvery = TimeSpan.FromSeconds(CheckpointSeconds),
    };

    private Func<EventHubConnectionOptions, EventHubConnection> Connection()
    {
        SettingsException.ThrowIf((ConnectionString is null) == (Namespace is null), ConnectionSetting, ConnectionString is null ? null : "***", $"set for rates by Event Hubs, unless {PnlSettings.Section}:{NamespaceSetting} is: one of the two");
        if (Namespace is { } name)
        {
            return Uri.CheckHostName(name) == UriHostNameType.Dns && name.Contains('.', StringComparison.Ordinal)
                ? options => new(name, Hub, new DefaultAzureCredential(), options)
                : throw new SettingsException(NamespaceSetting, name, "the host name of a namespace, such as name.servicebus.windows.net; the identity is the machine's");
        }

        try
        {
            _ = EventHubsConnectionStringProperties.Parse(ConnectionString).Endpoint ?? throw new FormatException("there is no endpoint");
            return options => new(ConnectionString, Hub, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Neither it nor what is said of it: there is a key in it.
            throw new SettingsException(ConnectionSetting, "***", "the connection string of an Event Hubs namespace");
        }
    }
}
