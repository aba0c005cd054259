using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>Entries of one and the same time count in an order that is possible, if there is one.</summary>
public sealed class SameTimeTests
{
    private static readonly PortfolioTerms Cash = new("usd", CostBasis.Fifo, AllowShorts: false, TrackCash: true);

    [Fact]
    public void What_a_sale_brings_pays_for_a_purchase_of_the_same_second()
    {
        Portfolio portfolio = LedgerText.Portfolio("""
            2024-01-01 deposit 100 usd
            2024-01-01T01:00Z buy 2 eth @ 50 usd
            2024-01-02 buy 3 sol @ 40 usd
            2024-01-02 sell 2 eth @ 60 usd
            """, Cash, new());

        Assert.Equal((0m, 3m, 0m), (portfolio.Book.Position("eth")!.Quantity, portfolio.Book.Position("sol")!.Quantity, portfolio.Book.Position("usd")!.Quantity));
        Assert.Equal(20m, portfolio.Book.Position("eth")!.Realised);
        Assert.Equal(["deposit", "buy eth", "sell eth", "buy sol"], portfolio.Entries.Select(entry => entry.Kind == EntryKind.Deposit ? "deposit" : $"{entry.Kind.Name()} {entry.Token}"));
    }

    [Fact]
    public void What_is_possible_in_no_order_is_refused_as_in_the_usual_one()
    {
        Portfolio before = LedgerText.Portfolio("2024-01-01 deposit 100 usd", Cash, new());
        LedgerEntry[] entries = LedgerText.Read("2024-01-02 buy 3 sol @ 40 usd\n2024-01-02 sell 1 sol @ 10 usd");

        PortfolioChange change = before.Post([.. entries.Select((entry, i) => entry with { Id = $"x{i}" })], new RateTable().Cross);

        Assert.Equal(("x0", EntryCodes.NotHeld), (change.Refused!.EntryId, change.Refused.Code));
        Assert.Same(before, change.After);
    }

    [Fact]
    public void A_purchase_that_leaves_too_little_for_another_waits_for_what_that_one_brings()
    {
        // To take whatever can be taken next would buy bbb for all there is, and then nothing more can be done.
        Portfolio portfolio = LedgerText.Portfolio("""
            2024-01-01 deposit 15 usd
            2024-01-02 buy 1 bbb @ 15 usd
            2024-01-02 buy 1 aaa @ 10 usd
            2024-01-02 sell 1 aaa @ 30 usd
            2024-01-02 withdrawal 20 usd
            """, Cash, new());

        Assert.Equal((1m, 0m, 20m), (portfolio.Book.Position("bbb")!.Quantity, portfolio.Book.Position("usd")!.Quantity, portfolio.Book.Position("aaa")!.Realised));
    }

    [Fact]
    public void A_ledger_is_taken_if_any_order_of_each_time_is_possible_and_is_the_same_however_it_arrives() =>
        Gen.Select(Group.Array[1, 3], Gen.Int[0, int.MaxValue]).Sample((groups, seed) =>
        {
            LedgerEntry[] entries = [.. groups.SelectMany((group, g) => group.Select((entry, i) => entry with { Time = Noon.AddHours(g), Id = $"{(g * 31 + i * 17) % 97:00}-{g}-{i}" }))];
            entries = [Of(EntryKind.Deposit, "usd", 12m) with { Id = "first", Time = Noon.AddHours(-1) }, Of(EntryKind.Deposit, "aaa", 2m) with { Id = "second", Time = Noon.AddHours(-1) }, .. entries];
            CrossRates rates = new RateTable().Cross;
            bool isPossible = Possible(Portfolio.Empty(Cash), entries, rates);

            PortfolioChange change = Portfolio.Empty(Cash).Post(entries, rates);
            Assert.Equal(isPossible, change.Refused is null);
            if (!isPossible)
            {
                return;
            }

            LedgerEntry[] shuffled = [.. entries];
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(LedgerText.Describe(change.After.Book), LedgerText.Describe(Portfolio.Empty(Cash).Post(shuffled, rates).After.Book));

            // One entry more at the begin, and it goes again: the same as before, in the order of before.
            LedgerEntry more = Of(EntryKind.Deposit, "usd", 1000m) with { Id = "more", Time = Noon.AddHours(-2) };
            PortfolioChange rich = change.After.Post([more], rates);
            Assert.Null(rich.Refused);
            PortfolioChange again = rich.After.Delete("more");
            Assert.Equal(change.After.Entries, again.After.Entries);
            Assert.Equal(LedgerText.Describe(change.After.Book), LedgerText.Describe(again.After.Book));

            // A page that ends at any entry goes on behind it.
            LedgerEntry[] all = [.. change.After.Entries];
            Assert.Equal(Enumerable.Range(1, all.Length), all.Select(entry => change.After.CountThrough(entry.Id, entry.Time, entry.Kind)));
        }, iter: Effort.Of(4_000));

    private static readonly DateTimeOffset Noon = new(2024, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<LedgerEntry[]> Group = Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[1, 6], Gen.Int[1, 4],
        (kind, token, quantity, price) => kind switch
        {
            0 or 1 => Of(EntryKind.Buy, ((string[])["aaa", "baa", "caa"])[token], quantity) with { Price = price, Currency = "usd" },
            2 or 3 => Of(EntryKind.Sell, ((string[])["aaa", "baa", "caa"])[token], quantity) with { Price = price, Currency = "usd" },
            4 => Of(EntryKind.Withdrawal, token == 0 ? "usd" : "aaa", quantity),
            _ => Of(EntryKind.Sell, "aaa", quantity) with { Price = price, Currency = "baa" },
        }).Array[1, 5];

    private static LedgerEntry Of(EntryKind kind, string token, decimal quantity) => new("", default, kind, token, quantity, null, null, [], null);

    /// <summary>Whether the entries can be taken in some order of each time, found by trying all; what is held after a time is the same in each.</summary>
    private static bool Possible(Portfolio portfolio, LedgerEntry[] entries, CrossRates rates)
    {
        PositionBook? book = portfolio.Book;
        foreach (IGrouping<DateTimeOffset, LedgerEntry> time in entries.GroupBy(entry => entry.Time).OrderBy(time => time.Key))
        {
            book = Any(book, [.. time.Select(entry => PostedEntry.Of(entry, portfolio.Terms.BaseCurrency, rates))]);
            if (book is null)
            {
                return false;
            }
        }

        return true;

        static PositionBook? Any(PositionBook book, List<PostedEntry> left)
        {
            if (left.Count == 0)
            {
                return book;
            }

            foreach (PostedEntry entry in left)
            {
                if (book.After(entry, out _) is { } next && Any(next, [.. left.Where(other => other != entry)]) is { } all)
                {
                    return all;
                }
            }

            return null;
        }
    }
}
