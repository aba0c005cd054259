using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>What holds for every ledger there can be, to the last digit.</summary>
public sealed class IdentityTests
{
    [Fact]
    public void Total_is_value_and_distributions_less_contributions_and_outside_fees_exactly() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, rates) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);

            PortfolioPnl pnl = PortfolioPnl.Of(portfolio.Book, rates.Cross, AnyLedger.LastSlot);

            Assert.True(pnl.Complete);
            AssertIdentity(pnl);
        }, iter: Effort.Of(10_000));

    [Fact]
    public void It_holds_for_what_is_counted_when_rates_are_missing() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.PatchyRates).Sample((entries, terms, rates) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);

            PortfolioPnl pnl = PortfolioPnl.Of(portfolio.Book, rates.Cross, AnyLedger.LastSlot);

            AssertIdentity(pnl);
            Assert.Equal(pnl.Complete, pnl.Positions.All(position => position.Total is not null));
            Assert.All(pnl.Positions, position => Assert.Equal(position.Missing.IsEmpty, position.Total is not null));
            Assert.All(pnl.Positions.Where(position => position.Missing.IsEmpty), position => Assert.Equal(position.Quantity.IsZero, position.AverageCost is null));
        }, iter: Effort.Of(3_000));

    [Fact]
    public void Every_position_holds_it_by_itself() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, rates) =>
        {
            PositionBook book = AnyLedger.Accepted(entries, terms, rates.Cross).Book;
            foreach (PositionPnl pnl in PortfolioPnl.Of(book, rates.Cross, AnyLedger.LastSlot).Positions)
            {
                Position p = book.Position(pnl.Token)!;
                Assert.Equal(pnl.MarketValue + p.Distributions + p.MovedOut - p.Contributions - p.MovedIn - p.FeesFromOutside, pnl.Total);
            }
        }, iter: Effort.Of(1_000));

    [Fact]
    public void Open_lots_add_up_to_what_is_held_and_what_it_cost() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, rates) =>
        {
            foreach (Position position in AnyLedger.Accepted(entries, terms, rates.Cross).Book.Positions)
            {
                Assert.Equal(position.Quantity, Sum(position.Lots.Select(lot => lot.Quantity)));
                Assert.Equal(position.Cost, Sum(position.Lots.Select(lot => lot.Cost)));
                Assert.All(position.Lots, lot => Assert.Equal(position.Quantity.Sign, lot.Quantity.Sign));
                Assert.True(terms.AllowShorts || position.Quantity >= 0m);
                Assert.True(terms.CostBasis != CostBasis.Avco || position.Lots.Count() <= 1);
            }
        }, iter: Effort.Of(1_000));

    [Fact]
    public void Closed_lots_add_up_to_what_is_realised() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, rates) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);
            ILookup<string, ClosedLot> lots = portfolio.ClosedLots();
            foreach (Position position in portfolio.Book.Positions)
            {
                ClosedLot[] closed = [.. lots[position.Token]];
                Assert.Equal(position.Realised, Sum(closed.Select(lot => lot.Gain)));
                Assert.All(closed, lot => Assert.True(lot.HoldingPeriod >= TimeSpan.Zero));
            }
        }, iter: Effort.Of(500));

    [Fact]
    public void The_method_moves_profit_between_realised_and_unrealised_and_leaves_the_total() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, rates) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);
            PortfolioPnl[] answers = [.. Enum.GetValues<CostBasis>().Select(basis => PortfolioPnl.Of(portfolio.By(basis).Book, rates.Cross, AnyLedger.LastSlot))];
            foreach (PortfolioPnl other in answers)
            {
                Assert.Equal(
                    (answers[0].Total, answers[0].MarketValue, answers[0].Income, answers[0].Fees, answers[0].Contributions, answers[0].Distributions),
                    (other.Total, other.MarketValue, other.Income, other.Fees, other.Contributions, other.Distributions));
                Assert.Equal(answers[0].Realised + answers[0].Unrealised, other.Realised + other.Unrealised);
            }
        }, iter: Effort.Of(1_000));

    [Fact]
    public void No_rate_is_asked_for_that_was_not_named() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.PatchyRates).Sample((entries, terms, rates) =>
        {
            HashSet<RateNeed> needs = [];
            Portfolio.Needs(entries, terms.BaseCurrency, rates.Graph, needs);
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);
            PortfolioPnl.Needs(portfolio.Book, rates.Graph, AnyLedger.LastSlot, needs);
            PortfolioPnl.Of(portfolio.Book, rates.Cross, AnyLedger.LastSlot);
            Performance.Needs(portfolio, DateTimeOffset.MaxValue, rates.Graph, needs);
            Performance.Of(portfolio, DateTimeOffset.MaxValue, rates.Cross);

            Assert.Empty(rates.Asked.Except(needs));
        }, iter: Effort.Of(1_000));

    internal static void AssertIdentity(PortfolioPnl pnl)
    {
        Assert.Equal(pnl.MarketValue + pnl.Distributions - pnl.Contributions - pnl.FeesFromOutside, pnl.Total);
        Assert.Equal(Sum(pnl.Positions.Where(p => p.Missing.IsEmpty).Select(p => p.Total!.Value)), pnl.Total);
    }

    private static Amount Sum(IEnumerable<Amount> amounts) => amounts.Aggregate(Amount.Zero, (a, b) => a + b);
}
