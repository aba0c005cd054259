using CsCheck;

namespace Pnl.Tests.Core.History;

public sealed class IngestTests
{
    private static readonly int Start = BarTime.SlotAt(new DateTimeOffset(2023, 11, 28, 0, 0, 0, TimeSpan.Zero));

    private static Bar[] Days(int count) => [.. Enumerable.Range(Start, count * BarTime.BarsPerDay).Select(slot => new Bar(slot, 100m + slot % 97))];

    [Fact]
    public void New_bars_are_accepted_known_ones_change_nothing_and_others_correct()
    {
        KeptToken token = new();

        HistoryChange first = token.Take([new(Start, 1m), new(Start + 1, 2m)]);
        Assert.Equal((2, 0, 0, true), (first.Accepted, first.Unchanged, first.Corrected, first.IsChange));

        HistoryChange again = token.Take([new(Start + 1, 2m), new(Start, 1m)]);
        Assert.Equal((0, 2, 0, false), (again.Accepted, again.Unchanged, again.Corrected, again.IsChange));

        HistoryChange mixed = token.Take([new(Start + 1, 3m), new(Start + 2, 4m), new(Start, 1m)]);
        Assert.Equal((1, 1, 1, true), (mixed.Accepted, mixed.Unchanged, mixed.Corrected, mixed.IsChange));
        Assert.Equal(3m, token.RateAt(Start + 1));
    }

    [Fact]
    public void Within_one_call_the_later_of_two_bars_of_a_slot_counts()
    {
        KeptToken token = new();

        HistoryChange change = token.Take([new(Start + 1, 5m), new(Start, 1m), new(Start + 1, 6m)]);

        Assert.Equal((2, 1), (change.Accepted, change.Corrected));
        Assert.Equal(6m, token.RateAt(Start + 1));
    }

    [Fact]
    public void Days_that_are_over_are_sealed_into_their_months_and_the_last_ones_stay_open()
    {
        KeptToken token = KeptToken.Of(Days(5));

        Assert.Equal([BarTime.MonthOf(Start), BarTime.MonthOf(Start) + 1], token.Store.Keys);
        Assert.Equal(3 * BarTime.BarsPerDay, token.History.Months[0].Summary.Count);
        Assert.Equal(BarTime.BarsPerDay, token.History.Months[1].Summary.Count);
        Assert.Equal(BarTime.BarsPerDay, token.History.Tail!.Summary().Count);
    }

    [Fact]
    public void A_token_seals_its_days_at_a_time_of_day_of_its_own()
    {
        // With a stagger of 10 bars yesterday stays open until the eleventh bar of today.
        KeptToken token = KeptToken.Of(Days(1), stagger: 10);
        for (int i = 0; i < 10; i++)
        {
            Assert.Empty(token.Take([new(Start + 288 + i, 7m)]).Sealed);
        }

        Assert.Single(token.Take([new(Start + 298, 7m)]).Sealed);
        Assert.InRange(TokenHistory.Stagger("btc-usd"), 0, 287);
    }

    [Fact]
    public void A_correction_of_a_sealed_bar_rewrites_its_month_only()
    {
        KeptToken token = KeptToken.Of(Days(5));

        HistoryChange change = token.Take([new(Start + 5, 1_000_000m)]);

        Assert.Equal(BarTime.MonthOf(Start), Assert.Single(change.Sealed).Summary.Month);
        Assert.Equal(1_000_000m, token.History.Life.High);
    }

    [Fact]
    public void Taking_bars_without_the_months_that_they_need_is_refused() =>
        Assert.Throws<InvalidOperationException>(() =>
            KeptToken.Of(Days(5)).History.With([new(Start + 5, 1m)], default, SegmentSet.Empty, 0));

