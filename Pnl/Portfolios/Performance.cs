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
/// and every fee, count as performance, as they do in the PnL. The denominator of each sub-period is the value with
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

    private Performance(double? chain, double start, ImmutableList<CashFlow>? flows)
    {
        _chain = chain;
        _start = start;
        _flows = flows;
    }

    /// <summary>Of no entries.</summary>
    public static Performance Empty { get; } = new(1, 0, []);

    /// <summary>The external flows, as the owner of the money sees them: what is paid in is negative. Null if one is not known.</summary>
    public IReadOnlyList<CashFlow>? Flows => _flows;

    /// <summary>Names the rates that <see cref="Of"/> asks for: of all that is held at each external flow.</summary>
    public static void Needs(Portfolio portfolio, DateTimeOffset until, RateGraph graph, ISet<RateNeed> needs)
    {
        CrossRates none = new(new([]), NoRates.Known);
        PositionBook book = PositionBook.Empty(portfolio.Terms);
        foreach (PostedEntry posted in portfolio.Posted.TakeWhile(posted => posted.Entry.Time <= until))
        {
            PositionBook after = book.After(posted, out _)!;
            LedgerEntry entry = posted.Entry;
            if (ExternalFlow.IsAtMarket(entry))
            {
                // Which way it goes, its rate will tell; and that is needed though a short may be flat after it.
                PortfolioPnl.Needs(book, graph, entry.Slot, needs);
                PortfolioPnl.Needs(after, graph, entry.Slot, needs);
                needs.UnionWith(graph.Between(entry.Token, portfolio.Terms.BaseCurrency).Select(pair => new RateNeed(pair, entry.Slot)));
            }
            else if (ExternalFlow.Of(entry, book, after, none).Net is { IsZero: false } net)
            {
                PortfolioPnl.Needs(net.Sign > 0 ? book : after, graph, entry.Slot, needs);
            }

            book = after;
        }
    }

    /// <summary>The performance of a portfolio over its entries up to a time.</summary>
    public static Performance Of(Portfolio portfolio, DateTimeOffset until, CrossRates rates)
    {
        Performance performance = Empty;
        PositionBook book = PositionBook.Empty(portfolio.Terms);
        foreach (PostedEntry posted in portfolio.Posted.TakeWhile(posted => posted.Entry.Time <= until))
        {
            PositionBook after = book.After(posted, out _)!;
            performance = performance.After(posted.Entry, book, after, rates);
            book = after;
        }

        return performance;
    }

    /// <summary>Takes the next entry.</summary>
    /// <param name="entry">The entry, not before the last one.</param>
    /// <param name="before">The positions before it.</param>
    /// <param name="after">The positions after it.</param>
    /// <param name="rates">The rates that <see cref="Needs"/> names.</param>
    public Performance After(LedgerEntry entry, PositionBook before, PositionBook after, CrossRates rates)
    {
        if (ExternalFlow.Of(entry, before, after, rates).Net is not { } net)
        {
            return new(null, 0, null);
        }

        if (net.IsZero)
        {
            return this;
        }

        ImmutableList<CashFlow>? flows = _flows?.Add(new(entry.Time, -net.ToDouble()));
        if (_chain is null || Value(net.Sign > 0 ? before : after, rates, entry.Slot) is not { } value)
        {
            return new(null, 0, flows);
        }

        (Amount end, Amount start) = net.Sign > 0 ? (value, value + net) : (value - net, value);
        return new(Linked(end), start.ToDouble(), flows);
    }

    /// <summary>
    /// The time-weighted return since the first entry, a fraction; null if it is not defined or the value not known.
    /// </summary>
    /// <param name="value">The market value at the end, in the base currency.</param>
    public double? TimeWeightedReturn(Amount? value) => value is { } end ? Linked(end) - 1 : null;

    /// <summary>The money-weighted return since the first entry; null if a flow or the value is not known.</summary>
    /// <param name="value">The market value at the end, in the base currency.</param>
    /// <param name="time">The end.</param>
    public MoneyWeightedReturn? MoneyWeightedReturn(Amount? value, DateTimeOffset time) =>
        _flows is not null && value is { } end ? Pnl.MoneyWeightedReturn.Of([.. _flows, new(time, end.ToDouble())]) : null;

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

    private double? Linked(Amount end) =>
        _start == 0 ? _chain
        : _start < 0 || end.Sign < 0 ? null
        : _chain * (end.ToDouble() / _start);

    private sealed class NoRates : IRates
    {
        public static NoRates Known { get; } = new();

        public decimal? AsOf(CurrencyPair market, int slot) => null;
    }
}
