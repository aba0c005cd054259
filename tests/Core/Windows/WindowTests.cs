using CsCheck;
using Pnl.Tests.Core.History;
using Pnl.Tests.Core.Portfolios;
using Pnl.Tests.Core.Series;

namespace Pnl.Tests.Core.Windows;

public sealed class WindowTests
{
    private static readonly int Noon = BarTime.SlotAt(new DateTimeOffset(2024, 3, 5, 12, 0, 0, TimeSpan.Zero));

    private static long At(int hour, int minute, int second = 0) =>
        new DateTimeOffset(2024, 3, 5, hour, minute, second, TimeSpan.Zero).ToUnixTimeSeconds();

    // Three bars: 12:00 to 12:05 ends at 100, the next one at 120, then none, then 90.
    private static readonly KeptToken Token = KeptToken.Of([new(Noon, 100m), new(Noon + 1, 120m), new(Noon + 3, 90m)]);

    [Fact]
    public void The_pnl_of_a_window_is_the_rate_as_of_its_end_minus_the_rate_as_of_its_start()
    {
        Window window = Token.Window(At(12, 5), At(12, 20));

        Assert.Equal((100m, 90m, -10m), (window.StartRate, window.EndRate, window.Pnl));
        Assert.Equal(-0.1, window.Return!.Value, 1e-15);
        Assert.Equal((120m, 90m, 0.25), (window.High, window.Low, window.MaxDrawdown));
        Assert.Equal((2, 3, false), (window.Bars, window.ExpectedBars, window.Partial));
    }

    [Fact]
    public void A_bar_counts_from_the_second_in_which_it_closes()
    {
        Assert.Equal(100m, Token.Window(At(12, 5), At(12, 9, 59)).EndRate);
        Assert.Equal(120m, Token.Window(At(12, 5), At(12, 10)).EndRate);
    }

    [Fact]
    public void A_rate_is_carried_forward_over_a_missing_bar() =>
        Assert.Equal((120m, 120m, 0m, 0), Token.Window(At(12, 10), At(12, 15)) is var w ? (w.StartRate, w.EndRate, w.Pnl, w.Bars) : default);

    [Fact]
    public void A_window_that_begins_before_the_first_bar_begins_with_its_rate_and_says_so()
    {
        Window window = Token.Window(At(11, 0), At(12, 10));

        Assert.Equal((true, 100m, 20m, 2), (window.Partial, window.StartRate, window.Pnl, window.Bars));
    }

    [Fact]
    public void Before_the_first_bar_there_is_no_rate_and_no_pnl()
    {
        Window window = Token.Window(At(11, 0), At(12, 4, 59));

        Assert.Equal(new Window { From = At(11, 0), To = At(12, 4, 59), Partial = true, ExpectedBars = 12 }, window);
    }

    [Fact]
    public void A_token_without_bars_has_windows_without_rates()
    {
        KeptToken none = new();

        Assert.True(none.Window(0, 1_000_000).Partial);
        Assert.Null(none.Window(0, 1_000_000).Pnl);
        Assert.Empty(none.RollingWindows());
    }

    [Fact]
    public void A_window_that_ends_before_it_begins_is_refused() =>
        Assert.Throws<ArgumentException>(() => Token.Window(At(12, 10), At(12, 5)));

    [Fact]
    public void Volatility_needs_three_bars()
    {
        Assert.Null(Token.Window(At(12, 5), At(12, 10)).Volatility);
        // ln(120/100) over 5 minutes and ln(90/120) over 10, of which the drift over 15 is ln(90/100)
        double up = Math.Log(1.2), down = Math.Log(0.75), drift = Math.Log(0.9);
        Assert.Equal(
            Math.Sqrt((up * up + down * down / 2 - drift * drift / 3) * 105_120),
            Token.Window(At(12, 5), At(12, 20)).Volatility!.Value, 1e-9);
    }

    [Fact]
    public void Volatility_counts_a_return_by_the_time_since_the_bar_whose_rate_is_the_start()
    {
        // The start rate is of 12:00, though the window begins an hour later.
        KeptToken late = KeptToken.Of([new(Noon, 100m), new(Noon + 24, 110m), new(Noon + 25, 99m)]);
        double up = Math.Log(1.1), down = Math.Log(0.9), drift = Math.Log(0.99);
        Assert.Equal(
            Math.Sqrt((up * up / 24 + down * down - drift * drift / 25) * 105_120),
            late.Window(At(13, 0), At(15, 0)).Volatility!.Value, 1e-9);
    }

    [Fact]
    public void The_pnl_of_a_quantity_is_so_many_times_the_pnl_of_one() =>
        Assert.Equal(-25m, Token.Window(At(12, 5), At(12, 20)).Times(2.5m).Pnl);

    [Fact]
    public void The_year_to_date_begins_with_the_year_in_which_the_last_bar_became_known()
    {
        int turn = BarTime.SlotAt(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        int ytd = RollingWindow.All.IndexOf(RollingWindow.YearToDate);
        KeptToken token = KeptToken.Of([new(turn - 2, 10m), new(turn - 1, 11m)]);

        // The bar that opens at 23:55 becomes known with the new year, of which nothing has passed.
        Assert.Equal((11m, 0m, 0), token.RollingWindows()[ytd] is var at ? (at.StartRate, at.Pnl, at.ExpectedBars) : default);

        token.Take([new(turn, 15m)]);
        Assert.Equal((11m, 4m, 1), token.RollingWindows()[ytd] is var then ? (then.StartRate, then.Pnl, then.ExpectedBars) : default);
    }

    [Fact]
    public void Every_window_equals_the_plain_computation() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[0, int.MaxValue]).Sample((bars, stagger, seed) =>
        {
            KeptToken token = KeptToken.Of(bars, stagger);
            PlainHistory plain = new(bars);
            Random random = new(seed);
            for (int i = 0; i < 12; i++)
            {
                long a = AnyInstant(bars, random), b = i % 4 == 0 ? a : AnyInstant(bars, random);
                (long from, long to) = (Math.Min(a, b), Math.Max(a, b));
                WindowAssert.Equal(plain.Window(from, to), token.Window(from, to), $"[{from}, {to}]");
            }
        }, iter: Effort.Of(400));

