using System.Globalization;
using CsCheck;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

public sealed class SpikeCheckTests
{
    [Theory]
    [InlineData("100 101 102", "")]
    [InlineData("100 5001 100", "1")] // a bad print upwards
    [InlineData("100 1.9 100", "1")] // and downwards
    [InlineData("100 5000 100", "")] // 50 times is not beyond 50 times
    [InlineData("100 2 100", "")]
    [InlineData("100 99000 98000 99500", "")] // redenominated: the level stays
    [InlineData("60 0.00001 0.000011 0.000009", "")] // a collapse
    [InlineData("100 101 9000", "")] // nothing after it says that it comes back
    [InlineData("100 1 0.01 0.0001", "")] // a collapse in steps of 100 times
    [InlineData("100 1 3 2 4", "")] // a collapse that recovers a little
    [InlineData("100 0.5 60 100", "1")] // back at the level, if not at the rate
    [InlineData("9000 100 101", "")] // nothing before it says what the level was
    [InlineData("100 9000 100 101 1 102", "1 4")]
    [InlineData("", "")]
    public void A_rate_that_leaps_and_comes_back_is_set_aside_and_one_that_stays_is_kept(string rates, string aside)
    {
        Candle[] candles = Candles([.. rates.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => decimal.Parse(text, CultureInfo.InvariantCulture))]);
        (Candles good, List<QuarantinedRow> spikes) = SpikeCheck.Divide(Rates.Candles.Of(candles));
        int[] expected = [.. aside.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        Assert.Equal(expected.Select(i => BarTime.OpenSeconds(candles[i].Slot)), spikes.Select(row => row.TimeSeconds!.Value));
        Assert.All(spikes, row => Assert.Equal("rate.jump", row.Code));
        Assert.Equal(candles.Where((_, i) => !expected.Contains(i)), good);
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(576, 576, true)]
    [InlineData(577, 1, false)]
    [InlineData(1, 577, false)]
    [InlineData(6_000, 6_000, false)] // three weeks
    public void A_level_of_days_ago_is_none_to_come_back_to(int before, int behind, bool isSpike)
    {
        Candle[] candles = [.. new[] { (0, 86m), (before, 0.004m), (before + behind, 87m) }.Select(at => new Candle(5_000_000 + at.Item1, at.Item2, at.Item2, at.Item2, at.Item2, 1))];
        Assert.Equal(isSpike ? 1 : 0, SpikeCheck.Divide(Rates.Candles.Of(candles)).Aside.Count);
    }

    [Fact]
    public void Every_row_is_kept_in_one_of_the_two_and_the_order_stays() => Gen.Double[-12, 12].Array[0, 60].Sample(logs =>
    {
        Candle[] candles = Candles([.. logs.Select(log => (decimal)Math.Pow(10, log / 2))]);
        (Candles good, List<QuarantinedRow> spikes) = SpikeCheck.Divide(Rates.Candles.Of(candles));
        Assert.Equal(candles.Length, good.Count + spikes.Count);
        Assert.Equal(candles.Select(c => BarTime.OpenSeconds(c.Slot)), good.Select(c => BarTime.OpenSeconds(c.Slot)).Concat(spikes.Select(row => row.TimeSeconds!.Value)).Order());
        Assert.Equal(good.OrderBy(c => c.Slot), good);
    });

    private static Candle[] Candles(decimal[] rates) => [.. rates.Select((rate, i) => new Candle(5_000_000 + i, rate, rate, rate, rate, 1))];
}
