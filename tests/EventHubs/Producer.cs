using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace Pnl.Tests.EventHubs;

/// <summary>A link that appends to a hub.</summary>
internal sealed class Producer(HubServer server, string hub, int? partition, Action<Producer> onClosed) : LinkEndpoint
{
    public const int Credit = 300;
    public const int MostBytes = 1 << 20;

    private const uint BatchFormat = 0x80013700; // each data section is an encoded message
    private static readonly Symbol PartitionKey = "x-opt-partition-key";

    public override void OnMessage(MessageContext messageContext)
    {
        Message message = messageContext.Message;
        string? key = message.MessageAnnotations?.Map[PartitionKey] as string;
        HubPartition to = server.PartitionFor(hub, partition, key);
        List<Message> events = message.Format == BatchFormat ? Unpack(message) : [message];
        key ??= events[0].MessageAnnotations?.Map[PartitionKey] as string;
        if (partition is null && key is not null)
        {
            to = server.PartitionFor(hub, null, key);
        }

        SendFault fault = server.Faults.Next();
        switch (fault)
        {
            case SendFault.ServerBusy:
                messageContext.Complete(new Error("com.microsoft:server-busy") { Description = "The server is busy. Please wait 4 seconds and try again." });
                return;
            case SendFault.Quota:
                messageContext.Complete(new Error(ErrorCode.ResourceLimitExceeded) { Description = "The quota of the hub is used up." });
                return;
            case SendFault.Detach:
                server.Detach(messageContext.Link, to);
                return;
            case SendFault.Abort:
                server.Abort(messageContext.Link.Session.Connection);
                return;
        }

        if (events.Sum(e => (long)((e.BodySection as Data)?.Binary.Length ?? 0)) > MostBytes)
        {
            messageContext.Complete(new Error(ErrorCode.MessageSizeExceeded) { Description = $"There may be {MostBytes} bytes in a message." });
            return;
        }

        to.Append(events, key);
        if (fault == SendFault.LostAck)
        {
            server.Abort(messageContext.Link.Session.Connection);
            return;
        }

        messageContext.Complete();
    }

    public override void OnFlow(FlowContext flowContext)
    {
    }

    public override void OnDisposition(DispositionContext dispositionContext) => dispositionContext.Complete();

    public override void OnLinkClosed(ListenerLink link, Error error) => onClosed(this);

    private static List<Message> Unpack(Message batch) => batch.BodySection switch
    {
        DataList list => [.. Enumerable.Range(0, list.Count).Select(i => Decode(list[i]))],
        Data one => [Decode(one)],
        _ => throw new AmqpException(ErrorCode.DecodeError, "a batch has data sections"),
    };

    private static Message Decode(Data data) => Message.Decode(new ByteBuffer(data.Binary, 0, data.Binary.Length, data.Binary.Length));
}
