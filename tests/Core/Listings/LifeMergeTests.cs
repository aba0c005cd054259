using CsCheck;

namespace Pnl.Tests.Core.Listings;

public sealed class LifeMergeTests
{
    private static readonly int Start = BarTime.SlotAt(new DateTimeOffset(2016, 4, 29, 0, 0, 0, TimeSpan.Zero));

    private static readonly Listing
        Deep = new("bitfinex", "tBTCUSD", "usd"), Other = new("binance", "BTCUSDT", "usdt"), Daily = new("files", "BTC-USD", "usd", Interval.Day),
        Hourly = new("kraken", "XBTUSD", "usd", Interval.Hour), Quarters = new("api", "", "usd", Interval.FifteenMinutes), Sent = new("api", "", "usd");

    [Fact]
    public void The_first_listing_that_has_a_bar_counts_and_a_hole_falls_through()
    {
        KeptLife life = new([Deep, Other], (_, _, rate) => rate * 2m);
        life.Take(Other, [new(Start, 50m), new(Start + 1, 51m), new(Start + 2, 52m)]);
        life.Take(Deep, [new(Start, 99m), new(Start + 2, 98m)]);

        Assert.Equal([new(Start, 99m), new(Start + 1, 102m), new(Start + 2, 98m)], life.Bars());
        Assert.Equal([(Deep, Start, Start, 1), (Other, Start + 1, Start + 1, 1), (Deep, Start + 2, Start + 2, 1)], life.Whose());

        life.Reorder([Other, Deep]);
        Assert.Equal([100m, 102m, 104m], life.Bars().Select(bar => bar.Rate));
        Assert.Equal([(Other, Start, Start + 2, 3)], life.Whose());
    }

    [Fact]
    public void A_finer_bar_in_a_period_replaces_the_coarse_one_whichever_came_first()
    {
        foreach (bool coarseFirst in (bool[])[true, false])
        {
            KeptLife life = new([Daily, Deep], (_, _, rate) => rate);
            Action daily = () => life.Take(Daily, [new(Start + 287, 10m), new(Start + 575, 11m)]), fine = () => life.Take(Deep, [new(Start + 300, 12m)]);
            (coarseFirst ? daily : fine)();
            (coarseFirst ? fine : daily)();

            Assert.Equal([new(Start + 287, 10m), new(Start + 300, 12m)], life.Bars());
            Assert.Equal([new(new(Start, Start + 288), Interval.Day)], life.Life.Coarse.Runs);
        }
    }

    [Fact]
    public void A_rate_that_cannot_be_converted_is_no_bar_and_the_slot_counts_as_not_read()
    {
        KeptLife life = new([Other, Deep], (_, slot, rate) => slot == Start + 1 ? null : rate);
        life.Take(Other, [new(Start, 5m), new(Start + 1, 6m), new(Start + 2, 7m)], new(Start, Start + 3));

        Assert.Equal([Start, Start + 2], life.Bars().Select(bar => bar.Slot));
        life.Take(Deep, [new(Start + 1, 8m)]);
        Assert.Equal([5m, 8m, 7m], life.Bars().Select(bar => bar.Rate));
    }

    [Fact]
    public void Bars_outside_the_bounds_of_a_listing_are_not_the_tokens()
    {
        Listing bounded = Deep with { From = BarTime.Open(Start + 1), To = BarTime.Open(Start + 3) };
        KeptLife life = new([bounded], (_, _, rate) => rate);
        life.Take(bounded, Enumerable.Range(Start, 5).Select(slot => new Bar(slot, slot - Start + 1m)));

        Assert.Equal([new(Start + 1, 2m), new(Start + 2, 3m)], life.Bars());
        life.Reorder([bounded with { To = null }]);
        Assert.Equal([2m, 3m, 4m, 5m], life.Bars().Select(bar => bar.Rate));
    }

    [Fact]
    public void A_slot_is_absent_only_where_every_listing_that_is_known_there_was_read()
    {
        KeptLife life = new([Deep, Hourly, Sent], (_, _, rate) => rate);
        life.Take(Deep, [new(Start, 1m), new(Start + 9, 2m)], new(Start, Start + 10));
        Assert.True(life.Life.IsComplete(new(Start, Start + 10), life.Months));

        Listing third = new("okx", "BTC-USD", "usd");
        KeptLife two = new([Deep, third], (_, _, rate) => rate);
        two.Take(Deep, [new(Start, 1m), new(Start + 9, 2m)], new(Start, Start + 10));
        two.Take(third, [new(Start, 1m), new(Start + 9, 2m)]);
        Assert.False(two.Life.IsComplete(new(Start, Start + 10), two.Months));
    }

