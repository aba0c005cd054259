using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// How well a portfolio did, as a fold over its entries: the next entry costs no replay, and a new rate none at all.
/// Immutable.
/// </summary>
/// <remarks>
/// <para>
/// The time-weighted return links sub-periods that end at every external flow. What comes in is there at the start of the
/// next sub-period; what goes out was there until the end of the last one. So a trade at another price than the market's,
/// and every fee, count as performance, as they do in the PnL. Within a bar, what is held of the traded token is worth the trade's
/// price (<see cref="TradePrice"/>). The denominator of each sub-period is the value with
/// which it starts; one that starts with nothing has none and is left out. If the value is negative (a short without
/// tracked cash) or unknown at a flow, there is no time-weighted return from there on.
/// </para>
/// <para>The money-weighted return is that of the same flows, see <see cref="MoneyWeightedReturn"/>.</para>
/// </remarks>
public sealed class Performance
{
    private readonly double? _chain;
    private readonly double _start;
    private readonly ImmutableList<CashFlow>? _flows;
    private readonly bool _hadCapital;

    private Performance(double? chain, double start, ImmutableList<CashFlow>? flows, bool hadCapital)
    {
        _hadCapital = hadCapital;
        _chain = chain;
        _start = start;
        _flows = flows;
    }

    /// <summary>Of no entries.</summary>
    public static Performance Empty { get; } = new(1, 0, [], false);

    /// <summary>The external flows, as the owner of the money sees them: what is paid in is negative. Null if one is not known.</summary>
    public IReadOnlyList<CashFlow>? Flows => _flows;

    /// <summary>Names the rates that <see cref="Of"/> asks for: of all that is held at each external flow.</summary>
    public static void Needs(Portfolio portfolio, DateTimeOffset until, RateGraph graph, ISet<RateNeed> needs)
    {
        foreach ((CurrencyPair market, List<int> slots) in LedgerFlows.Of(portfolio, PerformanceHistory.Empty, portfolio.CountUpTo(until), graph).Needs)
        {
            needs.UnionWith(slots.Select(slot => new RateNeed(market, slot)));
        }
    }

    /// <summary>The performance of a portfolio over its entries up to a time.</summary>
    public static Performance Of(Portfolio portfolio, DateTimeOffset until, CrossRates rates) =>
        LedgerFlows.Of(portfolio, PerformanceHistory.Empty, portfolio.CountUpTo(until), rates.Graph).Performance(rates).Performance;

    /// <summary>
    /// The time-weighted return since the first entry, a fraction; null if it is not defined, the value is not known, or nothing was ever paid in.
    /// </summary>
    /// <param name="value">The market value at the end, in the base currency.</param>
    public double? TimeWeightedReturn(Amount? value) => _hadCapital && value is { } end ? Linked(_chain, _start, end.ToDouble(), end.Sign) - 1 : null;

    /// <summary>
    /// The money-weighted return since the first entry; null if a flow or the value is not known, or if money was received before any was paid in: that of a loan is its cost,
    /// and no return.
    /// </summary>
    /// <param name="value">The market value at the end, in the base currency.</param>
    /// <param name="time">The end.</param>
    public MoneyWeightedReturn? MoneyWeightedReturn(Amount? value, DateTimeOffset time)
    {
        if (_flows is null || value is not { } end)
        {
            return null;
        }

        if (_flows.Find(flow => flow.Amount != 0) is { Amount: > 0 })
        {
            return null;
        }

        CashFlow[] all = new CashFlow[_flows.Count + 1];
        _flows.CopyTo(all);
        all[^1] = new(time, end.ToDouble());
        return Pnl.MoneyWeightedReturn.Of(all);
    }

    /// <summary>What is held, valued as of a slot; null if any of it has no rate.</summary>
    internal static Amount? Value(PositionBook book, CrossRates rates, int slot)
    {
        Amount? value = Amount.Zero;
        foreach (Position position in book.Positions)
        {
            if (!position.Quantity.IsZero)
            {
                value += position.Quantity * rates.Of(position.Token, book.Terms.BaseCurrency, slot).Factor;
            }
        }

        return value;
    }

    private static double? Linked(double? chain, double start, double end, int sign) =>
        start == 0 ? chain
        : start < 0 || sign < 0 ? null
        : chain * (end / start);

    /// <summary>A performance that takes flow after flow.</summary>
    internal sealed class Builder(Performance from)
    {
        private readonly ImmutableList<CashFlow>.Builder? _flows = from._flows?.ToBuilder();
        private double? _chain = from._chain;
        private double _start = from._start;
        private bool _isLost = from._flows is null, _hadCapital = from._hadCapital;

        /// <summary>Whether there is a time-weighted return so far, so that the next flow has to be valued.</summary>
        public bool IsValued => _chain is not null;

        /// <summary>A flow is not known, and nothing that depends on it.</summary>
        public void Lose() => (_chain, _start, _isLost) = (null, 0, true);

        /// <summary>Takes the next flow.</summary>
        /// <param name="time">When, not before the last one.</param>
        /// <param name="net">What comes in, less what goes out; not zero.</param>
        /// <param name="value">What is held then; null if it is not known.</param>
        public void Add(DateTimeOffset time, Amount net, FlowValue? value)
        {
            if (!_isLost)
            {
                _flows!.Add(new(time, -net.ToDouble()));
            }

            _hadCapital |= value is { Start: > 0 };
            (_chain, _start) = _chain is not null && value is { } known ? (Linked(_chain, _start, known.End, known.EndSign), known.Start) : (null, 0);
        }

        public Performance ToPerformance() => new(_chain, _start, _isLost ? null : _flows!.ToImmutable(), _hadCapital);
    }
}

/// <summary>The market value at an external flow, in the base currency.</summary>
/// <param name="End">With which the sub-period ends: what goes out is still there.</param>
/// <param name="EndSign">Its sign, exactly: -1, 0 or 1.</param>
/// <param name="Start">With which the next one starts: what comes in is there. Zero only if it is so exactly.</param>
internal readonly record struct FlowValue(double End, int EndSign, double Start)
{
    /// <summary>Of an exact value.</summary>
    /// <param name="held">What is held before what comes in, or after what goes out.</param>
    /// <param name="net">What comes in, less what goes out.</param>
    public static FlowValue Of(Amount held, Amount net)
    {
        (Amount end, Amount start) = net.Sign > 0 ? (held, held + net) : (held - net, held);
        return new(end.ToDouble(), end.Sign, start.ToDouble());
    }
}
