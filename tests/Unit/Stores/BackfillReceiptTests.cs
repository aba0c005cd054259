using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>What a token counts of backfills.</summary>
public sealed class BackfillReceiptTests
{
    [Fact]
    public void A_range_that_is_handed_over_again_is_counted_once_and_bars_whenever_they_change_something()
    {
        Random random = new(11);
        for (int round = 0; round < 200; round++)
        {
            BackfillReceipts receipts = BackfillReceipts.None;
            (long landed, long aside, long imported, HashSet<(string, int)> known) = (0, 0, 0, []);
            for (int i = 0; i < 30; i++)
            {
                (string listing, int month) = ($"l{random.Next(2)}", random.Next(8));
                bool isNew = known.Add((listing, month));
                int taken = random.Next(3);
                BackfillReceipts after = receipts.With("b1", listing, new(month * 100, (month + 1) * 100), 100 + month, month, taken, taken / 2);
                Assert.Equal(!isNew && taken == 0, ReferenceEquals(receipts, after));
                receipts = after;
                (landed, aside, imported) = (landed + (isNew ? 100 + month : 0), aside + (isNew ? month : 0), imported + taken);
            }

            BackfillReceipt receipt = receipts.Find("b1")!;
            Assert.Equal((landed, aside, imported), (receipt.Landed, receipt.Quarantined, receipt.Imported));
            Assert.Equal(known.Count * 100, receipt.Handed.Values.Sum(of => of.Ranges.Sum(range => range.To - range.From)));
        }
    }

    [Fact]
    public void Of_more_backfills_than_are_kept_the_one_that_brought_nothing_for_longest_goes()
    {
        BackfillReceipts receipts = BackfillReceipts.None;
        foreach (string id in (string[])["b1", "b2", "b3", "b1", "b4", "b5"])
        {
            receipts = receipts.With(id, "l", default, 0, 0, 1, 0);
        }

        Assert.Equal(["b3", "b1", "b4", "b5"], receipts.All.Select(receipt => receipt.Backfill));
        Assert.Equal(2, receipts.Find("b1")!.Imported);
    }

    [Fact]
    public void They_are_read_as_they_were_stored_and_a_token_without_any_is_stored_as_before()
    {
        BackfillReceipts receipts = BackfillReceipts.None.With("b12", "binance BTCUSDT usdt", new(5, 50), 45, 2, 40, 3).With("b13", "ü", new(7, 8), 1, 0, 0, 0).With("b14", "l", default, 9, 9, 4, 4);
        byte[] stored = CoverageBytes.Of(TokenHistory.Empty, StoredConversions.None, receipts);
        foreach (BackfillReceipts read in (BackfillReceipts[])[CoverageBytes.Read(stored, "it").Receipts, CoverageBytes.ReadReceipts(CoverageBytes.Of(receipts), "it")])
        {
            Assert.Equal(receipts.All.Select(Text), read.All.Select(Text));
        }

        Assert.Empty(CoverageBytes.Of(TokenHistory.Empty, StoredConversions.None, BackfillReceipts.None));
        for (int length = 4; length < stored.Length; length++)
        {
            byte[] cut = stored[..length];
            if (length != 24) // where the receipts begin it is the form without any
            {
                Assert.Throws<SegmentCorruptException>(() => CoverageBytes.Read(cut, "it"));
            }
        }

        static string Text(BackfillReceipt of) =>
            $"{of.Backfill} {of.Landed} {of.Imported} {of.Corrected} {of.Quarantined} {string.Join(',', of.Handed.Select(each => $"{each.Key} {string.Join('/', each.Value.Ranges)}"))}";
    }
}
