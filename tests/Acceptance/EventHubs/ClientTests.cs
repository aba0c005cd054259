using System.Globalization;
using System.Text;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Azure.Messaging.EventHubs.Producer;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.EventHubs;

/// <summary>Azure's own client takes the server of these tests for Event Hubs: what holds here is what the other tests stand on.</summary>
public sealed class ClientTests
{
    private const string Group = EventHubConsumerClient.DefaultConsumerGroupName;

    // As the client has them, but for the pauses between tries, which are made for a network.
    private static readonly EventHubsRetryOptions Patient = new() { MaximumRetries = 20, Delay = TimeSpan.FromMilliseconds(50), MaximumDelay = TimeSpan.FromSeconds(1) };
    private static readonly EventHubsRetryOptions Impatient = new() { MaximumRetries = 0 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_read_as_they_were_sent_with_their_place_and_properties()
    {
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(partitions: 4);
        await using EventHubProducerClient producer = Producer(hub);
        EventHubProperties properties = await producer.GetEventHubPropertiesAsync(Cancellation);
        Assert.Equal((EventHubsProcess.Hub, 4), (properties.Name, properties.PartitionIds.Length));
        Assert.True((await producer.GetPartitionPropertiesAsync("2", Cancellation)).IsEmpty);

        using (EventDataBatch batch = await producer.CreateBatchAsync(new() { PartitionId = "2" }, Cancellation))
        {
            for (int i = 0; i < 500; i++)
            {
                Assert.True(batch.TryAdd(new EventData(Encoding.UTF8.GetBytes($"event {i}")) { Properties = { ["number"] = i }, ContentType = "text/plain" }));
            }

            await producer.SendAsync(batch, Cancellation);
        }

        await producer.SendAsync([new EventData("one more")], new SendEventOptions { PartitionId = "2" }, Cancellation);
        PartitionProperties partition = await producer.GetPartitionPropertiesAsync("2", Cancellation);
        Assert.Equal((0, 500, false), (partition.BeginningSequenceNumber, partition.LastEnqueuedSequenceNumber, partition.IsEmpty));

        IReadOnlyList<EventData> read = await ReadAsync(hub, "2", EventPosition.Earliest, 501);
        Assert.Equal(Enumerable.Range(0, 501).Select(i => (long)i), read.Select(e => e.SequenceNumber));
        Assert.Equal([.. Enumerable.Range(0, 500).Select(i => $"event {i}"), "one more"], read.Select(e => e.EventBody.ToString()));
        Assert.Equal((7, "text/plain"), (read[7].Properties["number"], read[7].ContentType));
        Assert.Equal(partition.LastEnqueuedOffsetString, read[^1].OffsetString);
        Assert.All(read, e => Assert.InRange(e.EnqueuedTime, properties.CreatedOn, partition.LastEnqueuedTime));
    }

    [Fact]
    public async Task A_key_always_leads_to_the_same_partition_and_is_read_with_the_event()
    {
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(partitions: 4);
        await using EventHubProducerClient producer = Producer(hub);
        for (int round = 0; round < 3; round++)
        {
            for (int key = 0; key < 20; key++)
            {
                SendEventOptions to = new() { PartitionKey = $"key {key}" };
                await producer.SendAsync(Enumerable.Range(0, round + 1).Select(i => new EventData($"{key}")), to, Cancellation);
            }
        }

        Dictionary<string, int> partitions = [];
        for (int p = 0; p < 4; p++)
        {
            PartitionProperties properties = await producer.GetPartitionPropertiesAsync(p.ToString(CultureInfo.InvariantCulture), Cancellation);
            foreach (EventData e in await ReadAsync(hub, properties.Id, EventPosition.Earliest, (int)properties.LastEnqueuedSequenceNumber + 1))
            {
                Assert.Equal($"key {e.EventBody}", e.PartitionKey);
                Assert.Equal(p, partitions.GetValueOrDefault(e.PartitionKey, p));
                partitions[e.PartitionKey] = p;
            }
        }

        Assert.Equal(20, partitions.Count);
        Assert.True(partitions.Values.Distinct().Count() > 1);
    }

    [Fact]
    public async Task A_consumer_begins_at_an_offset_a_number_a_time_or_with_what_is_new()
    {
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(partitions: 1);
        await using EventHubProducerClient producer = Producer(hub);
        await SendAsync(producer, 0, 10);
        await hub.MakeAsync("skip?partition=0&bytes=1000000000000"); // offsets have gaps
        DateTimeOffset between = (await producer.GetPartitionPropertiesAsync("0", Cancellation)).LastEnqueuedTime;
        await Task.Delay(5, Cancellation); // enqueued in another millisecond
        await SendAsync(producer, 10, 10);
        IReadOnlyList<EventData> all = await ReadAsync(hub, "0", EventPosition.Earliest, 20);
        Assert.True(long.Parse(all[10].OffsetString, CultureInfo.InvariantCulture) > 1_000_000_000_000);

        Assert.Equal("10", (await ReadAsync(hub, "0", EventPosition.FromOffset(all[10].OffsetString, true), 10))[0].EventBody.ToString());
        Assert.Equal("11", (await ReadAsync(hub, "0", EventPosition.FromOffset(all[10].OffsetString, false), 9))[0].EventBody.ToString());
        Assert.Equal("5", (await ReadAsync(hub, "0", EventPosition.FromSequenceNumber(5, true), 15))[0].EventBody.ToString());
        Assert.Equal("6", (await ReadAsync(hub, "0", EventPosition.FromSequenceNumber(5, false), 14))[0].EventBody.ToString());
        Assert.Equal("10", (await ReadAsync(hub, "0", EventPosition.FromEnqueuedTime(between.AddMilliseconds(1)), 10))[0].EventBody.ToString());

        await using PartitionReceiver latest = Receiver(hub, "0", EventPosition.Latest);
        Assert.Empty(await latest.ReceiveBatchAsync(10, TimeSpan.FromMilliseconds(200), Cancellation));
        await SendAsync(producer, 20, 1);
        Assert.Equal("20", (await ReceiveAsync(latest, 1))[0].EventBody.ToString());

        await hub.MakeAsync("trim?partition=0&before=15");
        Assert.Equal("15", (await ReadAsync(hub, "0", EventPosition.Earliest, 6))[0].EventBody.ToString());
        Assert.Equal(15, (await producer.GetPartitionPropertiesAsync("0", Cancellation)).BeginningSequenceNumber);
    }

    [Fact]
    public async Task The_newest_of_the_highest_epoch_has_the_partition()
    {
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(partitions: 1);
        await using EventHubProducerClient producer = Producer(hub);
        await SendAsync(producer, 0, 1);
        await using PartitionReceiver first = Receiver(hub, "0", EventPosition.Earliest, epoch: 1);
        Assert.Single(await ReceiveAsync(first, 1));
        await using PartitionReceiver second = Receiver(hub, "0", EventPosition.Earliest, epoch: 2);
        Assert.Single(await ReceiveAsync(second, 1));

        EventHubsException gone = await Assert.ThrowsAsync<EventHubsException>(() => ReceiveAsync(first, 1));
        Assert.Equal(EventHubsException.FailureReason.ConsumerDisconnected, gone.Reason);
        await using PartitionReceiver lower = Receiver(hub, "0", EventPosition.Earliest, epoch: 1);
        Assert.Equal(EventHubsException.FailureReason.ConsumerDisconnected, (await Assert.ThrowsAsync<EventHubsException>(() => ReceiveAsync(lower, 1))).Reason);
        await SendAsync(producer, 1, 1);
        Assert.Equal("1", (await ReceiveAsync(second, 1))[0].EventBody.ToString());
    }

    [Fact]
    public async Task What_is_refused_is_named_as_event_hubs_names_it()
    {
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(partitions: 1);
        await using EventHubProducerClient producer = Producer(hub, Impatient);
        await hub.MakeAsync("faults/serverBusy");
        Assert.Equal(EventHubsException.FailureReason.ServiceBusy, await RefusalAsync(producer));
        await hub.MakeAsync("faults/quota");
        Assert.Equal(EventHubsException.FailureReason.QuotaExceeded, await RefusalAsync(producer));
        await using EventHubProducerClient nowhere = new(hub.ConnectionString, "elsewhere", new EventHubProducerClientOptions { RetryOptions = Impatient });
        Assert.Equal(EventHubsException.FailureReason.ResourceNotFound, await RefusalAsync(nowhere));
        EventData large = new(new byte[2 << 20]);
        Assert.Equal(
            EventHubsException.FailureReason.MessageSizeExceeded,
            (await Assert.ThrowsAsync<EventHubsException>(() => producer.SendAsync([large], Cancellation))).Reason);
        Assert.Equal(0, await hub.EventsAsync());
        await SendAsync(producer, 0, 1);
        Assert.Equal(1, await hub.EventsAsync());
    }

    [Theory]
    [InlineData("serverBusy", 0)]
    [InlineData("detach", 0)]
    [InlineData("abort", 0)]
    [InlineData("lostAck", 1)]
    public async Task What_fails_once_is_sent_again_and_a_lost_acknowledgement_makes_a_duplicate(string fault, int duplicates)
    {
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(partitions: 1);
        await using EventHubProducerClient producer = Producer(hub);
        await SendAsync(producer, 0, 1);
        await using PartitionReceiver receiver = Receiver(hub, "0", EventPosition.Earliest);
        Assert.Single(await ReceiveAsync(receiver, 1));
        await hub.MakeAsync($"faults/{fault}");
        await SendAsync(producer, 1, 1);
        await SendAsync(producer, 2, 1);
        string[] expected = ["1", .. Enumerable.Repeat("1", duplicates), "2"];
        Assert.Equal(expected, (await ReceiveAsync(receiver, expected.Length)).Select(e => e.EventBody.ToString()));
    }

    [Fact]
    public async Task A_folder_keeps_every_acknowledged_event_through_the_death_of_the_server()
    {
        using DataFolder folder = new();
        using EventHubsProcess hub = await EventHubsProcess.StartAsync(partitions: 1, folder);
        await using EventHubProducerClient producer = Producer(hub);
        await using PartitionReceiver receiver = Receiver(hub, "0", EventPosition.Earliest);
        await SendAsync(producer, 0, 100);
        EventData[] before = await ReceiveAsync(receiver, 100);
        await hub.MakeAsync("trim?partition=0&before=30");
        for (int death = 0; death < 2; death++)
        {
            hub.Kill();
            await hub.RestartAsync();
            await SendAsync(producer, 100 + death, 1);
            Assert.Equal($"{100 + death}", (await ReceiveAsync(receiver, 1))[0].EventBody.ToString());
        }

        IReadOnlyList<EventData> after = await ReadAsync(hub, "0", EventPosition.Earliest, 72);
        Assert.Equal(Enumerable.Range(30, 72).Select(i => ((long)i, i.ToString(CultureInfo.InvariantCulture))), after.Select(e => (e.SequenceNumber, e.EventBody.ToString())));
        Assert.Equal(before[30..].Select(e => (e.OffsetString, e.EnqueuedTime)), after.Take(70).Select(e => (e.OffsetString, e.EnqueuedTime)));
    }

    private static EventHubProducerClient Producer(EventHubsProcess hub, EventHubsRetryOptions? retries = null) =>
        new(hub.ConnectionString, EventHubsProcess.Hub, new EventHubProducerClientOptions { RetryOptions = retries ?? Patient });

    private static PartitionReceiver Receiver(EventHubsProcess hub, string partition, EventPosition position, long? epoch = null) =>
        new(Group, partition, position, hub.ConnectionString, EventHubsProcess.Hub, new PartitionReceiverOptions { OwnerLevel = epoch, RetryOptions = Patient });

    /// <summary>Sends numbers as events, each by itself.</summary>
    private static async Task SendAsync(EventHubProducerClient producer, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            await producer.SendAsync([new EventData(i.ToString(CultureInfo.InvariantCulture))], new SendEventOptions { PartitionId = "0" }, Cancellation);
        }
    }

    private static async Task<EventHubsException.FailureReason> RefusalAsync(EventHubProducerClient producer) =>
        (await Assert.ThrowsAsync<EventHubsException>(() => producer.SendAsync([new EventData("refused")], Cancellation))).Reason;

    private static async Task<IReadOnlyList<EventData>> ReadAsync(EventHubsProcess hub, string partition, EventPosition position, int count)
    {
        if (count == 0)
        {
            return [];
        }

        await using PartitionReceiver receiver = Receiver(hub, partition, position);
        return await ReceiveAsync(receiver, count);
    }

    private static async Task<EventData[]> ReceiveAsync(PartitionReceiver receiver, int count)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        List<EventData> events = [];
        while (events.Count < count)
        {
            events.AddRange(await receiver.ReceiveBatchAsync(count - events.Count, patience.Token));
        }

        return [.. events];
    }
}
