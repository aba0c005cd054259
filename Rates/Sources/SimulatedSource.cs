using Pnl.Rates.Simulation;

namespace Pnl.Rates;

/// <summary>The simulated market as a source of rates.</summary>
public sealed class SimulatedSource : IRateSource
{
    private readonly SimulatedMarket _market;
    private readonly SourceToken[] _tokens;

    /// <summary>Makes the source of a market.</summary>
    public SimulatedSource(SimulatedMarket market)
    {
        ArgumentNullException.ThrowIfNull(market);
        _market = market;
        _tokens = [.. market.Tokens.Select(Describe)];
    }

    /// <inheritdoc/>
    public string Name => "simulated";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SourceToken>> ListAsync(CancellationToken cancellation) => new(_tokens);

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(int token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
    {
        if (range.IsEmpty)
        {
            return new(0);
        }

        if (range.Length == 1)
        {
            if (!_market.TryRead(token, range.From, out Bar bar))
            {
                return new(0);
            }

            into.Span[0] = bar;
            return new(1);
        }

        int[] slots = System.Buffers.ArrayPool<int>.Shared.Rent(range.Length);
        long[] mantissas = System.Buffers.ArrayPool<long>.Shared.Rent(range.Length);
        int count = _market.Read(token, range.From, range.To, slots, mantissas);
        int scale = _market.Tokens[token].Scale;
        Span<Bar> bars = into.Span;
        for (int i = 0; i < count; i++)
        {
            bars[i] = new(slots[i], Mantissa.ToRate(mantissas[i], scale));
        }

        System.Buffers.ArrayPool<int>.Shared.Return(slots);
        System.Buffers.ArrayPool<long>.Shared.Return(mantissas);
        return new(count);
    }

    private static SourceToken Describe(SimulatedToken token) => new(token.Id, new TokenRegistration
    {
        Symbol = token.Symbol,
        Name = token.Name,
        Quote = token.Quote,
        Listed = BarTime.Open(token.ListedSlot),
        Delisted = token.DelistedSlot is { } slot ? BarTime.Open(slot) : null,
        Sources = new Dictionary<string, string> { ["simulated"] = token.Symbol },
    });
}
