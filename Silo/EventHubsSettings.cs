using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Messaging.EventHubs;
using Orleans.Hosting;
using Pnl.Grains;

namespace Pnl.Silo;

/// <summary>The hub of Azure Event Hubs by which rates come, and the tables that keep how far it was read.</summary>
internal static partial class EventHubsSettings
{
    private const string Section = "EventHubs";
    private const string ConnectionString = "EventHubs:ConnectionString", Namespace = "EventHubs:Namespace", Hub = "EventHubs:Hub", ConsumerGroup = "EventHubs:ConsumerGroup";
    private const string CheckpointConnection = "EventHubs:Checkpoints:ConnectionString", CheckpointService = "EventHubs:Checkpoints:ServiceUri";
    private const string CheckpointTable = "EventHubs:Checkpoints:Table", CheckpointSeconds = "EventHubs:Checkpoints:EverySeconds";

    public static readonly string[] Known = [ConnectionString, Namespace, Hub, ConsumerGroup, CheckpointConnection, CheckpointService, CheckpointTable, CheckpointSeconds];

    /// <summary>The hub; null if none is set, and streams are kept in memory.</summary>
    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static RatesHub? Read(IConfigurationSection section)
    {
        if (!section.GetSection(Section).Exists())
        {
            return null;
        }

        string hub = Text(section, Hub, "rates");
        return new()
        {
            Connect = Connection(section, hub),
            Hub = hub,
            ConsumerGroup = Text(section, ConsumerGroup, "$Default"),
            Checkpoints = Tables(section),
            CheckpointTable = Text(section, CheckpointTable, "PnlCheckpoints") is var table && TableName().IsMatch(table) ? table
                : throw new SettingsException(CheckpointTable, table, "3 to 63 letters and digits, the first a letter"),
            CheckpointEvery = TimeSpan.FromSeconds(Seconds(section[CheckpointSeconds])),
        };
    }

    /// <summary>Makes the hub the silo's streams, or keeps them in memory.</summary>
    public static void AddStreams(this ISiloBuilder silo, RatesHub? hub)
    {
        if (hub is null)
        {
            silo.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(Orleans.Streams.StreamPubSubType.ImplicitOnly));
        }
        else
        {
            hub.AddTo(silo);
        }
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

    private static TableServiceClient Tables(IConfigurationSection section)
    {
        (string? connection, string? service) = (section[CheckpointConnection], section[CheckpointService]);
        if (string.IsNullOrEmpty(connection) == string.IsNullOrEmpty(service))
        {
            throw new SettingsException(CheckpointConnection, string.IsNullOrEmpty(connection) ? null : "***", $"set for rates by Event Hubs, unless {PnlSettings.Section}:{CheckpointService} is: one of the two");
        }

        if (!string.IsNullOrEmpty(service))
        {
            return Uri.TryCreate(service, UriKind.Absolute, out Uri? uri) && uri is { Scheme: "https", Query: "" }
                ? new(uri, new DefaultAzureCredential())
                : throw new SettingsException(CheckpointService, service.Split('?')[0], "the https address of a storage account's tables, such as https://account.table.core.windows.net; the identity is the machine's");
        }

        try
        {
            return new(connection);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new SettingsException(CheckpointConnection, "***", "the connection string of a storage account");
        }
    }

    private static string Text(IConfigurationSection section, string name, string fallback) => section[name] is { Length: > 0 } given ? given : fallback;

    private static int Seconds(string? text) => string.IsNullOrEmpty(text) ? 60
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 1 and <= 3600 ? seconds
        : throw new SettingsException(CheckpointSeconds, text, "a whole number from 1 to 3600");

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}$")]
    private static partial Regex TableName();
}
