using CsCheck;
using Pnl.Cli.Import;

namespace Pnl.Tests.Unit.Cli;

public sealed class RateChunksTests
{
    [Fact]
    public void An_import_claims_nothing_but_its_bars() =>
        Assert.Equal(["1 2", "3 5", "6"], Told(Reading([1, 2, 3, 5, 6], []), 2, covers: false));

    [Fact]
    public void A_whole_file_covers_up_to_the_next_call_and_the_last_one_to_its_close() =>
        Assert.Equal(["1 2: 300 to 900", "3 5: 900 to 1800", "6 10: 1800 to 3300"], Told(Reading([1, 2, 3, 5, 6, 10], []), 2));

    [Fact]
    public void Slots_of_rows_that_make_no_bar_are_never_covered() =>
        Assert.Equal(["1 2: 300 to 900", "4 5: 1200 to 1800", "9: 2400 to 3000"], Told(Reading([1, 2, 4, 5, 9], [3, 7, 6, 20]), 100));

    [Fact]
    public void Coarser_bars_are_sent_by_the_opening_of_their_periods()
    {
        RateReading days = new()
        {
            Runs = [new(Interval.Day, [287, 575, 1151], [1m, 2m, 3m], [2, 3, 4])], Aside = [], Rows = 3, Folded = 0, Rounded = 0, Notes = [],
        };
        RateChunk chunk = Assert.Single(RateChunks.Of(days, 10, covers: true));
        Assert.Equal((0, 4 * 86_400), chunk.Covered);
        Assert.Equal([(0, 1m), (86_400, 2m), (259_200, 3m)], chunk.Batch().Time.ToArray().Zip(chunk.Batch().Rate.ToArray()));
    }

    [Fact]
    public void All_bars_are_sent_once_and_what_is_claimed_was_sent_by_then() =>
        Gen.Select(Gen.Int[0, 60].Array[0, 40], Gen.Int[0, 60].Array[0, 5], Gen.Int[1, 8]).Sample((some, aside, size) =>
        {
            int[] slots = [.. some.Distinct().Order()];
            List<int> sent = [];
            foreach (RateChunk chunk in RateChunks.Of(Reading(slots, aside), size, covers: true))
            {
                sent.AddRange(chunk.Run.Slots[chunk.From..chunk.To]);
                (long from, long to) = chunk.Covered!.Value;
                Assert.All(slots.Skip(sent.Count), slot => Assert.False(slot * 300L >= from && slot * 300L < to));
                Assert.All(aside.Except(slots), slot => Assert.False(slot * 300L >= from && slot * 300L < to));
                Assert.All(chunk.Run.Slots[chunk.From..chunk.To], slot => Assert.True(slot * 300L >= from && slot * 300L < to));
            }

            Assert.Equal(slots, sent);
        });

    private static RateReading Reading(int[] slots, int[] aside) => new()
    {
        Runs = [new(Interval.FiveMinutes, slots, [.. slots.Select(_ => 1.5m)], [.. slots.Select(slot => slot + 1L)])],
        Aside = [.. aside.Select(slot => new AsideRow(7, slot * 300L + 11, "rate.zero"))],
        Rows = slots.Length + aside.Length, Folded = 0, Rounded = 0, Notes = [],
    };

    private static IEnumerable<string> Told(RateReading reading, int size, bool covers = true) => RateChunks.Of(reading, size, covers).Select(c =>
        string.Join(' ', c.Run.Slots[c.From..c.To]) + (c.Covered is var (from, to) ? FormattableString.Invariant($": {from} to {to}") : ""));
}