    [Fact]
    public void Any_order_any_duplication_and_any_split_give_the_same_bytes_and_answers() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[1, 12], Gen.Int[0, int.MaxValue]).Sample((bars, stagger, calls, seed) =>
        {
            KeptToken clean = KeptToken.Of(bars, stagger);
            Random random = new(seed);
            Bar[] mixed = [.. bars, .. bars.Where(_ => random.Next(5) == 0)];
            random.Shuffle(mixed);

            KeptToken token = new(stagger);
            int accepted = 0, unchanged = 0;
            foreach (Bar[] call in Split(mixed, calls, random))
            {
                HistoryChange change = token.Take(call);
                accepted += change.Accepted;
                unchanged += change.Unchanged;
            }

            Same(clean, token);
            Assert.Equal((bars.Length, mixed.Length - bars.Length), (accepted, unchanged));
        }, iter: Effort.Of(200));

    [Fact]
    public void Bars_one_by_one_as_they_become_known_give_the_same_bytes_as_all_at_once() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger).Sample((bars, stagger) =>
        {
            bars = bars[^Math.Min(bars.Length, 700)..];
            KeptToken token = new(stagger);
            foreach (Bar bar in bars)
            {
                token.Take([bar]);
            }

            Same(KeptToken.Of(bars, stagger), token);
        }, iter: Effort.Of(25));

    [Theory]
    [InlineData(new[] { 5, 5 }, new[] { 1L, 1L }, 0, "slot 5 comes after 5")]
    [InlineData(new[] { -1 }, new[] { 1L }, 0, "slot -1")]
    [InlineData(new[] { int.MaxValue }, new[] { 1L }, 0, "beyond")]
    [InlineData(new[] { 5 }, new[] { 0L }, 0, "0 is no mantissa")]
    [InlineData(new[] { 5 }, new[] { 1_000_000_000_000_000_000L }, 0, "is no mantissa")]
    [InlineData(new[] { 5 }, new[] { 1L, 2L }, 0, "1 slots have 2 rates")]
    [InlineData(new[] { 5 }, new[] { 1L }, 19, "scale")]
    public void Columns_that_are_no_bars_are_refused(int[] slots, long[] mantissas, int scale, string why) =>
        Assert.Contains(why, Assert.ThrowsAny<ArgumentException>(() => new BarColumns(slots, mantissas, scale)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_corrected_history_equals_one_that_was_right_from_the_start() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[1, 8], Gen.Int[0, int.MaxValue]).Sample((bars, stagger, calls, seed) =>
        {
            Random random = new(seed);
            Bar[] wrong = [.. bars.Select(bar => random.Next(10) == 0 ? bar with { Rate = 4_711m } : bar)];
            int errors = bars.Zip(wrong).Count(pair => pair.First.Rate != pair.Second.Rate);
            KeptToken token = KeptToken.Of(wrong, stagger);
            Bar[] right = [.. bars];
            random.Shuffle(right);

            int corrected = 0;
            foreach (Bar[] call in Split(right, calls, random))
            {
                corrected += token.Take(call).Corrected;
            }

            Same(KeptToken.Of(bars, stagger), token);
            Assert.Equal(errors, corrected);
        }, iter: Effort.Of(150));

    [Fact]
    public void The_same_bars_again_leave_the_same_instance() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger).Sample((bars, stagger) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            TokenHistory before = token.History;
            SlotRange life = before.LifeRange;

            Assert.Equal(bars.Length, token.Take(bars).Unchanged);
            Assert.Same(before, token.History);

            token.Take([], life);
            TokenHistory covered = token.History;
            token.Take(bars, life);
            Assert.Same(covered, token.History);
        }, iter: Effort.Of(100));

    [Fact]
    public void A_history_restored_from_its_bytes_answers_and_goes_on_as_before() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[0, int.MaxValue]).Sample((bars, stagger, seed) =>
        {
            int half = new Random(seed).Next(bars.Length + 1);
            KeptToken token = KeptToken.Of(bars.AsSpan(0, half), stagger);
            token.Take([], new(3, 7));

            KeptToken reopened = token.Reopened();
            Same(token, reopened);
            Assert.Equal(token.History.Coverage, reopened.History.Coverage);

            reopened.Take(bars.AsSpan(half));
            Same(KeptToken.Of(bars, stagger), reopened);
        }, iter: Effort.Of(100));

    [Fact]
    public void The_bars_that_come_out_are_those_that_went_in_digit_for_digit() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger).Sample((bars, stagger) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            List<Bar> stored = [.. token.Store.Values.SelectMany(bytes => Segment.Open(bytes, "month").ToBars()), .. token.History.Tail!.ToBars()];

            Assert.Equal(bars, stored);
            Assert.Equal(bars.Select(bar => decimal.GetBits(bar.Rate)), stored.Select(bar => decimal.GetBits(bar.Rate)));
        }, iter: Effort.Of(100));

    [Fact]
    public void The_stored_summary_of_a_month_of_the_wrong_length_is_refused() =>
        Assert.Throws<SegmentCorruptException>(() => MonthSummary.Restore(1, new byte[MonthSummary.StoredLength - 1]));

    internal static void Same(KeptToken expected, KeptToken actual)
    {
        Assert.Equal(expected.State(), actual.State());
        Assert.Equal(expected.History.Life, actual.History.Life);
        Assert.Equal(expected.History.Months, actual.History.Months);
        Assert.Equal(expected.RollingWindows(), actual.RollingWindows()); // doubles bit for bit
    }

    private static IEnumerable<Bar[]> Split(Bar[] bars, int calls, Random random)
    {
        int[] cuts = [0, .. Enumerable.Range(1, calls - 1).Select(_ => random.Next(bars.Length + 1)).Order(), bars.Length];
        return cuts.Zip(cuts.Skip(1)).Select(pair => bars[pair.First..pair.Second]);
    }
}
