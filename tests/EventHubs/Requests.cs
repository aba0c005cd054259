using System.Globalization;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace Pnl.Tests.EventHubs;

/// <summary><c>$cbs</c>: takes any token.</summary>
internal sealed class TokenRequests : IRequestProcessor
{
    public const string Address = "$cbs";

    public int Credit => 100;

    public void Process(RequestContext requestContext) => requestContext.Complete(new Message
    {
        ApplicationProperties = new() { ["status-code"] = 202, ["status-description"] = "Accepted" },
    });
}

/// <summary><c>$management</c>: tells of hubs and partitions.</summary>
internal sealed class ManagementRequests(HubServer server) : IRequestProcessor
{
    public const string Address = "$management";

    public int Credit => 100;

    public void Process(RequestContext requestContext)
    {
        ApplicationProperties asked = requestContext.Message.ApplicationProperties ?? new();
        IReadOnlyList<HubPartition>? hub = server.Find(asked["name"] as string);
        HubPartition? partition = hub?.FirstOrDefault(p => p.Number.ToString(CultureInfo.InvariantCulture) == asked["partition"] as string);
        requestContext.Complete((asked["type"] as string) switch
        {
            "com.microsoft:eventhub" when hub is not null => Answer(Describe(hub)),
            "com.microsoft:partition" when partition is not null => Answer(Describe(partition)),
            _ => new() { ApplicationProperties = new() { ["status-code"] = 404, ["status-description"] = "There is no such entity.", ["error-condition"] = (Symbol)"amqp:not-found" } },
        });
    }

    private static Message Answer(Map map) => new()
    {
        BodySection = new AmqpValue { Value = map },
        ApplicationProperties = new() { ["status-code"] = 200, ["status-description"] = "OK" },
    };

    private Map Describe(IReadOnlyList<HubPartition> hub) => new()
    {
        ["name"] = hub[0].Hub,
        ["type"] = "com.microsoft:eventhub",
        ["created_at"] = server.Opened,
        ["partition_count"] = hub.Count,
        ["partition_ids"] = hub.Select(p => p.Number.ToString(CultureInfo.InvariantCulture)).ToArray(),
        ["georeplication_factor"] = 1,
    };

    private static Map Describe(HubPartition partition)
    {
        (long first, long last, long lastOffset, DateTime enqueued, bool isEmpty) = partition.State;
        return new()
        {
            ["name"] = partition.Hub,
            ["type"] = "com.microsoft:partition",
            ["partition"] = partition.Number.ToString(CultureInfo.InvariantCulture),
            ["begin_sequence_number"] = first,
            ["last_enqueued_sequence_number"] = last,
            ["last_enqueued_offset"] = lastOffset.ToString(CultureInfo.InvariantCulture),
            ["last_enqueued_time_utc"] = enqueued,
            ["is_partition_empty"] = isEmpty,
        };
    }
}
