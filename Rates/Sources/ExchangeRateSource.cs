using System.Collections.Frozen;

namespace Pnl.Rates;

/// <summary>
/// An exchange as a source of live rates: right behind a boundary the newest rates of all its pairs, in as few requests as it
/// allows; for slots that are longer gone its candles. A rate that is read a moment behind the boundary may be of a trade in
/// that moment: the reconciliation of the next day puts it right.
/// </summary>
public sealed class ExchangeRateSource(ICandleSource exchange, TimeProvider time) : IRateSource
{
    /// <summary>How long behind a boundary the newest rate stands for the close of the bar.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(15);

    private SourcePair[] _pairs = [];
    private (int Slot, Task<FrozenDictionary<string, decimal>> Rates) _latest = (-1, Task.FromResult(FrozenDictionary<string, decimal>.Empty));

    /// <inheritdoc/>
    public string Name => exchange.Name;

    /// <summary>The past is fetched by a backfill.</summary>
    public bool HasHistory => false;

    /// <summary>The tokens that trade, each by the pair that <see cref="QuotePreference"/> puts first.</summary>
    public async ValueTask<IReadOnlyList<SourceToken>> ListAsync(CancellationToken cancellation)
    {
        _pairs = [.. QuotePreference.OnePerToken((await exchange.ListAsync(cancellation)).Where(pair => pair is { IsTrading: true, Interval: Interval.FiveMinutes }))];
        return
        [
            .. _pairs.Select(pair => new Listed(pair, pair.Base, new()
            {
                Symbol = pair.Base.ToUpperInvariant(),
                Name = pair.Base.ToUpperInvariant(),
                Quote = pair.Quote,
                Sources = new Dictionary<string, string> { [exchange.Name] = pair.Symbol },
            })),
        ];
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(SourceToken token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
    {
        SourcePair pair = ((Listed)token).Pair;
        DateTimeOffset now = time.GetUtcNow();
        if (range.Length == 1 && range.From == BarTime.LastClosedSlot(now) && now - BarTime.Close(range.From) < Fresh || _latest.Slot == range.From && range.Length == 1)
        {
            if (_latest.Slot != range.From || _latest.Rates.IsFaulted)
            {
                _latest = (range.From, LatestAsync(cancellation));
            }

            if (!(await _latest.Rates).TryGetValue(pair.Symbol, out decimal rate))
            {
                return 0;
            }

            into.Span[0] = new(range.From, rate);
            return 1;
        }

        int count = 0;
        for (SlotRange rest = range; !rest.IsEmpty;)
        {
            CandlePage page = await exchange.ReadAsync(pair, rest, cancellation);
            foreach (Candle candle in page.Candles)
            {
                into.Span[count++] = new(candle.Slot, candle.Close);
            }

            if (page.Covered.To <= rest.From)
            {
                break; // not known yet
            }

            rest = rest with { From = page.Covered.To };
        }

        return count;
    }

    private async Task<FrozenDictionary<string, decimal>> LatestAsync(CancellationToken cancellation) =>
        (await exchange.LatestAsync(_pairs, cancellation)).ToFrozenDictionary(latest => latest.Pair.Symbol, latest => latest.Rate);

    /// <summary>A token with the pair that it was listed by: the list may be read anew while a tick goes through an older one.</summary>
    private sealed record Listed(SourcePair Pair, string Id, TokenRegistration Registration) : SourceToken(Id, Registration);
}
