using CsCheck;
using Pnl.Cli.Import;

namespace Pnl.Tests.Unit.Cli;

public sealed class RateChunksTests
{
    [Fact]
    public void Each_chunk_covers_up_to_the_next_and_the_last_one_to_its_close()
    {
        // Slot 4 and 7 to 9 are absent at the source: covered all the same.
        Assert.Equal(
            ["1 2: 300 to 900", "3 5: 900 to 1800", "6 10: 1800 to 3300"],
            Told(2, 1, 2, 3, 5, 6, 10));
    }

    [Fact]
    public void One_row_is_a_chunk_and_no_row_is_none()
    {
        Assert.Equal(["7: 2100 to 2400"], Told(2, 7));
        Assert.Empty(Chunks(2));
    }

    [Fact]
    public void A_file_that_steps_back_claims_its_whole_range_at_the_end_only()
    {
        Assert.Equal(["6 5", "4 3", "2: 600 to 2100"], Told(2, 6, 5, 4, 3, 2));
        Assert.Equal(["1 2: 300 to 900", "3 4", "2 5: 300 to 1800"], Told(2, 1, 2, 3, 4, 2, 5));
    }

    [Fact]
    public void The_same_bar_twice_is_in_order()
    {
        Assert.Equal(["1 1: 300 to 600", "2 2", "2 3: 600 to 1200"], Told(2, 1, 1, 2, 2, 2, 3));
    }

    [Fact]
    public void Defective_rows_are_counted_and_left_out()
    {
        FileTally tally = Tally();
        RateChunks chunks = new(
            new Rows([Good(1), new(3, 0, 0m, BarDefect.TimeMalformed, 0), Good(2), new(5, 4, 0m, BarDefect.RateZero, 1_200)]), tally, 10);
        RateChunk chunk = chunks.Next()!;
        Assert.Equal([1, 2], chunk.Slots[..chunk.Count]);
        Assert.Equal((300, 900), chunk.Covered);
        Assert.Null(chunks.Next());
        Assert.Equal(4, tally.Rows);
        Assert.Equal(
            [("rate.zero", 1, "A-USD.csv:5"), ("time.malformed", 1, "A-USD.csv:3")],
            tally.Rejected.ByCode.Select(r => (r.Code, (int)r.Rows, Assert.Single(r.Examples))));
    }

    [Fact]
    public void Whatever_the_order_all_rows_are_sent_and_what_is_claimed_was_sent_by_then() =>
        Gen.Select(Gen.Int[0, 60].Array[0, 40], Gen.Int[1, 8], Gen.Bool).Sample((slots, size, sorted) =>
        {
            if (sorted)
            {
                Array.Sort(slots);
            }

            List<int> sent = [];
            (int[] Slots, (long From, long To)? Covered)[] chunks = [.. Chunks(size, slots)];
            foreach ((int[] inChunk, (long From, long To)? covered) in chunks)
            {
                sent.AddRange(inChunk);
                if (covered is var (from, to) && sorted)
                {
                    Assert.True(from < to);
                    Assert.DoesNotContain(slots.Skip(sent.Count), s => s * 300L >= from && s * 300L < to);
                }
            }

            Assert.Equal(slots, sent);
            if (slots.Length > 0)
            {
                // Together they cover the whole range of the file, without a hole.
                long reached = slots.Min() * 300L;
                foreach ((int[] _, (long From, long To)? covered) in chunks)
                {
                    reached = covered is var (from, to) && from <= reached ? Math.Max(reached, to) : reached;
                }

                Assert.Equal(slots.Max() * 300L + 300, reached);
            }
        });

    private static FileTally Tally() => new(new ImportFile("A-USD.csv", "a", "A", "usd"));

    private static RateRow Good(int slot) => new(slot + 1, slot, 1.5m, BarDefect.None, slot * 300L);

    private static IEnumerable<string> Told(int size, params int[] slots) => Chunks(size, slots).Select(c =>
        string.Join(' ', c.Slots) + (c.Covered is var (from, to) ? FormattableString.Invariant($": {from} to {to}") : ""));

    private static List<(int[] Slots, (long From, long To)? Covered)> Chunks(int size, params int[] slots)
    {
        RateChunks chunks = new(new Rows(slots.Select(Good)), Tally(), size);
        List<(int[], (long, long)?)> cut = [];
        while (chunks.Next() is { } chunk)
        {
            cut.Add((chunk.Slots[..chunk.Count], chunk.Covered));
        }

        return cut;
    }

    private sealed class Rows(IEnumerable<RateRow> rows) : IRateReader
    {
        private readonly IEnumerator<RateRow> _rows = rows.GetEnumerator();

        public bool TryRead(out RateRow row)
        {
            bool more = _rows.MoveNext();
            row = more ? _rows.Current : default;
            return more;
        }

        public void Dispose() => _rows.Dispose();
    }
}
