using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Listener;
using Amqp.Sasl;
using Amqp.Types;

namespace Pnl.Tests.EventHubs;

/// <summary>
/// A server that Azure's own Event Hubs client takes for an Event Hubs namespace: AMQP 1.0 without TLS on the loopback
/// address. Any key opens it, any consumer group exists.
/// </summary>
internal sealed class HubServer : ILinkProcessor, IHandler, IAsyncDisposable
{
    private static readonly Symbol EpochProperty = "com.microsoft:epoch";

    private readonly Dictionary<string, HubPartition[]> _hubs;
    private readonly ConcurrentDictionary<Connection, Socket> _connections = new();
    private readonly ConcurrentDictionary<ListenerLink, object> _links = new();
    private readonly Lock _claims = new();
    private readonly ContainerHost _host;
    private readonly int _port;
    private int _turn;
    private long _delivered;

    private HubServer(ServerOptions options, TimeProvider time, int port)
    {
        Opened = time.GetUtcNow().UtcDateTime;
        _port = port;
        _hubs = options.Hubs.ToDictionary(
            hub => hub.Key,
            hub => Enumerable.Range(0, hub.Value).Select(number => new HubPartition(hub.Key, number, options.Folder, time)).ToArray(),
            StringComparer.OrdinalIgnoreCase);
        _host = new(new Address($"amqp://127.0.0.1:{port}"));
        ConnectionListener listener = _host.Listeners[0];
        listener.SASL.EnableMechanism("MSSBCBS", SaslProfile.Anonymous);
        listener.AMQP.MaxFrameSize = 64 * 1024;
        listener.AMQP.IdleTimeout = 60_000;
        listener.HandlerFactory = _ => this;
        _host.RegisterRequestProcessor(TokenRequests.Address, new TokenRequests());
        _host.RegisterRequestProcessor(ManagementRequests.Address, new ManagementRequests(this));
        _host.RegisterLinkProcessor(this);
    }

    public DateTime Opened { get; }

    public Faults Faults { get; } = new();

    public IEnumerable<HubPartition> Partitions => _hubs.Values.SelectMany(hub => hub);

    public int Connections => _connections.Count;

    public int Consumers => _links.Values.Count(link => link is Consumer);

    /// <summary>Events handed to consumers so far, the same one as often as it was.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    public string ConnectionString => $"Endpoint=sb://127.0.0.1:{_port};SharedAccessKeyName=any;SharedAccessKey=any;UseDevelopmentEmulator=true";

    public static HubServer Open(ServerOptions options, TimeProvider time)
    {
        if (options.Folder is not null)
        {
            Directory.CreateDirectory(options.Folder);
        }

        HubServer server = new(options, time, options.Port != 0 ? options.Port : FreePort());
        server._host.Open();
        return server;
    }

    public IReadOnlyList<HubPartition>? Find(string? hub) => hub is not null && _hubs.TryGetValue(hub, out HubPartition[]? partitions) ? partitions : null;

    /// <summary>The partition that an event goes to: the one named, that of its key, or the next one in turn.</summary>
    public HubPartition PartitionFor(string hub, int? partition, string? key)
    {
        HubPartition[] all = _hubs[hub];
        return all[partition ?? (int)((key is null ? (uint)Interlocked.Increment(ref _turn) : Crc32.HashToUInt32(Encoding.UTF8.GetBytes(key))) % all.Length)];
    }

    /// <summary>Detaches a producer, and the consumers of a partition.</summary>
    public void Detach(ListenerLink producer, HubPartition partition)
    {
        Detach(producer);
        foreach (Consumer consumer in _links.Values.OfType<Consumer>().Where(consumer => consumer.Partition == partition))
        {
            Detach(consumer.Link);
        }
    }

    public int DetachAll()
    {
        ListenerLink[] links = [.. _links.Keys];
        foreach (ListenerLink link in links)
        {
            Detach(link);
        }

        return links.Length;
    }

