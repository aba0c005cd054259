using System.Text.Json;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Tokens;

public sealed class PoisonEventTests(PnlCluster cluster)
{
    private static readonly Bar Good = RegularBars.At(RegularBars.Last);

    [Fact]
    public async Task A_bar_that_cannot_be_taken_is_put_aside_with_its_reason_and_the_stream_goes_on()
    {
        string id = await cluster.NewTokenAsync("poisoned");
        long open = BarTime.OpenSeconds(Good.Slot);
        (RateEvent Event, string Reason)[] poison =
        [
            (new(open, 0), "rate.zero"),
            (new(open, -1), "rate.negative"),
            (new(open + 1, 1), "time.unaligned"),
            (new(open + 4 * 300, 1), "time.inFuture"),
            (new(-300, 1), "time.outOfRange"),
            (new(long.MaxValue, 1), "time.outOfRange"),
        ];
        foreach ((RateEvent bad, string reason) in poison)
        {
            await cluster.Stream(id).OnNextAsync(bad);
        }

        await cluster.PublishAsync(id, [Good]);

        WatchedToken watch = cluster.Store.Watch(id);
        TokenWrite write = await watch.NextWriteAsync(write => !write.History.IsEmpty);
        Assert.Equal(Good.Slot, write.History.Life.LastSlot);
        foreach ((RateEvent bad, string reason) in poison)
        {
            Assert.Equal(new DeadLetter(PnlCluster.Noon, id, reason, Json(bad)), await watch.NextDeadLetterAsync());
        }

        IReadOnlyList<DeadLetter> kept = await cluster.Store.Inner.DeadLettersAsync(null, 1000, TestContext.Current.CancellationToken);
        Assert.Equal(poison.Select(bad => bad.Reason).Reverse(), kept.Where(letter => letter.Token == id).Select(letter => letter.Reason));
        Assert.Equal(Good.Rate, (await cluster.Client.GetPnlAsync(id, TestContext.Current.CancellationToken)).Rate);
    }

    [Fact]
    public async Task An_event_of_a_token_that_nobody_registered_is_put_aside_and_the_next_one_behind_the_registration_is_taken()
    {
        string id = $"unknown-{Guid.NewGuid():n}";
        await cluster.PublishAsync(id, [Good]);
        DeadLetter letter = await cluster.Store.Watch(id).NextDeadLetterAsync();
        Assert.Equal(("token.unknown", Json(new RateEvent(BarTime.OpenSeconds(Good.Slot), Good.Rate))), (letter.Reason, letter.Payload));

        await cluster.Client.RegisterTokenAsync(id, new TokenDetails(), TestContext.Current.CancellationToken);
        await cluster.PublishAsync(id, [Good]);
        await cluster.Store.Watch(id).NextWriteAsync(write => write.History.Life.Count == 1);
    }

    [Fact]
    public async Task What_was_put_aside_is_taken_once_its_reason_is_gone_and_is_kept_no_longer()
    {
        string id = $"late-{Guid.NewGuid():n}";
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await cluster.Stream(id).OnNextAsync(new(BarTime.OpenSeconds(Good.Slot), 1234567890.123456789012345678m, Source: "binance"));
        await cluster.Stream(id).OnNextAsync(new(BarTime.OpenSeconds(Good.Slot) - 300, 0m));
        await cluster.Store.Watch(id).NextDeadLetterAsync();
        await cluster.Store.Watch(id).NextDeadLetterAsync();
        DeadLetterInfo[] kept = [.. (await cluster.Client.ListDeadLettersAsync(limit: 1000, cancellation: cancel)).Where(letter => letter.Token == id)];
        Assert.Equal(["token.unknown", "token.unknown"], kept.Select(letter => letter.Reason));

        Assert.Equal("token.unknown", (await cluster.Client.ReplayDeadLetterAsync(kept[1].Id, cancel))!.Reason);
        await cluster.Client.RegisterTokenAsync(id, new() { Listings = [new("binance", "LATEUSD", "usd", Interval.FiveMinutes)] }, cancel);
        Assert.Equal("rate.zero", (await cluster.Client.ReplayDeadLetterAsync(kept[0].Id, cancel))!.Reason);
        Assert.Null((await cluster.Client.ReplayDeadLetterAsync(kept[1].Id, cancel))!.Reason);

        Assert.Equal(1234567890.123456789012345678m, (await cluster.Client.GetPnlAsync(id, cancel)).Rate);
        Assert.Equal([kept[0]], (await cluster.Client.ListDeadLettersAsync(limit: 1000, cancellation: cancel)).Where(letter => letter.Token == id));
        Assert.Null(await cluster.Client.ReplayDeadLetterAsync(kept[1].Id, cancel));
        Assert.DoesNotContain(await cluster.Client.ListDeadLettersAsync(kept[0].Id, 1000, cancel), letter => letter.Token == id);
    }

