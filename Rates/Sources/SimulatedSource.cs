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
    public ValueTask<int> ReadAsync(SourceToken token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
    {
        if (range.IsEmpty)
        {
            return new(0);
        }

        int place = ((Listed)token).Place;
        if (range.Length == 1)
        {
            if (!_market.TryRead(place, range.From, out Bar bar))
            {
                return new(0);
            }

            into.Span[0] = bar;
            return new(1);
        }

        int[] slots = System.Buffers.ArrayPool<int>.Shared.Rent(range.Length);
        long[] mantissas = System.Buffers.ArrayPool<long>.Shared.Rent(range.Length);
        int count = _market.Read(place, range.From, range.To, slots, mantissas);
        int scale = _market.Tokens[place].Scale;
        Span<Bar> bars = into.Span;
        for (int i = 0; i < count; i++)
        {
            bars[i] = new(slots[i], Mantissa.ToRate(mantissas[i], scale));
        }

        System.Buffers.ArrayPool<int>.Shared.Return(slots);
        System.Buffers.ArrayPool<long>.Shared.Return(mantissas);
        return new(count);
    }

    private static Listed Describe(SimulatedToken token, int place) => new(place, token.Id, new TokenRegistration
    {
        Symbol = token.Symbol,
        Name = token.Name,
        Quote = token.Quote,
        Listed = BarTime.Open(token.ListedSlot),
        Delisted = token.DelistedSlot is { } slot ? BarTime.Open(slot) : null,
        Sources = new Dictionary<string, string> { ["simulated"] = token.Symbol },
    });

    /// <summary>A token with its place in the market.</summary>
    private sealed record Listed(int Place, string Id, TokenRegistration Registration) : SourceToken(Id, Registration);
}
