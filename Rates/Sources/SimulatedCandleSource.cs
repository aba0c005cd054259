using System.Buffers;
using Pnl.Rates.Simulation;

namespace Pnl.Rates;

/// <summary>
/// The past of the simulated market as a source of candles, so that its tokens can be fetched back to their first day like
/// those of an exchange. There is nobody to be asked too often, so that no quota stands before it.
/// </summary>
public sealed class SimulatedCandleSource : ICandleSource
{
    private const int SlotsAPage = 1000;

    private readonly SimulatedMarket _market;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, SimulatedToken> _bySymbol;

    /// <summary>Makes the source of a market.</summary>
    public SimulatedCandleSource(SimulatedMarket market, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(market);
        ArgumentNullException.ThrowIfNull(time);
        (_market, _time) = (market, time);
        _bySymbol = market.Tokens.ToDictionary(token => token.Symbol, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public string Name => "simulated";

    /// <inheritdoc/>
    public SourceLimits Limits { get; } = new(SlotsAPage, int.MaxValue, TimeSpan.FromMinutes(1));

    /// <summary>The tokens that are listed by now; each says since when, so that nobody need search for its first day.</summary>
    public ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation)
    {
        int present = Present;
        return new([.. _market.Tokens.Where(token => token.ListedSlot < present).Select(token => new SourcePair(
            token.Symbol, token.Id, token.Quote, BarTime.Open(token.ListedSlot), token.DelistedSlot is not { } end || end > present))]);
    }

    /// <inheritdoc/>
    public ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pair);
        SimulatedToken token = Token(pair);
        SlotRange page = new(range.From, Math.Min(Math.Min(range.To, Present), range.From + SlotsAPage));
        if (page.IsEmpty)
        {
            return new(new CandlePage([], new(range.From, range.From), []));
        }

        int[] slots = ArrayPool<int>.Shared.Rent(page.Length);
        long[] mantissas = ArrayPool<long>.Shared.Rent(page.Length);
        Candle[] candles = new Candle[_market.Read(token.Index, page.From, page.To, slots, mantissas)];
        for (int i = 0; i < candles.Length; i++)
        {
            decimal rate = Mantissa.ToRate(mantissas[i], token.Scale);
            candles[i] = new(slots[i], rate, rate, rate, rate, 0); // the market has a rate a bar, and no trades
        }

        ArrayPool<int>.Shared.Return(slots);
        ArrayPool<long>.Shared.Return(mantissas);
        return new(new CandlePage(candles, page, []));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        int last = Present - 1;
        List<LatestRate> rates = new(pairs.Count);
        foreach (SourcePair pair in pairs)
        {
            if (_bySymbol.TryGetValue(pair.Symbol, out SimulatedToken? token) && _market.TryRead(token.Index, last, out Bar bar))
            {
                rates.Add(new(pair, bar.Rate));
            }
        }

        return new(rates);
    }

    private int Present => BarTime.SlotAt(_time.GetUtcNow());

    private SimulatedToken Token(SourcePair pair) => _bySymbol.TryGetValue(pair.Symbol, out SimulatedToken? token)
        ? token
        : throw new SourceException("symbol.unknown", $"the simulated market has no {pair.Symbol}", isTransient: false);
}