    /// <summary>Resets a connection.</summary>
    public void Abort(Connection connection)
    {
        if (_connections.TryGetValue(connection, out Socket? socket))
        {
            socket.Close(0); // at once, with a reset
        }
    }

    public int AbortAll()
    {
        Connection[] connections = [.. _connections.Keys];
        foreach (Connection connection in connections)
        {
            Abort(connection);
        }

        return connections.Length;
    }

    public ValueTask DisposeAsync()
    {
        _host.Close();
        foreach (HubPartition partition in Partitions)
        {
            partition.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    void ILinkProcessor.Process(AttachContext attachContext)
    {
        try
        {
            if (attachContext.Link.Role)
            {
                AttachProducer(attachContext);
            }
            else
            {
                AttachConsumer(attachContext);
            }
        }
        catch (AmqpException e)
        {
            attachContext.Complete(e.Error);
        }
    }

    bool IHandler.CanHandle(Amqp.Handler.EventId id) => id == Amqp.Handler.EventId.ConnectionAccept;

    void IHandler.Handle(Event protocolEvent)
    {
        Connection connection = protocolEvent.Connection;
        _connections[connection] = (Socket)protocolEvent.Context;
        connection.AddClosedCallback((_, _) => _connections.TryRemove(connection, out _));
    }

    private void AttachProducer(AttachContext context)
    {
        string address = ((Target)context.Attach.Target).Address;
        string[] path = address.Trim('/').Split('/');
        HubPartition[] hub = HubOf(path[0], address);
        int? partition = path switch
        {
            [_] => null,
            [_, "Partitions", var number] => PartitionOf(hub, number, address).Number,
            _ => throw NotFound(address),
        };
        context.Attach.MaxMessageSize = Producer.MostBytes;
        ListenerLink link = context.Link;
        Producer producer = new(this, path[0], partition, _ => _links.TryRemove(link, out object? _));
        _links[link] = producer;
        context.Complete(producer, Producer.Credit);
    }

    private void AttachConsumer(AttachContext context)
    {
        Source source = (Source)context.Attach.Source;
        string[] path = source.Address.Trim('/').Split('/');
        if (path is not [var name, "ConsumerGroups", var group, "Partitions", var number])
        {
            throw NotFound(source.Address);
        }

        HubPartition partition = PartitionOf(HubOf(name, source.Address), number, source.Address);
        long? epoch = context.Attach.Properties?[EpochProperty] as long?;
        ListenerLink link = context.Link;
        Consumer consumer = new(link, partition, group, epoch, StartPosition.Of(source), () => Interlocked.Increment(ref _delivered), _ => _links.TryRemove(link, out object? _));
        lock (_claims)
        {
            Consumer[] others = [.. _links.Values.OfType<Consumer>().Where(other => other.Partition == partition && other.Group == group)];
            if (others.Any(other => other.Epoch is { } claimed && !(epoch >= claimed)))
            {
                throw new AmqpException(ErrorCode.Stolen, $"The partition {number} is claimed by a receiver of a higher epoch.");
            }

            foreach (Consumer other in others.Where(_ => epoch is not null))
            {
                other.Link.Close(TimeSpan.Zero, new Error(ErrorCode.Stolen) { Description = $"A receiver of epoch {epoch} has claimed the partition {number}." });
            }

            _links[link] = consumer;
        }

        context.Complete(consumer, 0);
        _ = consumer.RunAsync();
    }

    private HubPartition[] HubOf(string name, string address) => _hubs.TryGetValue(name, out HubPartition[]? hub) ? hub : throw NotFound(address);

    private static HubPartition PartitionOf(HubPartition[] hub, string number, string address) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < hub.Length ? hub[index]
            : throw new AmqpException(new Error("com.microsoft:argument-out-of-range") { Description = $"There is no {address}." });

    private static AmqpException NotFound(string address) => new(ErrorCode.NotFound, $"The messaging entity '{address}' could not be found.");

    private static void Detach(ListenerLink link) => link.Close(TimeSpan.Zero, new Error(ErrorCode.DetachForced) { Description = "The link is force detached." });

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
