using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Tests.Unit.Sources;

public sealed class SimulatedCandleSourceTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 2, 0, TimeSpan.Zero);

    private readonly SimulatedMarket _market = new(new() { Tokens = 200 });
    private readonly SimulatedCandleSource _source;

    public SimulatedCandleSourceTests() => _source = new(_market, new FakeTimeProvider(Now));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_follow_one_another_to_the_present_and_hold_what_the_market_has()
    {
        SimulatedToken token = _market.Tokens[3];
        SourcePair pair = (await _source.ListAsync(Cancellation)).Single(p => p.Base == token.Id);
        Assert.Equal((token.Symbol, "usd", BarTime.Open(token.ListedSlot)), (pair.Symbol, pair.Quote, pair.Listed));

        int present = BarTime.SlotAt(Now), from = present - 4321;
        List<Bar> bars = [];
        int at = from;
        while (true)
        {
            CandlePage page = await _source.ReadAsync(pair, new(at, present + 500), Cancellation);
            if (page.Covered.IsEmpty)
            {
                break;
            }

            Assert.Equal((at, Math.Min(at + 1000, present)), (page.Covered.From, page.Covered.To));
            bars.AddRange(page.Candles.Select(candle => new Bar(candle.Slot, candle.Close)));
            at = page.Covered.To;
        }

        Assert.Equal(present, at);
        Assert.Equal(Enumerable.Range(from, 4321).Where(slot => _market.TryRead(3, slot, out _)), bars.Select(bar => bar.Slot));
        Assert.All(bars, bar => Assert.True(_market.TryRead(3, bar.Slot, out Bar own) && own == bar));
    }

    [Fact]
    public async Task Tokens_that_are_not_listed_yet_are_no_pairs_and_an_unknown_symbol_has_its_code()
    {
        IReadOnlyList<SourcePair> pairs = await _source.ListAsync(Cancellation);
        Assert.Equal(_market.Tokens.Where(token => BarTime.Close(token.ListedSlot) <= Now).Select(token => token.Id), pairs.Select(pair => pair.Base));
        Assert.NotEqual(_market.Tokens.Count, pairs.Count);
        SourceException unknown = await Assert.ThrowsAsync<SourceException>(async () => await _source.ReadAsync(new("NONE", "none", "usd"), new(0, 1), Cancellation));
        Assert.Equal(("symbol.unknown", false), (unknown.Code, unknown.IsTransient));
    }

    [Fact]
    public async Task The_newest_rates_are_those_of_the_last_closed_bars()
    {
        IReadOnlyList<SourcePair> pairs = await _source.ListAsync(Cancellation);
        IReadOnlyList<LatestRate> rates = await _source.LatestAsync(pairs, Cancellation);
        Assert.True(rates.Count > pairs.Count * 9 / 10);
        Assert.All(rates, rate => Assert.True(
            _market.TryRead(_market.Tokens.Single(token => token.Symbol == rate.Pair.Symbol).Index, BarTime.LastClosedSlot(Now), out Bar bar) && bar.Rate == rate.Rate));
    }
}
