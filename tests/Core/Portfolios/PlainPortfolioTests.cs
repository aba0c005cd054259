using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>Portfolios against the plainest computation in fractions.</summary>
public sealed class PlainPortfolioTests
{
    [Fact]
    public void Every_figure_equals_the_plain_computation() =>
        Gen.Select(AnyLedger.Of(16), AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, rates) =>
        {
            PlainPortfolio plain = new(terms, rates, rounds: true);
            CrossRates cross = rates.Cross;
            Portfolio portfolio = Portfolio.Empty(terms);

            // No two at one time: in which order those count is not for the plain computation to find.
            foreach (LedgerEntry entry in entries.Order(Comparer<LedgerEntry>.Create(LedgerEntry.Compare)).Select((entry, i) => entry with { Time = entry.Time.AddTicks(i) }))
            {
                PortfolioChange change = portfolio.Post([entry], cross);
                Assert.Equal(plain.Take(entry), change.Refused is null);
                portfolio = change.After;
            }

            PortfolioPnl pnl = PortfolioPnl.Of(portfolio.Book, cross, AnyLedger.LastSlot);
            Assert.Equal(plain.Value(AnyLedger.LastSlot), pnl.MarketValue);
            Assert.Equal(plain.In, pnl.Contributions);
            Assert.Equal(plain.Out, pnl.Distributions);
            Assert.Equal(plain.OutsideFees, pnl.FeesFromOutside);
            Assert.Equal(plain.Fees, pnl.Fees);
            Assert.Equal(plain.Income, pnl.Income);
            foreach (PositionPnl position in pnl.Positions)
            {
                Assert.Equal(plain.Held(position.Token), position.Quantity);
                Assert.Equal(plain.Cost(position.Token), position.CostBasis!.Value);
                Assert.Equal(plain.Realised.GetValueOrDefault(position.Token), position.Realised!.Value);
            }
        }, iter: Effort.Of(600));

    [Fact]
    public void Rounding_never_shows_in_the_first_twenty_digits() =>
        Gen.Select(AnyLedger.Of(16), AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, rates) =>
        {
            terms = terms with { AllowShorts = true };
            PlainPortfolio exact = new(terms, rates, rounds: false);
            Portfolio portfolio = Portfolio.Empty(terms).Post(entries, rates.Cross).After;
            Assert.All(portfolio.Entries, entry => Assert.True(exact.Take(entry)));

            PortfolioPnl pnl = PortfolioPnl.Of(portfolio.Book, rates.Cross, AnyLedger.LastSlot);
            Rational turnover = Rational.Abs(exact.In) + Rational.Abs(exact.Out) + Rational.Abs(exact.Fees) + Rational.Abs(exact.Income)
                + Rational.Abs(exact.Value(AnyLedger.LastSlot)) + pnl.Positions.Aggregate((Rational)1, (sum, p) => sum + Rational.Abs(p.MarketValue!.Value) + Rational.Abs(p.Realised!.Value) + Rational.Abs(p.CostBasis!.Value));
            Rational error = new(1, System.Numerics.BigInteger.Pow(10, 20));
            Assert.True(Rational.Abs(exact.Value(AnyLedger.LastSlot) + exact.Out - exact.In - exact.OutsideFees - pnl.Total) < turnover * error);
        }, iter: Effort.Of(300));
}