    [Fact]
    public void Every_rolling_window_equals_the_plain_computation() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger).Sample((bars, stagger) =>
        {
            Window[] windows = KeptToken.Of(bars, stagger).RollingWindows();
            int i = 0;
            foreach ((string name, Window expected) in new PlainHistory(bars).RollingWindows())
            {
                Assert.Equal(name, RollingWindow.All[i].Name);
                WindowAssert.Equal(expected, windows[i++], name);
            }

            Assert.Equal(windows.Length, i);
        }, iter: Effort.Of(300));

    [Fact]
    public void Rolling_windows_follow_every_bar_and_correction() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[0, int.MaxValue]).Sample((bars, stagger, seed) =>
        {
            Random random = new(seed);
            SortedDictionary<int, Bar> known = [];
            KeptToken token = new(stagger);

            // Most of it at once, then bars one by one in any order, and here and there a correction of what is known.
            int behind = Math.Max(0, bars.Length - 20);
            Take(bars[..behind]);
            int[] order = [.. Enumerable.Range(behind, bars.Length - behind).OrderBy(_ => random.Next(4))];
            foreach (int i in order)
            {
                Take(bars[i]);
                Bar wrong = bars[random.Next(bars.Length)];
                Take(new Bar(wrong.Slot, wrong.Rate == 3m ? 5m : 3m));
                if (random.Next(2) == 0)
                {
                    Take(wrong);
                }

                int w = 0;
                foreach ((string name, Window expected) in new PlainHistory([.. known.Values]).RollingWindows())
                {
                    WindowAssert.Equal(expected, token.RollingWindows()[w++], name);
                }
            }

            void Take(params Bar[] some)
            {
                token.Take(some);
                foreach (Bar bar in some)
                {
                    known[bar.Slot] = bar;
                }
            }
        }, iter: Effort.Of(40));

    [Fact]
    public void The_pnl_of_adjoining_windows_adds_up_exactly_whatever_the_digits_and_the_quantity() =>
        Gen.Select(AnyHistory.Bars, SeriesTests.AnyQuantity, Gen.Int[0, int.MaxValue]).Sample((bars, quantity, seed) =>
        {
            KeptToken token = KeptToken.Of(bars);
            Random random = new(seed);
            long[] cuts = [.. Enumerable.Range(0, 5).Select(_ => AnyInstant(bars, random)).Append((bars[^1].Slot + 1) * 300L).Order()];
            Rational sum = cuts.Zip(cuts.Skip(1)).Aggregate((Rational)0, (sum, pair) => sum + (token.Window(pair.First, pair.Second).Times(quantity).ExactPnl ?? Amount.Zero));
            Window whole = token.Window(cuts[0], cuts[^1]);

            Assert.Equal(((Rational)whole.EndRate!.Value - whole.StartRate!.Value) * quantity, sum);
            Assert.Equal(sum, whole.Times(quantity).ExactPnl!.Value);
            Assert.Equal(whole.Times(quantity).ExactPnl!.Value.ToNearestDecimal(), whole.Times(quantity).Pnl);
        }, iter: Effort.Of(300));

    [Theory]
    [InlineData("0.000000000000000002", "0.000000000000000007", "0.000000000000000003", "0.000000000000000000000000000000000015")]
    [InlineData("0.25", "1.5", "9999999999999999999999999999", "12499999999999999999999999998.75")]
    [InlineData("1", "9", "9999999999999999999999999999", "79999999999999999999999999992")] // no decimal holds it
    [InlineData("1.5", "1", "-4", "2.0")]
    public void The_pnl_of_a_quantity_has_as_many_digits_as_it_needs(string start, string end, string quantity, string pnl)
    {
        KeptToken token = KeptToken.Of([new(Noon, Amount.Parse(start).ToDecimal()), new(Noon + 1, Amount.Parse(end).ToDecimal())]);

        Window window = token.Window(At(12, 5), At(12, 10)).Times(Amount.Parse(quantity).ToDecimal());

        Assert.Equal(Amount.Parse(pnl), window.ExactPnl);
        Assert.Equal(Amount.Parse(pnl).ToNearestDecimal(), window.Pnl);
        Assert.Equal(Amount.Parse(pnl).TryToDecimal(out _), window.LongPnl is null);
    }

    /// <summary>An instant about the bars: at a boundary or within, about a bar, before all, behind all.</summary>
    private static long AnyInstant(Bar[] bars, Random random)
    {
        int slot = random.Next(4) switch
        {
            0 => random.Next(Math.Max(bars[0].Slot - 500, 0), bars[^1].Slot + 500),
            1 => BarTime.FirstSlotOfMonth(BarTime.MonthOf(bars[random.Next(bars.Length)].Slot)) + random.Next(-1, 2),
            2 => BarTime.FirstSlotOfDay(BarTime.DayOf(bars[random.Next(bars.Length)].Slot)) + random.Next(-1, 2),
            _ => bars[random.Next(bars.Length)].Slot + random.Next(-1, 3),
        };
        return slot * 300L + (random.Next(3) == 0 ? random.Next(300) : 0);
    }
}
