using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>However a ledger came about, it is as if it had been written in the right order from the start.</summary>
public sealed class OrderTests
{
    [Fact]
    public void Any_order_with_repeats_corrections_and_deletions_equals_the_clean_ledger() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Of(6), AnyLedger.Terms, AnyLedger.PatchyRates, Gen.Int[0, int.MaxValue]).Sample((entries, wrong, terms, rates, seed) =>
        {
            terms = terms with { AllowShorts = true };
            Random random = new(seed);
            Portfolio clean = Portfolio.Empty(terms).Post(entries, rates.Cross).After;

            // Of some, another version first; some that do not belong here; all of it in any order, by the handful.
            LedgerEntry[] early = [.. wrong.Select((entry, i) => entry with { Id = i % 2 == 0 ? entries[random.Next(entries.Length)].Id : $"deleted-{i}" }).DistinctBy(entry => entry.Id)];
            Portfolio portfolio = Portfolio.Empty(terms).Post(early, rates.Cross).After;
            LedgerEntry[] shuffled = [.. entries];
            random.Shuffle(shuffled);
            foreach (LedgerEntry[] some in shuffled.Chunk(random.Next(1, 5)))
            {
                foreach (LedgerEntry corrected in some.Where(entry => portfolio.Entry(entry.Id) is not null))
                {
                    PortfolioChange correction = portfolio.Correct(corrected, rates.Cross);
                    Assert.Null(correction.Refused);
                    portfolio = correction.After;
                }

                PortfolioChange change = portfolio.Post(some, rates.Cross);
                Assert.Null(change.Refused);
                portfolio = change.After;
            }

            foreach (LedgerEntry entry in early.Where(entry => entry.Id.StartsWith("deleted", StringComparison.Ordinal)))
            {
                portfolio = portfolio.Delete(entry.Id).After;
            }

            Assert.Equal(0, portfolio.Post(entries, rates.Cross).Entries);
            Assert.Equal(clean.Entries, portfolio.Entries);
            Assert.Equal(LedgerText.Describe(clean.Book), LedgerText.Describe(portfolio.Book));
        }, iter: Effort.Of(600));

    [Fact]
    public void Where_no_shorts_are_allowed_too_the_same_set_is_the_same_ledger() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.Rates, Gen.Int[0, int.MaxValue]).Sample((entries, terms, rates, seed) =>
        {
            Portfolio oneByOne = AnyLedger.Accepted(entries, terms, rates.Cross);
            LedgerEntry[] shuffled = [.. oneByOne.Entries];
            new Random(seed).Shuffle(shuffled);

            PortfolioChange change = Portfolio.Empty(terms).Post(shuffled, rates.Cross);

            Assert.Null(change.Refused);
            Assert.Equal(LedgerText.Describe(oneByOne.Book), LedgerText.Describe(change.After.Book));
        }, iter: Effort.Of(1_000));

    [Fact]
    public void The_positions_as_of_any_time_are_those_of_the_entries_up_to_then() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Entry, AnyLedger.Terms, AnyLedger.PatchyRates).Sample((entries, other, terms, rates) =>
        {
            terms = terms with { AllowShorts = true };
            Portfolio portfolio = Portfolio.Empty(terms).Post(entries, rates.Cross).After;

            Portfolio then = Portfolio.Empty(terms).Post([.. entries.Where(entry => entry.Time <= other.Time)], rates.Cross).After;

            Assert.Equal(LedgerText.Describe(then.Book), LedgerText.Describe(portfolio.At(other.Time)));
        }, iter: Effort.Of(500));

    [Fact]
    public void A_long_ledger_changed_anywhere_equals_the_clean_one() =>
        Gen.Select(AnyLedger.Entry.Array[2_400], AnyLedger.Terms, AnyLedger.Rates, Gen.Int[0, int.MaxValue]).Sample((any, terms, rates, seed) =>
        {
            terms = terms with { AllowShorts = true };
            Random random = new(seed);

            // Redenominated by tens only, to and fro: so many by anything would give positions of more than 100 digits.
            LedgerEntry[] entries = [.. any.Select((entry, i) => entry with { Id = $"{i}", Quantity = entry.Kind != EntryKind.Redenomination ? entry.Quantity : i % 2 == 0 ? 10m : 0.1m })];
            CrossRates cross = rates.Cross;
            Portfolio portfolio = Portfolio.Empty(terms).Post(entries[..2_200], cross).After;
            Assert.Equal(2_200, portfolio.Count);
            Dictionary<string, LedgerEntry> left = entries[..2_200].ToDictionary(entry => entry.Id);
            foreach (LedgerEntry entry in entries[2_200..].Take(20))
            {
                string old = left.Keys.ElementAt(random.Next(left.Count));
                LedgerEntry corrected = entry with { Id = old };
                PortfolioChange change = random.Next(3) switch
                {
                    0 => portfolio.Post([entry], cross),
                    1 => portfolio.Delete(old),
                    _ => portfolio.Correct(corrected, cross),
                };
                portfolio = change.After;
                left = portfolio.Entries.ToDictionary(kept => kept.Id);
            }

            Portfolio clean = Portfolio.Empty(terms).Post([.. left.Values], cross).After;
            Assert.Equal(LedgerText.Describe(clean.Book), LedgerText.Describe(portfolio.Book));
            foreach (int i in (int[])[0, 500, 999, 1_000, 1_001, 2_000, portfolio.Count - 1])
            {
                Assert.Equal(LedgerText.Describe(clean.At(clean[i].Time)), LedgerText.Describe(portfolio.At(portfolio[i].Time)));
            }
        }, iter: Effort.Of(6));

    [Fact]
    public void Rates_that_come_late_make_the_ledger_that_had_them_from_the_start() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.PatchyRates, Gen.Int[0, int.MaxValue]).Sample((entries, terms, rates, seed) =>
        {
            terms = terms with { AllowShorts = true };
            Portfolio early = Portfolio.Empty(terms).Post(entries, rates.Cross).After;
            int slot = AnyLedger.FirstSlot + new Random(seed).Next(2_000);
            rates.With("doge", "usdt", slot, 0.5m).With("btc", "usd", slot + 7, 40_000m);

            Portfolio late = early.Reconverted(slot, rates.Cross);

            Assert.Equal(LedgerText.Describe(Portfolio.Empty(terms).Post(entries, rates.Cross).After.Book), LedgerText.Describe(late.Book));
        }, iter: Effort.Of(500));

    [Fact]
    public void Other_terms_make_the_ledger_that_had_them_from_the_start() =>
        Gen.Select(AnyLedger.Entries, AnyLedger.Terms, AnyLedger.Terms, AnyLedger.Rates).Sample((entries, terms, others, rates) =>
        {
            Portfolio portfolio = AnyLedger.Accepted(entries, terms, rates.Cross);

            PortfolioChange change = portfolio.On(others, rates.Cross);

            PortfolioChange clean = Portfolio.Empty(others).Post([.. portfolio.Entries], rates.Cross);
            Assert.Equal(clean.Refused, change.Refused);
            Assert.Equal(change.Refused is null ? others : terms, change.After.Terms);
            Assert.Equal(LedgerText.Describe(clean.Refused is null ? clean.After.Book : portfolio.Book), LedgerText.Describe(change.After.Book));
        }, iter: Effort.Of(500));
}