    [Theory]
    [InlineData("RateEvent { Time = 1781524500, Rate = 0.5, CoveredFrom =  }", null, null)] // of the first releases
    [InlineData("RateEvent { Time = 1781524500, Rate = 0.5, CoveredFrom = 1781524200, Source = kraken }", 1781524200L, "kraken")]
    [InlineData("RateEvent { Time = 1781524500, Rate = 0.5, CoveredFrom = , Source =  }", null, null)]
    public async Task What_earlier_releases_put_aside_is_taken_as_well(string payload, long? coveredFrom, string? source)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string id = $"earlier-{Guid.NewGuid():n}";
        await cluster.Store.Inner.WriteDeadLetterAsync(new(PnlCluster.Noon, id, "token.unknown", payload));
        DeadLetterInfo letter = (await cluster.Client.ListDeadLettersAsync(limit: 1000, cancellation: cancel)).Single(letter => letter.Token == id);
        await cluster.Client.RegisterTokenAsync(id, new() { Listings = source is null ? [] : [new(source, "EARLIER", "usd", Interval.FiveMinutes)] }, cancel);

        DeadLetterReplay replay = (await cluster.Client.ReplayDeadLetterAsync(letter.Id, cancel))!;
        Assert.Null(replay.Reason);
        TokenCoverage token = await cluster.Client.GetCoverageAsync(id, cancellation: cancel);
        Assert.Equal(0.5m, (await cluster.Client.GetPnlAsync(id, cancel)).Rate);
        Assert.Equal(coveredFrom is null ? 0 : 2, token.Coverage.Fetched.Sum(range => (range.To - range.From).TotalMinutes / 5));
    }

    [Fact]
    public async Task What_is_no_bar_cannot_be_handed_over_again()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await cluster.Store.Inner.WriteDeadLetterAsync(new(PnlCluster.Noon, "unread", "rate.text", "bar 3: token 'unread', time 1781524500, rate 0"));
        DeadLetterInfo letter = (await cluster.Client.ListDeadLettersAsync(limit: 1000, cancellation: cancel)).First(letter => letter.Token == "unread");
        Assert.Equal(DeadLetterReplay.Unreadable, (await cluster.Client.ReplayDeadLetterAsync(letter.Id, cancel))!.Reason);
    }

    private static string Json(RateEvent bar) => JsonSerializer.Serialize(bar, JsonSerializerOptions.Web);

    [Fact]
    public async Task An_event_covers_what_its_source_was_asked_for_before_it()
    {
        string id = await cluster.NewTokenAsync("covering");
        await cluster.PublishAsync(id, [RegularBars.At(Good.Slot - 5)]);
        await cluster.Stream(id).OnNextAsync(new(BarTime.OpenSeconds(Good.Slot), Good.Rate, BarTime.OpenSeconds(Good.Slot - 2)));
        await cluster.DrainAsync(id);

        TokenCoverage coverage = await cluster.Client.GetCoverageAsync(id, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((2, 2), (coverage.Coverage.AbsentBars, coverage.Coverage.MissingBars));
        Assert.Equal([new TimeRange(BarTime.Open(Good.Slot - 2), BarTime.Open(Good.Slot))], coverage.Coverage.Absent);
        Assert.Equal([new TimeRange(BarTime.Open(Good.Slot - 4), BarTime.Open(Good.Slot - 2))], coverage.Coverage.Missing);
        Assert.Equal([new TimeRange(BarTime.Open(Good.Slot - 2), BarTime.Open(Good.Slot + 1))], coverage.Coverage.Fetched);
    }
}
