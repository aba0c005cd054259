using Azure.Identity;
using Azure.Messaging.EventHubs;
using Pnl.Grains;

namespace Pnl.Silo;

/// <summary>The hub of Azure Event Hubs by which rates come.</summary>
internal static class EventHubsSettings
{
    private const string Section = "EventHubs";
    private const string ConnectionString = "EventHubs:ConnectionString", Namespace = "EventHubs:Namespace", Hub = "EventHubs:Hub", ConsumerGroup = "EventHubs:ConsumerGroup";
    private const string CheckpointSeconds = "EventHubs:CheckpointSeconds";

    public static readonly string[] Known = [ConnectionString, Namespace, Hub, ConsumerGroup, CheckpointSeconds];

    public static bool AreSet(IConfigurationSection section) => section.GetSection(Section).Exists();

    /// <summary>The hub; null if none is set.</summary>
    /// <param name="section">The section <c>Pnl</c>.</param>
    /// <param name="storage">The account whose tables keep how far it was read.</param>
    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static RatesHub? Read(IConfigurationSection section, AzureStorageSettings? storage)
    {
        if (!AreSet(section))
        {
            return null;
        }

        string hub = Text(section, Hub, "rates");
        return new()
        {
            Connect = Connection(section, hub),
            Hub = hub,
            ConsumerGroup = Text(section, ConsumerGroup, "$Default"),
            Checkpoints = storage!.Tables,
            CheckpointTable = storage.Prefix + "checkpoints",
            CheckpointEvery = TimeSpan.FromSeconds(PnlSettings.Number(section, CheckpointSeconds, 60, 1, 3600)),
        };
    }

    private static Func<EventHubConnectionOptions, EventHubConnection> Connection(IConfigurationSection section, string hub)
    {
        (string? connection, string? name) = (section[ConnectionString], section[Namespace]);
        if (string.IsNullOrEmpty(connection) == string.IsNullOrEmpty(name))
        {
            throw new SettingsException(ConnectionString, string.IsNullOrEmpty(connection) ? null : "***", $"set for rates by Event Hubs, unless {PnlSettings.Section}:{Namespace} is: one of the two");
        }

        if (!string.IsNullOrEmpty(name))
        {
            return Uri.CheckHostName(name) == UriHostNameType.Dns && name.Contains('.', StringComparison.Ordinal)
                ? options => new(name, hub, new DefaultAzureCredential(), options)
                : throw new SettingsException(Namespace, name, "the host name of a namespace, such as name.servicebus.windows.net; the identity is the machine's");
        }

        try
        {
            _ = EventHubsConnectionStringProperties.Parse(connection).Endpoint ?? throw new FormatException("there is no endpoint");
            return options => new(connection, hub, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Neither it nor what is said of it: there is a key in it.
            throw new SettingsException(ConnectionString, "***", "the connection string of an Event Hubs namespace");
        }
    }

    private static string Text(IConfigurationSection section, string name, string fallback) => section[name] is { Length: > 0 } given ? given : fallback;
}
