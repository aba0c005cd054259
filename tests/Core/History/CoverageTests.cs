using CsCheck;

namespace Pnl.Tests.Core.History;

public sealed class CoverageTests
{
    private static readonly Gen<SlotRange> Ranges = Gen.Select(Gen.Int[0, 60], Gen.Int[0, 9], (from, length) => new SlotRange(from, from + length));

    [Fact]
    public void A_gap_is_told_apart_as_absent_at_the_source_or_not_yet_fetched()
    {
        // Bars in slots 100 and 110; the source was read from 100 to 104.
        KeptToken token = new();
        token.Take([new(100, 1m), new(110, 2m)], new(100, 105));

        Assert.Equal([new(new(101, 105), IsFetched: true), new(new(105, 110), IsFetched: false)], token.Gaps());
        Assert.True(token.IsComplete(new(100, 105)));
        Assert.False(token.IsComplete(new(100, 106)));
        Assert.True(token.IsComplete(new(110, 111)));
    }

    [Fact]
    public void A_token_without_bars_has_no_gaps_and_is_complete_where_its_source_was_read()
    {
        KeptToken token = new();
        token.Take([], new(50, 60));

        Assert.Empty(token.Gaps());
        Assert.True(token.IsComplete(new(52, 60)));
        Assert.False(token.IsComplete(new(52, 61)));
        Assert.True(token.History.IsEmpty);
    }

    [Fact]
    public void Ranges_that_meet_become_one()
    {
        Coverage coverage = Coverage.None.With(new(10, 20)).With(new(30, 40)).With(new(20, 30));

        Assert.Equal([new(10, 40)], coverage.Ranges);
        Assert.Same(coverage, coverage.With(new(12, 40)));
        Assert.Same(coverage, coverage.With(new(5, 5)));
    }

    [Fact]
    public void Coverage_equals_the_set_of_its_slots() =>
        Gen.Select(Ranges.Array[0, 8], Ranges).Sample((ranges, asked) =>
        {
            Coverage coverage = Coverage.Of(ranges);
            HashSet<int> slots = [.. ranges.SelectMany(Slots)];

            Assert.Equal(slots.Order(), coverage.Ranges.SelectMany(Slots));
            Assert.All(coverage.Ranges.Zip(coverage.Ranges.Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From));
            Assert.Equal(Slots(asked).Where(slots.Contains), coverage.Within(asked).SelectMany(Slots));
            Assert.Equal(Slots(asked).Where(slot => !slots.Contains(slot)), coverage.MissingIn(asked).SelectMany(Slots));
            Assert.Equal(coverage, Coverage.Of(ranges.Reverse()));
        }, iter: Effort.Of(2_000));

    [Fact]
    public void What_is_in_both_in_one_alone_and_of_single_slots_equals_sets_of_slots() =>
        Gen.Select(Ranges.Array[0, 8], Ranges.Array[0, 8]).Sample((ones, others) =>
        {
            Coverage one = Coverage.Of(ones), other = Coverage.Of(others);
            HashSet<int> slots = [.. ones.SelectMany(Slots)], otherSlots = [.. others.SelectMany(Slots)];

            Assert.Equal(slots.Union(otherSlots).Order(), one.Union(other).Ranges.SelectMany(Slots));
            Assert.Equal(slots.Except(otherSlots).Order(), one.Except(other).Ranges.SelectMany(Slots));
            Assert.Equal(one.Union(other), other.Union(one));
            Assert.Equal(one, Coverage.OfSlots(slots.Concat(slots)));
        }, iter: Effort.Of(2_000));

    [Fact]
    public void Gaps_and_completeness_equal_the_plain_computation() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[0, int.MaxValue]).Sample((bars, stagger, seed) =>
        {
            Random random = new(seed);
            List<SlotRange> read = [.. Enumerable.Range(0, random.Next(5)).Select(_ => AnyRange(bars, random))];
            KeptToken token = KeptToken.Of(bars, stagger);
            foreach (SlotRange range in read)
            {
                token.Take([], range);
            }

            PlainHistory plain = new(bars, read);
            Assert.Equal(
                plain.Gaps(),
                token.Gaps().Select(gap => (BarTime.OpenSeconds(gap.Range.From), BarTime.OpenSeconds(gap.Range.To), gap.IsFetched)).Order());
            for (int i = 0; i < 10; i++)
            {
                SlotRange asked = i < read.Count ? read[i] : i < 7 ? SlotRun(bars, random) : AnyRange(bars, random);
                Assert.Equal(plain.IsComplete(BarTime.OpenSeconds(asked.From), BarTime.OpenSeconds(asked.To)), token.IsComplete(asked));
            }
        }, iter: Effort.Of(150));

    [Fact]
    public void A_full_history_is_complete_wherever_its_one_missing_bar_is_not_asked_for()
    {
        // 150 days from 2023-11-14: ranges hold whole months, and cut others at either end
        const int First = 5_666_400, Last = First + 150 * BarTime.BarsPerDay - 1, Missing = First + 75 * BarTime.BarsPerDay + 100;
        KeptToken token = KeptToken.Of([.. Enumerable.Range(First, Last - First + 1).Where(slot => slot != Missing).Select(slot => new Bar(slot, slot % 10 + 1))]);

        Assert.Equal([new(new(Missing, Missing + 1), IsFetched: false)], token.Gaps());
        Gen<int> anywhere = Gen.Int[First, Last];
        Gen<int> turnOfAMonth = Gen.Select(Gen.Int[647, 651], Gen.Int[-2, 2], (month, off) => BarTime.FirstSlotOfMonth(month) + off);
        Gen<int> slots = Gen.OneOf(anywhere, turnOfAMonth);
        Gen.Select(slots, slots).Sample((a, b) =>
        {
            SlotRange asked = new(Math.Min(a, b), Math.Max(a, b) + 1);
            Assert.Equal(Missing < asked.From || Missing >= asked.To, token.IsComplete(asked));
        }, iter: Effort.Of(300));
    }

    [Fact]
    public void The_last_bar_at_any_slot_equals_the_plain_computation() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[0, int.MaxValue]).Sample((bars, stagger, seed) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            PlainHistory plain = new(bars);
            Random random = new(seed);
            for (int i = 0; i < 30; i++)
            {
                int slot = i % 2 == 0 ? AnyRange(bars, random).From : bars[random.Next(bars.Length)].Slot + random.Next(-1, 2);
                Assert.Equal(plain.RateAsOf(BarTime.CloseSeconds(slot)), token.RateAt(slot));
            }
        }, iter: Effort.Of(150));

    private static IEnumerable<int> Slots(SlotRange range) => Enumerable.Range(range.From, range.Length);

    private static SlotRange AnyRange(Bar[] bars, Random random)
    {
        int a = random.Next(Math.Max(0, bars[0].Slot - 100), bars[^1].Slot + 100), b = random.Next(Math.Max(0, bars[0].Slot - 100), bars[^1].Slot + 100);
        return new(Math.Min(a, b), Math.Max(a, b));
    }

    /// <summary>A few bars that often follow one upon another.</summary>
    private static SlotRange SlotRun(Bar[] bars, Random random)
    {
        int first = random.Next(bars.Length), last = Math.Min(first + random.Next(400), bars.Length - 1);
        return new(bars[first].Slot, bars[last].Slot + 1);
    }
}
