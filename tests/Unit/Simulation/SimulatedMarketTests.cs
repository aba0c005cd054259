using System.Text.RegularExpressions;
using CsCheck;
using Pnl.Rates.Simulation;

namespace Pnl.Tests.Unit.Simulation;

public sealed partial class SimulatedMarketTests
{
    private const int BarsPer30Days = 30 * BarTime.BarsPerDay;

    private static readonly SimulatedMarket Market = new(new SimulatedMarketOptions());
    private static readonly int StartOf2017 = BarTime.SlotAt(new DateTimeOffset(2017, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly int StartOf2025 = BarTime.SlotAt(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly int StartOf2035 = BarTime.SlotAt(new DateTimeOffset(2035, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly Gen<int> AnyToken = Gen.Int[0, Market.Tokens.Count - 1];

    // the span of the walk ends on 2034-12-08; some ranges reach across
    private static readonly Gen<int> AnySlot = Gen.Int[StartOf2017 - 1_000, StartOf2035 + 100_000];

    private static List<(int Slot, long Mantissa)> Bars(int token, int from, int to, SimulatedMarket? market = null)
    {
        int[] slots = new int[to - from];
        long[] mantissas = new long[to - from];
        int count = (market ?? Market).Read(token, from, to, slots, mantissas);
        return [.. slots.Take(count).Zip(mantissas)];
    }

    private static IEnumerable<SimulatedToken> ListedThroughout(int from, int to) =>
        Market.Tokens.Where(t => t.ListedSlot < from && (t.DelistedSlot ?? int.MaxValue) >= to);

    [Fact]
    public void Equal_options_make_the_same_market()
    {
        SimulatedMarket again = new(new SimulatedMarketOptions { Seed = 1, Tokens = 10_000 });

        for (int token = 0; token < 10_000; token += 1_111)
        {
            Assert.Equivalent(Market.Tokens[token], again.Tokens[token], strict: true);
            Assert.Equal(Bars(token, StartOf2025, StartOf2025 + 2_000), Bars(token, StartOf2025, StartOf2025 + 2_000, again));
        }
    }

    [Fact]
    public void Another_seed_makes_other_bars_under_the_same_names()
    {
        SimulatedMarket other = new(new SimulatedMarketOptions { Seed = 2 });

        Assert.Equal(Market.Tokens.Select(t => t.Id), other.Tokens.Select(t => t.Id));
        Assert.Equal(0, Market.Tokens.Zip(other.Tokens).Count(p => p.First.Volatility == p.Second.Volatility));
        Assert.NotEqual(Bars(0, StartOf2025, StartOf2025 + 100), Bars(0, StartOf2025, StartOf2025 + 100, other));
    }

    [Fact]
    public void A_token_is_the_same_in_a_market_of_any_size()
    {
        SimulatedMarket small = new(new SimulatedMarketOptions { Tokens = 100 });

        Assert.Equivalent(Market.Tokens.Take(100), small.Tokens, strict: true);
        Assert.Equal(Bars(99, StartOf2025, StartOf2035, small), Bars(99, StartOf2025, StartOf2035));
    }

    /// <summary>Pinned, so that a run on another platform or a later version shows whether it makes the same market.</summary>
    [Fact]
    public void Seed_1_gives_these_very_bars()
    {
        SimulatedToken first = Market.Tokens[0];

        Assert.Equal("sim-hifoho", first.Id);
        Assert.Equal("HIFOHO", first.Symbol);
        Assert.Equal("Hifoho", first.Name);
        Assert.Equal("usd", first.Quote);
        Assert.Equal(41534.18m, first.StartPrice);
        Assert.Equal("4394080 4398070 4401804 4401685 4398574 4398418", string.Join(' ', Bars(0, StartOf2025, StartOf2025 + 6).Select(b => b.Mantissa)));

        ulong digest = 14_695_981_039_346_656_037; // FNV-1a over a day of every token
        foreach (SimulatedToken token in Market.Tokens)
        {
            foreach ((int slot, long mantissa) in Bars(token.Index, StartOf2025, StartOf2025 + BarTime.BarsPerDay))
            {
                digest = unchecked((digest ^ (ulong)slot) * 1_099_511_628_211);
                digest = unchecked((digest ^ (ulong)mantissa) * 1_099_511_628_211);
            }
        }

        Assert.Equal("70e6c8b43dc33dee", digest.ToString("x16"));
    }

    [Fact]
    public void Any_split_of_a_range_gives_the_bars_of_the_whole() =>
        Gen.Select(AnyToken, AnySlot, Gen.Int[0, 1_500].Array[1, 6]).Sample((token, from, lengths) =>
        {
            List<(int, long)> pieces = [];
            int at = from;
            foreach (int length in lengths)
            {
                pieces.AddRange(Bars(token, at, at + length));
                at += length;
            }

            return pieces.SequenceEqual(Bars(token, from, at));
        });

    [Fact]
    public void A_single_read_gives_the_bar_of_the_range() =>
        Gen.Select(AnyToken, AnySlot, Gen.Int[1, 700]).Sample((token, from, length) =>
        {
            decimal ticksPerUnit = (decimal)Math.Pow(10, Market.Tokens[token].Scale);
            Dictionary<int, long> range = Bars(token, from, from + length).ToDictionary(b => b.Slot, b => b.Mantissa);
            for (int slot = from; slot < from + length; slot++)
            {
                bool found = Market.TryRead(token, slot, out Bar bar);
                Assert.Equal(range.TryGetValue(slot, out long mantissa), found);
                Assert.Equal(found ? new Bar(slot, mantissa / ticksPerUnit) : default, bar);
            }
        }, iter: 50);

    [Fact]
    public void Bars_ascend_within_the_range_and_rates_are_positive_decimals_on_the_tick() =>
        Gen.Select(AnyToken, AnySlot, Gen.Int[1, 2_000]).Sample((token, from, length) =>
        {
            SimulatedToken traits = Market.Tokens[token];
            int last = Math.Max(from, traits.ListedSlot) - 1;
            foreach ((int slot, long mantissa) in Bars(token, from, from + length))
            {
                Assert.True(slot > last && slot < from + length && slot < (traits.DelistedSlot ?? int.MaxValue));
                Assert.InRange(mantissa, 1, 99_999_999_999);
                last = slot;
            }

            if (Market.TryRead(token, last, out Bar bar))
            {
                Assert.Equal(BarDefect.None, RateText.Normalise(bar.Rate, out decimal normal));
                Assert.Equal(normal, bar.Rate);
                Assert.True(bar.Rate.Scale <= traits.Scale);
                Assert.InRange(bar.Rate, 1e-12m, 1e8m);
            }
        });

    [Fact]
    public void Mantissas_keep_four_to_eight_digits_for_twenty_years()
    {
        int bars = 0, within = 0;
        foreach (SimulatedToken token in Market.Tokens.Where(t => t.Index % 10 == 0))
        {
            for (int slot = token.ListedSlot; slot < StartOf2035; slot += 9_973)
            {
                foreach ((_, long mantissa) in Bars(token.Index, slot, slot + 1))
                {
                    bars++;
                    within += mantissa is >= 1_000 and < 100_000_000 ? 1 : 0;
                }
            }
        }

        Assert.InRange((double)within / bars, 0.97, 1);
    }

    [Fact]
    public void Ids_are_unique_and_valid()
    {
        SimulatedMarket largest = new(new SimulatedMarketOptions { Tokens = 150_000 });

        Assert.Equal(150_000, largest.Tokens.Select(t => t.Id).Distinct().Count());
        Assert.All(Market.Tokens, t => Assert.Matches(TokenId(), t.Id));
        Assert.All(Market.Tokens, t => Assert.Equal(t.Symbol, t.Id[4..].ToUpperInvariant()));
        Assert.All(Market.Tokens, t => Assert.Same(t, Market.Tokens[t.Index]));
    }

    [Fact]
    public void Start_prices_spread_evenly_in_logarithm_from_1e_9_to_1e5()
    {
        double[] exponents = [.. Market.Tokens.Select(t => Math.Log10((double)t.StartPrice))];

        Assert.InRange(exponents.Min(), -9.001, -8.9);
        Assert.InRange(exponents.Max(), 4.9, 5.001);
        for (int decade = -9; decade < 5; decade++)
        {
            Assert.InRange(exponents.Count(e => e >= decade && e < decade + 1), 600, 830); // 714 of 10,000 on average
        }
    }

    [Fact]
    public void The_tick_gives_a_start_price_four_to_seven_digits_and_the_first_bar_is_the_start_price()
    {
        foreach (SimulatedToken token in Market.Tokens)
        {
            decimal mantissa = token.StartPrice * (decimal)Math.Pow(10, token.Scale);
            Assert.InRange(mantissa, 1_000, 9_999_999);
            Assert.Equal(decimal.Truncate(mantissa), mantissa);
            Assert.True(Market.TryRead(token.Index, token.ListedSlot, out Bar first));
            Assert.Equal(token.StartPrice, first.Rate);
        }
    }

    [Fact]
    public void Most_tokens_are_old_and_some_are_listed_in_any_30_days()
    {
        Assert.InRange(Market.Tokens.Count(t => t.ListedSlot < StartOf2025), 9_700, 9_800);
        Assert.All(Market.Tokens, t => Assert.InRange(t.ListedSlot, StartOf2017, StartOf2035));

        int[] listings = [StartOf2017, .. Market.Tokens.Select(t => t.ListedSlot).Order(), StartOf2035];
        Assert.All(listings.Zip(listings.Skip(1)), pair => Assert.True(pair.Second - pair.First < BarsPer30Days));
    }

    [Fact]
    public void One_in_a_hundred_is_delisted_a_month_or_more_after_listing()
    {
        SimulatedToken[] delisted = [.. Market.Tokens.Where(t => t.DelistedSlot is not null)];

        Assert.InRange(delisted.Length, 60, 140);
        Assert.All(delisted, t => Assert.True(t.DelistedSlot >= t.ListedSlot + BarsPer30Days));
    }

    [Fact]
    public void There_is_nothing_before_listing_or_after_delisting()
    {
        foreach (SimulatedToken token in Market.Tokens.Where(t => t.DelistedSlot is not null))
        {
            int delisted = token.DelistedSlot!.Value;
            Assert.Empty(Bars(token.Index, token.ListedSlot - 10_000, token.ListedSlot));
            Assert.Empty(Bars(token.Index, delisted, delisted + 10_000));
            Assert.Equal(token.ListedSlot, Bars(token.Index, token.ListedSlot - 10, token.ListedSlot + 10)[0].Slot);
            Assert.InRange(Bars(token.Index, delisted - 30, delisted + 30)[^1].Slot, delisted - 30, delisted - 1);
        }
    }

    [Fact]
    public void Two_in_a_thousand_bars_are_missing_singly_and_outages_last_10_to_60_minutes()
    {
        int to = StartOf2025 + 100 * BarTime.BarsPerDay;
        int single = 0, outages = 0, possible = 0;
        foreach (SimulatedToken token in ListedThroughout(StartOf2025, to).Take(200))
        {
            List<(int Slot, long)> bars = Bars(token.Index, StartOf2025, to);
            possible += to - StartOf2025;
            foreach (((int before, _), (int after, _)) in bars.Zip(bars.Skip(1)))
            {
                int missing = after - before - 1;
                single += missing == 1 ? 1 : 0;
                outages += missing > 1 ? 1 : 0;
                Assert.InRange(missing, 0, 14); // an outage, and now and then a bar without a trade beside it
            }
        }

        Assert.InRange((double)single / possible, 0.0018, 0.0022);
        Assert.InRange(outages, 200, 450); // one in 64 days of a token: 312 in 20,000
    }

    [Fact]
    public void Log_returns_have_the_volatility_of_the_token()
    {
        int to = StartOf2025 + BarsPer30Days;
        SimulatedToken[] fine =
        [
            .. ListedThroughout(StartOf2025, to)
                .Where(t => Bars(t.Index, to - 100, to)[^1].Mantissa > 500_000) // a coarse tick adds volatility of its own
                .Take(50),
        ];

        Assert.Equal(50, fine.Length);
        foreach (SimulatedToken token in fine)
        {
            List<(int Slot, long Mantissa)> bars = Bars(token.Index, StartOf2025, to);
            double[] returns =
            [
                .. bars.Zip(bars.Skip(1))
                    .Where(p => p.Second.Slot == p.First.Slot + 1)
                    .Select(p => Math.Log((double)p.Second.Mantissa / p.First.Mantissa)),
            ];
            double deviation = Math.Sqrt(returns.Average(r => r * r));

            Assert.InRange(token.Volatility, 0.0005, 0.004);
            Assert.InRange(deviation / token.Volatility, 0.96, 1.04); // 8,600 returns: one standard error is 0.8 %
        }
    }

    /// <summary>Returns over a day are those of a random walk too, not only those of single bars.</summary>
    [Fact]
    public void Volatility_grows_with_the_root_of_time_up_to_a_day()
    {
        const int days = 400;
        double sum = 0;
        int count = 0;
        foreach (SimulatedToken token in ListedThroughout(StartOf2025, StartOf2025 + days * BarTime.BarsPerDay).Take(50))
        {
            double[] closes =
            [
                .. Enumerable.Range(0, days)
                    .SelectMany(day => Bars(token.Index, StartOf2025 + day * BarTime.BarsPerDay, StartOf2025 + day * BarTime.BarsPerDay + 1))
                    .Select(b => Math.Log(b.Mantissa)),
            ];
            sum += closes.Zip(closes.Skip(1)).Sum(p => Math.Pow((p.Second - p.First) / token.Volatility, 2));
            count += closes.Length - 1;
        }

        Assert.InRange(Math.Sqrt(sum / count / BarTime.BarsPerDay), 0.95, 1.05);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        int[] slots = new int[5_000];
        long[] mantissas = new long[5_000];
        Market.Read(0, StartOf2025, StartOf2025 + 5_000, slots, mantissas);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Market.Read(1, StartOf2025, StartOf2025 + 5_000, slots, mantissas);
        Market.TryRead(2, StartOf2025, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_cannot_be_read_is_refused()
    {
        int[] slots = new int[10];
        long[] mantissas = new long[10];

        Assert.Throws<ArgumentOutOfRangeException>(() => Market.Read(-1, 0, 1, slots, mantissas));
        Assert.Throws<ArgumentOutOfRangeException>(() => Market.Read(10_000, 0, 1, slots, mantissas));
        Assert.Throws<ArgumentOutOfRangeException>(() => Market.Read(0, 1, 0, slots, mantissas));
        Assert.Throws<ArgumentException>(() => Market.Read(0, 0, 11, slots, mantissas));
        Assert.Throws<ArgumentException>(() => Market.Read(0, int.MinValue, int.MaxValue, slots, mantissas));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulatedMarket(new SimulatedMarketOptions { Tokens = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new SimulatedMarket(new SimulatedMarketOptions { Tokens = SimulatedMarketOptions.MaxTokens + 1 }));

        Assert.Equal(0, Market.Read(0, 5, 5, [], []));
        Assert.Equal(0, Market.Read(0, int.MinValue, int.MinValue + 10, slots, mantissas));
        Assert.Equal(0, Market.Read(0, int.MaxValue - 10, int.MaxValue, slots, mantissas));
        Assert.NotEqual(0, Market.Read(0, BarTime.MaxSlot - 8, BarTime.MaxSlot + 2, slots, mantissas));
        Assert.False(Market.TryRead(0, -1, out _));
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,63}$")]
    private static partial Regex TokenId();
}
