using System.Collections.Immutable;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>A performance as it is defined: entry by entry, each flow valued exactly.</summary>
internal sealed record PlainPerformance(double? Chain, double Start, ImmutableList<CashFlow>? Flows, bool HadCapital)
{
    public static PlainPerformance Of(Portfolio portfolio, int count, CrossRates rates)
    {
        PlainPerformance performance = new(1, 0, [], false);
        PositionBook book = PositionBook.Empty(portfolio.Terms);
        foreach (PostedEntry posted in portfolio.PostedFrom(0).Take(count))
        {
            PositionBook after = book.After(posted, out _)!;
            performance = performance.After(posted, book, after, rates);
            book = after;
        }

        return performance;
    }

    public double? TimeWeightedReturn(Amount? value) => HadCapital && value is { } end ? Linked(end) - 1 : null;

    /// <summary>The rates of all that is held at each external flow.</summary>
    public static HashSet<RateNeed> Needs(Portfolio portfolio, RateGraph graph)
    {
        HashSet<RateNeed> needs = [];
        CrossRates none = new(new([]), new RateTable());
        PositionBook book = PositionBook.Empty(portfolio.Terms);
        foreach (PostedEntry posted in portfolio.PostedFrom(0))
        {
            PositionBook after = book.After(posted, out _)!;
            LedgerEntry entry = posted.Entry;
            if (IsAtMarket(entry))
            {
                PortfolioPnl.Needs(book, graph, entry.Slot, needs);
                PortfolioPnl.Needs(after, graph, entry.Slot, needs);
                needs.UnionWith(graph.Between(entry.Token, portfolio.Terms.BaseCurrency).Select(pair => new RateNeed(pair, entry.Slot)));
            }
            else if (Flow(entry, book, after, none) is { IsZero: false } net)
            {
                PortfolioPnl.Needs(net.Sign > 0 ? book : after, graph, entry.Slot, needs);
            }

            book = after;
        }

        return needs;
    }

    private PlainPerformance After(PostedEntry posted, PositionBook before, PositionBook after, CrossRates rates)
    {
        LedgerEntry entry = posted.Entry;
        if (Flow(entry, before, after, rates) is not { } net)
        {
            return new(null, 0, null, HadCapital);
        }

        if (net.IsZero)
        {
            return this;
        }

        ImmutableList<CashFlow>? flows = Flows?.Add(new(entry.Time, -net.ToDouble()));
        if (Chain is null || Value(net.Sign > 0 ? before : after, rates, posted) is not { } value)
        {
            return new(null, 0, flows, HadCapital);
        }

        (Amount end, Amount start) = net.Sign > 0 ? (value, value + net) : (value - net, value);
        return new(Linked(end), start.ToDouble(), flows, HadCapital || start.Sign > 0);
    }

    private static Amount? Flow(LedgerEntry entry, PositionBook before, PositionBook after, CrossRates rates)
    {
        Position? was = before.Position(entry.Token), now = after.Position(entry.Token);
        if (now is null || !now.Missing.IsEmpty)
        {
            return null;
        }

        Amount contributed = now.Contributions - (was?.Contributions ?? default);
        Amount? brought = IsAtMarket(entry) ? entry.Quantity * rates.Of(entry.Token, after.Terms.BaseCurrency, entry.Slot).Factor : contributed;
        return brought + now.FeesFromOutside - (was?.FeesFromOutside ?? default) - now.Distributions + (was?.Distributions ?? default);
    }

    private static bool IsAtMarket(LedgerEntry entry) => entry is { Kind: EntryKind.Deposit, Price: not null };

    /// <summary>What is held at an entry, the token that it trades between two bars at its own price, if that is half the market's to twice.</summary>
    private static Amount? Value(PositionBook book, CrossRates rates, PostedEntry posted)
    {
        LedgerEntry entry = posted.Entry;
        int slot = entry.Slot;
        Amount? own = entry.Kind.IsTrade() && entry.Time.ToUnixTimeMilliseconds() % 300_000 != 0 ? entry.Price!.Value * posted.Conversion(entry.Currency!).Factor : null;
        Amount? value = Amount.Zero;
        foreach (Position position in book.Positions.Where(position => !position.Quantity.IsZero))
        {
            Amount? market = rates.Of(position.Token, book.Terms.BaseCurrency, slot).Factor;
            value += position.Quantity * (position.Token == entry.Token && own is { } price && market is { } rate && price + price >= rate && rate + rate >= price ? own : market);
        }

        return value;
    }

    private double? Linked(Amount end) =>
        Start == 0 ? Chain
        : Start < 0 || end.Sign < 0 ? null
        : Chain * (end.ToDouble() / Start);
}
