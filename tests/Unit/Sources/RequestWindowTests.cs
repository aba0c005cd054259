using CsCheck;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

public sealed class RequestWindowTests
{
    private static readonly DateTimeOffset Start = new(2024, 3, 13, 12, 0, 0, TimeSpan.Zero);

    private static readonly int[] WindowsMs = [1000, 2500, 10_000, 60_000];

    private static readonly Gen<(int Allowed, int WindowMs)> Limits =
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, WindowsMs.Length - 1], (allowed, window) => (allowed, WindowsMs[window]));

    [Fact]
    public void No_window_wherever_it_begins_sees_more_uses_than_are_allowed() =>
        Gen.Select(
            Limits,
            Gen.Select(Gen.Double[0, 1], Gen.Int[1, 40], Gen.Double[0, 1]).Array[1, 400],
            Gen.Double[0.05, 4]).Sample(
            (limits, asks, haste) =>
            {
                RequestWindow window = new(limits.Allowed, TimeSpan.FromMilliseconds(limits.WindowMs));
                DateTimeOffset now = Start;
                List<DateTimeOffset> uses = [];
                PriorityQueue<(int Permits, DateTimeOffset Sent), DateTimeOffset> answers = new();
                foreach ((double pause, int wanted, double late) in asks)
                {
                    // At any time, or as soon as there is one.
                    DateTimeOffset next = now + (late < 0.5 ? window.UntilNext(now) : TimeSpan.FromMilliseconds(pause * haste * limits.WindowMs / 10));
                    while (answers.TryPeek(out (int Permits, DateTimeOffset Sent) answered, out DateTimeOffset at) && at <= next)
                    {
                        answers.Dequeue();
                        window.Answered(at, answered.Permits, at - answered.Sent, used: null);
                        now = at;
                    }

                    now = next;
                    int granted = window.Grant(now, wanted);
                    Assert.InRange(granted, 0, wanted);
                    if (granted == 0)
                    {
                        continue;
                    }

                    // At once, or at the very end of the lease, or between; and on the way for up to a tenth of a window.
                    DateTimeOffset sent = now + (late < 0.2 ? 0 : late > 0.8 ? 1 : late) * window.LeaseTime;
                    DateTimeOffset arrived = sent + TimeSpan.FromMilliseconds(pause * limits.WindowMs / 10);
                    answers.Enqueue((granted, sent), arrived);
                    uses.AddRange(Enumerable.Repeat(arrived, granted));
                }

                uses.Sort();
                Assert.All(uses.Zip(uses.Skip(limits.Allowed)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(limits.WindowMs)));
            });

    [Fact]
    public void Answers_that_take_long_cost_a_tenth_at_most_and_say_nothing_of_what_is_used_now()
    {
        RequestWindow window = new(100, TimeSpan.FromSeconds(10));
        Assert.Equal(100, window.Grant(Start, 100));
        window.Answered(Start.AddSeconds(5), 40, TimeSpan.FromSeconds(5), used: 100); // 40 that were sent at once
        window.Answered(Start.AddSeconds(10.3), 1, TimeSpan.FromSeconds(0.3), used: 90);
        Assert.Equal(60, window.Grant(Start.AddSeconds(10.5), 100));
        Assert.Equal(40, window.Grant(Start.AddSeconds(11), 100));
    }

    [Fact]
    public void Fewer_than_the_least_are_not_granted_and_not_counted()
    {
        RequestWindow window = new(10, TimeSpan.FromSeconds(10));
        Assert.Equal(4, window.Grant(Start, 4));
        Assert.Equal(4, window.Grant(Start.AddSeconds(1), 4));
        Assert.Equal(0, window.Grant(Start.AddSeconds(2), 20, least: 3));
        Assert.InRange(window.UntilNext(Start.AddSeconds(2), least: 6), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(8.5));
        Assert.InRange(window.UntilNext(Start.AddSeconds(2), least: 7), TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(9.5));
        Assert.Equal(2, window.Grant(Start.AddSeconds(2), 20, least: 2));
    }

    [Fact]
    public void At_saturation_nine_tenths_of_what_is_allowed_are_used() =>
        Gen.Select(Limits, Gen.Int[1, 20]).Sample((limits, batch) =>
        {
            RequestWindow window = new(limits.Allowed, TimeSpan.FromMilliseconds(limits.WindowMs));
            const int windows = 50;
            TimeSpan whole = TimeSpan.FromMilliseconds((double)limits.WindowMs * windows);
            long granted = 0;
            for (DateTimeOffset now = Start; now < Start + whole;)
            {
                int got = window.Grant(now, batch);
                granted += got;
                now += got == 0 ? window.UntilNext(now) : TimeSpan.Zero;
            }

            Assert.True(granted >= 0.9 * limits.Allowed * windows, $"{granted} of {limits.Allowed * windows}");
        });

    [Fact]
    public void What_the_source_counts_beyond_ours_is_counted_and_what_is_ours_already_is_not()
    {
        RequestWindow window = new(100, TimeSpan.FromSeconds(10));
        Assert.Equal(30, window.Grant(Start, 30));
        window.Answered(Start, 2, TimeSpan.Zero, used: 20); // some of the 30
        window.Answered(Start, 2, TimeSpan.Zero, used: 90); // others have used 60
        Assert.Equal(10, window.Grant(Start, 50));
        Assert.Equal(0, window.Grant(Start, 1));
        Assert.InRange(window.UntilNext(Start), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10.5));
        Assert.Equal(100, window.Grant(Start.AddSeconds(10.5), 200));
    }

    [Fact]
    public void A_refusal_holds_all_for_as_long_as_it_says_and_a_shorter_one_does_not_shorten_it()
    {
        RequestWindow window = new(5, TimeSpan.FromSeconds(1));
        window.Refused(Start, TimeSpan.FromSeconds(30));
        window.Refused(Start, TimeSpan.FromSeconds(3));
        Assert.Equal(0, window.Grant(Start.AddSeconds(29.9), 1));
        Assert.Equal(TimeSpan.FromSeconds(20), window.UntilNext(Start.AddSeconds(10)));
        Assert.Equal(5, window.Grant(Start.AddSeconds(30), 9));
    }
}
