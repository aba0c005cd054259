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
            Assert.Equal(new DeadLetter(PnlCluster.Noon, id, reason, bad.ToString()), await watch.NextDeadLetterAsync());
        }

        IReadOnlyList<DeadLetter> kept = await cluster.Store.Inner.DeadLettersAsync(1000, TestContext.Current.CancellationToken);
        Assert.Equal(poison.Select(bad => bad.Reason).Reverse(), kept.Where(letter => letter.Token == id).Select(letter => letter.Reason));
        Assert.Equal(Good.Rate, (await cluster.Client.GetPnlAsync(id, TestContext.Current.CancellationToken)).Rate);
    }

    [Fact]
    public async Task An_event_of_a_token_that_nobody_registered_is_put_aside_and_the_next_one_behind_the_registration_is_taken()
    {
        string id = $"unknown-{Guid.NewGuid():n}";
        await cluster.PublishAsync(id, [Good]);
        DeadLetter letter = await cluster.Store.Watch(id).NextDeadLetterAsync();
        Assert.Equal(("token.unknown", new RateEvent(BarTime.OpenSeconds(Good.Slot), Good.Rate).ToString()), (letter.Reason, letter.Payload));

        await cluster.Client.RegisterTokenAsync(id, new TokenDetails(), TestContext.Current.CancellationToken);
        await cluster.PublishAsync(id, [Good]);
        await cluster.Store.Watch(id).NextWriteAsync(write => write.History.Life.Count == 1);
    }

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
