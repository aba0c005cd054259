using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;

namespace Pnl.Tests.EventHubs;

/// <summary>A link that reads a partition.</summary>
internal sealed class Consumer : LinkEndpoint
{
    private const int EventsAtOnce = 100;

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ListenerLink _link;
    private readonly Action _onSent;
    private readonly Action<Consumer> _onClosed;
    private long _next;

    public Consumer(ListenerLink link, HubPartition partition, string group, long? epoch, StartPosition position, Action onSent, Action<Consumer> onClosed)
    {
        (_link, Partition, Group, Epoch, _onSent, _onClosed) = (link, partition, group, epoch, onSent, onClosed);
        _next = partition.Find(position);
        partition.Appended += Wake;
    }

    public HubPartition Partition { get; }

    public string Group { get; }

    /// <summary>Which of several that claim the partition has it: the newest of the highest. Null claims nothing.</summary>
    public long? Epoch { get; }

    public ListenerLink Link => _link;

    /// <summary>Sends what there is and what comes, until the link is closed.</summary>
    public async Task RunAsync()
    {
        await foreach (bool _ in _wake.Reader.ReadAllAsync())
        {
            try
            {
                while ((int)Credit(_link) > 0 && Partition.Read(_next, EventsAtOnce) is { Count: > 0 } events)
                {
                    foreach (StoredEvent e in events)
                    {
                        if ((int)Credit(_link) <= 0)
                        {
                            break;
                        }

                        _link.SendMessage(new Message(), new ByteBuffer(e.Encoded, 0, e.Encoded.Length, e.Encoded.Length));
                        _next = e.Sequence + 1;
                        _onSent();
                    }
                }
            }
            catch (AmqpException)
            {
                // The link is being closed, of which OnLinkClosed is told.
            }
        }
    }

    public override void OnFlow(FlowContext flowContext)
    {
        if (flowContext.Link.IsDraining)
        {
            flowContext.Link.CompleteDrain();
        }

        Wake();
    }

    public override void OnDisposition(DispositionContext dispositionContext) => dispositionContext.Complete();

    public override void OnLinkClosed(ListenerLink link, Error error)
    {
        Partition.Appended -= Wake;
        _wake.Writer.TryComplete();
        _onClosed(this);
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    // How many messages the other side will take, as the library counts it: a count of one's own would race with its flows.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Credit")]
    private static extern uint Credit(ListenerLink link);
}