    [Fact]
    public void A_gap_between_days_stands_on_days_unless_finer_bars_are_near()
    {
        KeptLife life = new([Daily, Deep], (_, _, rate) => rate);
        life.Take(Daily, [new(Start + 287, 10m), new(Start + 3 * 288 + 287, 11m)]);
        Window window = life.Life.Window(BarTime.OpenSeconds(Start), BarTime.OpenSeconds(Start + 4 * 288), life.Months);
        Assert.Equal((2, 4, Interval.Day), (window.Bars, window.ExpectedBars, window.Interval));
        Assert.False(life.Life.IsComplete(life.Life.LifeRange, life.Months));
        Assert.Equal(2, life.Life.Gaps(life.Months).Sum(gap => gap.Bars));

        life.Take(Daily, [new(Start + 288 + 287, 10.5m), new(Start + 2 * 288 + 287, 10.6m)]);
        Assert.True(life.Life.IsComplete(life.Life.LifeRange, life.Months));
    }

    /// <summary>Random bars of random listings in random order, with corrections and conversions: equal to a plain reading of the definition, and to the same bars in another order, byte for byte.</summary>
    [Fact]
    public void What_comes_of_listings_depends_on_their_bars_and_order_alone()
    {
        Listing[] all = [Deep, Other, Daily, Hourly, Quarters, Sent];
        Gen<(int Listing, (int Day, int Place, int Rate)[] Bars)> batch = Gen.Select(
            Gen.Int[0, all.Length - 1], Gen.Select(Gen.Int[0, 4], Gen.Int[0, 23], Gen.Int[1, 5]).Array[1, 12]);
        Gen.Select(Gen.Shuffle(all), batch.Array[1, 14], Gen.Int[0, 1 << 20]).Sample((order, batches, seed) =>
        {
            decimal? Convert(string quote, int slot, decimal rate) => slot % 7 == 3 ? null : rate * 1.25m;
            (Listing Listing, Bar[] Bars)[] parts = [.. batches.Select(part => (all[part.Listing], part.Bars.Select(bar => Bar(all[part.Listing].Interval, bar)).ToArray()))];
            KeptLife one = new(order, Convert), other = new(all, Convert);
            foreach ((Listing listing, Bar[] bars) in parts)
            {
                one.Take(listing, bars);
            }

            // The same in another order of listings, of which each keeps its own: corrections come in the order in which they came.
            Random random = new(seed);
            foreach (IGrouping<string, (Listing Listing, Bar[] Bars)> of in parts.GroupBy(part => part.Listing.Key).OrderBy(_ => random.Next()))
            {
                foreach ((Listing listing, Bar[] bars) in of)
                {
                    other.Take(listing, bars);
                }
            }

            other.Reorder(order);
            Assert.Equal(one.State(), other.State());

            List<Bar> plain = Plain(order, parts, Convert);
            Assert.Equal(plain, one.Bars());
            Assert.Equal(plain.Count, one.Whose().Sum(range => range.Bars));
        }, iter: Effort.Of(600));

        static Bar Bar(Interval interval, (int Day, int Place, int Rate) of)
        {
            int slots = interval.Slots(), periods = BarTime.BarsPerDay / slots;
            return new(Start + of.Day * BarTime.BarsPerDay + (of.Place * 5 % periods + 1) * slots - 1, of.Rate);
        }
    }

    private static List<Bar> Plain(Listing[] order, (Listing Listing, Bar[] Bars)[] parts, Func<string, int, decimal, decimal?> convert)
    {
        SortedDictionary<int, decimal> life = [];
        foreach (Interval interval in (Interval[])[Interval.FiveMinutes, Interval.FifteenMinutes, Interval.Hour, Interval.FourHours, Interval.Day])
        {
            foreach (Listing listing in order.Where(listing => listing.Interval == interval))
            {
                Dictionary<int, decimal> own = [];
                foreach (Bar bar in parts.Where(part => part.Listing == listing).SelectMany(part => part.Bars))
                {
                    own[bar.Slot] = bar.Rate;
                }

                foreach ((int slot, decimal rate) in own)
                {
                    decimal? converted = listing.Quote == "usd" ? rate : convert(listing.Quote, slot, rate);
                    bool isThere = Enumerable.Range(interval.PeriodStart(slot), interval.Slots()).Any(life.ContainsKey);
                    if (converted is { } value && !isThere)
                    {
                        life[slot] = value / 1.000000000000000000000000000000000m;
                    }
                }
            }
        }

        return [.. life.Select(bar => new Bar(bar.Key, bar.Value))];
    }
}
