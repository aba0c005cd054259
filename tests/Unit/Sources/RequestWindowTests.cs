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
                List<double> uses = [];
                foreach ((double pause, int wanted, double late) in asks)
                {
                    // At any time, or as soon as there is one.
                    now += late < 0.5 ? window.UntilNext(now) : TimeSpan.FromMilliseconds(pause * haste * limits.WindowMs / 10);
                    int granted = window.Grant(now, wanted);
                    Assert.InRange(granted, 0, wanted);

                    // At once, or at the very end of the lease, or between.
                    double use = late < 0.2 ? 0 : late > 0.8 ? 1 : late;
                    uses.AddRange(Enumerable.Repeat((now - Start + use * window.LeaseTime).TotalMilliseconds, granted));
                }

                uses.Sort();
                Assert.All(uses.Zip(uses.Skip(limits.Allowed)), pair => Assert.True(pair.Second - pair.First >= limits.WindowMs));
            });

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
        window.Used(Start, 20); // some of the 30
        window.Used(Start, 90); // others have used 60
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
