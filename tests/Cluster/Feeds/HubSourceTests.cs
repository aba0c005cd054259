using Azure.Messaging.EventHubs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Streams;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>Whose bars an event of a hub has: a property says it, which is not in the body.</summary>
public sealed class HubSourceTests
{
    private static readonly RatesEvent Bars = new(["ada", "xyz"], [1_717_200_000, 1_717_200_000], [0.4512m, 17m], [1_717_199_700, 1_717_200_000]);

    private static readonly ServiceProvider Services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    private readonly RatesEventAdapter _adapter = new(Services.GetRequiredService<Serializer>());

    [Theory]
    [InlineData(null)]
    [InlineData("binance")]
    public void The_source_that_was_published_arrives_and_the_body_is_as_without(string? source)
    {
        EventData sent = _adapter.ToQueueMessage(StreamId.Create(RatesEvent.StreamNamespace, "3"), [Bars with { Source = source }], null, null);

        RatesEvent arrived = Arrived(sent);

        Assert.Equal(source, arrived.Source);
        Assert.Equal(source, sent.Properties.TryGetValue("source", out object? value) ? value : null);
        Assert.Equal(_adapter.ToQueueMessage(StreamId.Create(RatesEvent.StreamNamespace, "3"), [Bars], null, null).EventBody.ToArray(), sent.EventBody.ToArray());
        Assert.Equal(Bars.Tokens, arrived.Tokens);
        Assert.Equal(Bars.Time, arrived.Time);
        Assert.Equal(Bars.Rate, arrived.Rate);
        Assert.Equal(source, arrived[1].Source);
    }

    [Fact]
    public void A_bar_of_a_tokens_own_stream_keeps_its_source()
    {
        RateEvent bar = new(1_717_200_000, 0.4512m, Source: "kraken");

        Assert.Equal("kraken", Arrived(_adapter.ToQueueMessage(StreamId.Create(RateEvent.StreamNamespace, "ada"), [bar], null, null)).Source);
    }

    [Theory]
    [InlineData("Not A Source")]
    [InlineData("")]
    [InlineData(7)]
    public void What_names_no_source_is_put_aside_with_its_bars(object value)
    {
        EventData sent = _adapter.ToQueueMessage(StreamId.Create(RatesEvent.StreamNamespace, "3"), [Bars], null, null);
        sent.Properties["source"] = value;

        RatesEvent arrived = Arrived(sent);

        Assert.Empty(arrived.Tokens);
        Assert.Equal("source.malformed", Assert.Single(arrived.Unread!).Reason);
    }

    private RatesEvent Arrived(EventData sent)
    {
        EventData read = EventHubsModelFactory.EventData(sent.EventBody, sent.Properties, offsetString: "1184", sequenceNumber: 42, enqueuedTime: DateTimeOffset.UnixEpoch);
        StreamPosition position = _adapter.GetStreamPosition("0", read);
        CachedMessage cached = _adapter.FromQueueMessage(position, read, DateTime.UtcNow, size => new ArraySegment<byte>(new byte[size]));
        return Assert.Single(_adapter.GetBatchContainer(ref cached).GetEvents<RatesEvent>()).Item1;
    }
}
