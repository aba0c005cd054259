using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Sources;

/// <summary>A source's list is read anew while a tick still goes through the one before.</summary>
public sealed class ChangedListTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 3, 2, 12, 0, 5, TimeSpan.Zero));

    [Fact]
    public async Task A_token_of_an_older_list_has_its_own_rates()
    {
        Shrinking exchange = new();
        ExchangeRateSource source = new(exchange, Clock);
        IReadOnlyList<SourceToken> before = await source.ListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["aaa", "bbb", "ccc"], before.Select(token => token.Id));
        exchange.Pairs.RemoveAt(0);
        IReadOnlyList<SourceToken> after = await source.ListAsync(TestContext.Current.CancellationToken);

        SlotRange slots = new(BarTime.SlotAt(Clock.GetUtcNow()) - 10, BarTime.SlotAt(Clock.GetUtcNow()) - 8);
        Assert.Equal([1m, 2m, 3m, 2m, 3m], await Task.WhenAll(before.Concat(after).Select(async token =>
        {
            Bar[] bars = new Bar[slots.Length];
            Assert.Equal(slots.Length, await source.ReadAsync(token, slots, bars, TestContext.Current.CancellationToken));
            return Assert.Single(bars.Select(bar => bar.Rate).Distinct());
        })));
    }

    /// <summary>Three pairs, whose rates are 1, 2 and 3; pairs go.</summary>
    private sealed class Shrinking : ICandleSource
    {
        public List<SourcePair> Pairs { get; } = [new("AAAUSD", "aaa", "usd"), new("BBBUSD", "bbb", "usd"), new("CCCUSD", "ccc", "usd")];

        public string Name => "shrinking";

        public SourceLimits Limits { get; } = new(1000, int.MaxValue, TimeSpan.FromSeconds(1));

        public ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation) => new([.. Pairs]);

        public ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation)
        {
            decimal rate = pair.Base[0] - 'a' + 1;
            return new(new CandlePage([.. Enumerable.Range(range.From, range.Length).Select(slot => new Candle(slot, rate, rate, rate, rate, 1))], range, []));
        }

        public ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation) =>
            new([.. pairs.Select(pair => new LatestRate(pair, pair.Base[0] - 'a' + 1))]);
    }
}
