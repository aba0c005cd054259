using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Cluster.Portfolios;

namespace Pnl.Tests.Cluster.Watching;

/// <summary>Whoever follows a portfolio sees how it stands after each entry and each bar that changes it.</summary>
public sealed class PortfolioWatchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task First_comes_how_it_stands_and_then_each_entry_bar_and_correction_as_an_answer_would_tell_it()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine", shorts: true);
        PortfolioEntry[] ledger = Books.Ledger(11, 20);
        await books.PostAsync("mine", ledger);
        using PnlWatch<PortfolioReport> watch = await books.Client.WatchPortfolioPnlAsync("mine", cancellation: Cancellation);
        PortfolioReport first = await AssertNextAsync(books, watch);

        await books.PostAsync("mine", Books.Trade("new", EntryKind.Buy, "btc", 1m, 50_000m, Books.Last - 5));
        Assert.Equal(first.Contributions + 50_000m, (await AssertNextAsync(books, watch)).Contributions);
        await books.Client.CorrectEntryAsync("mine", Books.Trade("new", EntryKind.Buy, "btc", 1m, 49_000m, Books.Last - 5), Cancellation);
        Assert.Equal(first.Contributions + 49_000m, (await AssertNextAsync(books, watch)).Contributions);
        await books.Cluster.IngestAsync("btc", new Bar(Books.Last, 60_000m));
        Assert.Equal(60_000m, (await AssertNextAsync(books, watch)).Positions.Single(position => position.Token == "btc").Rate);
        int paid = BarTime.LastClosedSlot(ledger.First(entry => entry.Currency == "eur").Time); // of the past: it converts what was paid in euros then
        await books.Cluster.IngestAsync("eur", new Bar(paid, 3m));
        await AssertNextAsync(books, watch);
        await books.Client.DeleteEntryAsync("mine", "new", Cancellation);
        await AssertNextAsync(books, watch);
        await books.PutAsync("mine", CostBasis.Avco, shorts: true);
        Assert.Equal(CostBasis.Avco, (await AssertNextAsync(books, watch)).CostBasis);

        // A token that is in the ledger and gets its first rate.
        await books.PostAsync("mine", Books.Trade("d", EntryKind.Buy, "doge", 1000m, 0.5m, Books.Last - 2));
        Assert.False((await AssertNextAsync(books, watch)).Complete);
        await books.Client.RegisterTokenAsync("doge", new(), Cancellation);
        await books.Cluster.IngestAsync("doge", new Bar(Books.Last, 0.25m));
        PortfolioReport complete;
        do
        {
            complete = (await NextAsync(watch)).Pnl; // that it has a market but no rate yet may be told by itself
        }
        while (!complete.Complete);
        Assert.Equal(250m, complete.Positions.Single(position => position.Token == "doge").MarketValue);
    }

    [Fact]
    public async Task A_token_that_is_deleted_is_told_as_missing_and_one_that_comes_after_it_as_it_is()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "ltc", 2m, 80m, Books.Last - 9), Books.Trade("b", EntryKind.Buy, "btc", 1m, 50_000m, Books.Last - 9));
        using PnlWatch<PortfolioReport> watch = await books.Client.WatchPortfolioPnlAsync("mine", cancellation: Cancellation);
        await AssertNextAsync(books, watch);

        // Its last bars alone: it is valued by the one before.
        await books.Client.DeleteRatesAsync("ltc", BarTime.Open(Books.Last - 3), BarTime.Open(Books.Last + 1), Cancellation);
        Assert.Equal(Books.Rate(80.5m, Books.Last - 4), Ltc((await AssertNextAsync(books, watch))).Rate);

        await books.Client.DeleteTokenAsync("ltc", force: true, Cancellation);
        PortfolioReport without = await AssertNextAsync(books, watch);
        Assert.False(without.Complete);
        Assert.NotEmpty(without.Missing);
        Assert.Equal((null, null), (Ltc(without).Rate, Ltc(without).MarketValue));

        await books.Client.RegisterTokenAsync("ltc", new(), Cancellation);
        await books.Cluster.IngestAsync("ltc", new Bar(Books.Last - 20, 70m), new Bar(Books.Last, 90m));
        PortfolioReport back;
        do
        {
            back = (await NextAsync(watch)).Pnl; // that it has a market but no rate yet may be told by itself
        }
        while (!back.Complete);
        Assert.Equal((90m, (Amount?)180m), (Ltc(back).Rate, Ltc(back).MarketValue));

        static PositionReport Ltc(PortfolioReport report) => report.Positions.Single(position => position.Token == "ltc");
    }

    [Fact]
    public async Task What_changes_no_figure_is_not_told()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "ltc", 1m, 80m, Books.Last - 9), Books.Trade("b", EntryKind.Buy, "mona", 1m, 1m, Books.Last - 9), Books.Trade("c", EntryKind.Sell, "mona", 1m, 1m, Books.Last - 8));
        using PnlWatch<PortfolioReport> watch = await books.Client.WatchPortfolioPnlAsync("mine", cancellation: Cancellation);
        await AssertNextAsync(books, watch);

        await books.Cluster.IngestAsync("btc", new Bar(Books.Last, 1m)); // is not held
        await books.Cluster.IngestAsync("mona", new Bar(Books.Last, 5m)); // is held no more
        await books.Cluster.IngestAsync("ltc", new Bar(Books.Last, 90m));
        PnlUpdate<PortfolioReport> next = await NextAsync(watch);
        Assert.Equal((90m, 0), (next.Pnl.MarketValue, next.Skipped));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_bars_of_a_boundary_are_one_event_however_many_tokens_are_held(int seed)
    {
        await using PnlCluster cluster = await OpenAsync();
        string[] tokens = await HoldAsync(cluster, 20);
        using PnlWatch<PortfolioReport> watch = await cluster.Client.WatchPortfolioPnlAsync("many", cancellation: Cancellation);
        long revision = (await NextAsync(watch)).Revision;
        Random random = new(seed);
        for (int boundary = 1; boundary <= 5; boundary++)
        {
            int slot = Books.Last + boundary;
            cluster.Clock.Advance(TimeSpan.FromSeconds(BarTime.SecondsPerBar));
            random.Shuffle(tokens);
            if (boundary % 2 == 0)
            {
                await Task.WhenAll(tokens.Select(token => cluster.IngestAsync(token, new Bar(slot, 5m + boundary))));
            }
            else
            {
                foreach (string token in tokens)
                {
                    await cluster.IngestAsync(token, new Bar(slot, 5m + boundary));
                }
            }

            PnlUpdate<PortfolioReport> update = await NextAsync(watch);
            Assert.Equal((BarTime.Close(slot), 0), (update.Pnl.AsOf, update.Skipped));
            Assert.All(update.Pnl.Positions, position => Assert.Equal((BarTime.Close(slot), 5m + boundary), (position.RateAsOf, position.Rate)));
            Assert.True(update.Revision > revision);
            revision = update.Revision;
        }

        // Nothing else was told: what comes next is the next change.
        await cluster.Client.DeleteEntryAsync("many", "e0", Cancellation);
        PnlUpdate<PortfolioReport> last = await NextAsync(watch);
        Assert.Equal((0, 19), (last.Skipped, last.Pnl.Positions.Length));
    }

    [Fact]
    public async Task A_token_that_falls_silent_is_waited_for_two_seconds_and_only_once()
    {
        await using PnlCluster cluster = await OpenAsync();
        string[] tokens = await HoldAsync(cluster, 3);
        using PnlWatch<PortfolioReport> watch = await cluster.Client.WatchPortfolioPnlAsync("many", cancellation: Cancellation);
        await NextAsync(watch);

        cluster.Clock.Advance(TimeSpan.FromSeconds(BarTime.SecondsPerBar));
        await cluster.IngestAsync(tokens[0], new Bar(Books.Last + 1, 6m));
        await cluster.IngestAsync(tokens[1], new Bar(Books.Last + 1, 6m));
        Task<PnlUpdate<PortfolioReport>> next = NextAsync(watch);
        while (await Task.WhenAny(next, Task.Delay(10, Cancellation)) != next)
        {
            cluster.Clock.Advance(TimeSpan.FromSeconds(0.1));
        }

        // It comes late, and is told at once; at the next boundary nobody waits for it.
        Assert.Equal([6m, 6m, 5m], (await next).Pnl.Positions.Select(position => position.Rate!.Value.ToDecimal()));
        cluster.Clock.Advance(TimeSpan.FromSeconds(BarTime.SecondsPerBar));
        await cluster.IngestAsync(tokens[0], new Bar(Books.Last + 2, 7m));
        await cluster.IngestAsync(tokens[1], new Bar(Books.Last + 2, 7m));
        Assert.Equal([7m, 7m, 5m], (await NextAsync(watch)).Pnl.Positions.Select(position => position.Rate!.Value.ToDecimal()));
        await cluster.IngestAsync(tokens[2], new Bar(Books.Last + 1, 6m));
        Assert.Equal([7m, 7m, 6m], (await NextAsync(watch)).Pnl.Positions.Select(position => position.Rate!.Value.ToDecimal()));
    }

    [Fact]
    public async Task Who_comes_back_gets_the_newest_of_what_changed_meanwhile_and_else_nothing()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "btc", 1m, 50_000m, Books.Last - 9));
        long seen = (await books.PnlAsync("mine")).Revision;

        using PnlWatch<PortfolioReport> same = await books.Client.WatchPortfolioPnlAsync("mine", seen, Cancellation);
        await books.PostAsync("mine", Books.Trade("b", EntryKind.Buy, "btc", 2m, 50_000m, Books.Last - 8));
        Assert.Equal(3m, (await AssertNextAsync(books, same)).Positions[0].Quantity);
        await books.PostAsync("mine", Books.Trade("c", EntryKind.Buy, "btc", 4m, 50_000m, Books.Last - 7));
        using PnlWatch<PortfolioReport> later = await books.Client.WatchPortfolioPnlAsync("mine", seen, Cancellation);
        Assert.Equal(7m, (await AssertNextAsync(books, later)).Positions[0].Quantity);

        // Seen in a store that is no more: what there is now is news.
        using PnlWatch<PortfolioReport> lost = await books.Client.WatchPortfolioPnlAsync("mine", seen + 100_000, Cancellation);
        await AssertNextAsync(books, lost);
    }

    [Fact]
    public async Task Two_who_follow_both_see_each_change_and_the_slow_one_is_told_what_was_left_out()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        using PnlWatch<PortfolioReport> fast = await books.Client.WatchPortfolioPnlAsync("mine", cancellation: Cancellation), slow = await books.Client.WatchPortfolioPnlAsync("mine", cancellation: Cancellation);
        await NextAsync(fast);
        await NextAsync(slow);
        for (int i = 0; i < 8; i++)
        {
            await books.PostAsync("mine", Books.Trade($"e{i}", EntryKind.Buy, "btc", 1m, 50_000m, Books.Last - 9));
            Assert.Equal(i + 1m, (await AssertNextAsync(books, fast)).Positions[0].Quantity);
        }

        PnlUpdate<PortfolioReport> update = await NextAsync(slow);
        Assert.Equal((8m, 7), (update.Pnl.Positions[0].Quantity, update.Skipped));
    }

    [Fact]
    public async Task It_is_followed_over_the_loss_of_its_activation()
    {
        await using PnlCluster cluster = await OpenAsync();
        string[] tokens = await HoldAsync(cluster, 2);
        await using IAsyncEnumerator<PnlUpdate<PortfolioReport>> watch = (await cluster.Client.WatchPortfolioPnlAsync("many", cancellation: Cancellation)).GetAsyncEnumerator(Cancellation);
        Assert.True(await watch.MoveNextAsync());
        for (int i = 1; i <= 3; i++)
        {
            Task change = cluster.Client.PostEntriesAsync("many", [Books.Trade($"n{i}", EntryKind.Buy, tokens[0], 1m, 5m, Books.Last)], Cancellation);
            Task lost = cluster.Orleans.DeactivateAsync(cluster.Orleans.Client.GetGrain<IPortfolioGrain>("many"));
            Task<bool> told = watch.MoveNextAsync().AsTask();
            Task all = Task.WhenAll(change, lost, told);
            while (await Task.WhenAny(all, Task.Delay(10, Cancellation)) != all)
            {
                cluster.Clock.Advance(TimeSpan.FromSeconds(1)); // lets the calls end that wait for changes
            }

            await all;
            Assert.Equal(1m + i, watch.Current.Pnl.Positions.Single(position => position.Token == tokens[0]).Quantity);
        }
    }

    [Fact]
    public async Task A_portfolio_that_nobody_set_up_is_refused()
    {
        await using Books books = await Books.OpenAsync();
        Assert.Equal("nobody", (await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.Client.WatchPortfolioPnlAsync("nobody", cancellation: Cancellation))).Portfolio);
    }

    /// <summary>A cluster whose clients too live by the test's clock.</summary>
    private static async Task<PnlCluster> OpenAsync()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = new(PnlCluster.Noon);
        PnlCluster cluster = new() { Clock = clock, ClientClock = clock };
        await cluster.InitializeAsync();
        return cluster;
    }

    /// <summary>A portfolio that holds one each of so many tokens, whose last bar is 5.</summary>
    private static async Task<string[]> HoldAsync(PnlCluster cluster, int count)
    {
        string[] tokens = [.. Enumerable.Range(0, count).Select(i => $"held{i:d2}")];
        foreach (string token in tokens)
        {
            await cluster.Client.RegisterTokenAsync(token, new(), Cancellation);
            await cluster.IngestAsync(token, new Bar(Books.Last, 5m));
        }

        await cluster.Client.PutPortfolioAsync("many", new() { BaseCurrency = "usd" }, Cancellation);
        await cluster.Client.PostEntriesAsync("many", [.. tokens.Select((token, i) => Books.Trade($"e{i}", EntryKind.Buy, token, 1m, 4m, Books.Last - 1))], Cancellation);
        return tokens;
    }

    /// <summary>The next state, which must be the portfolio's answer of now.</summary>
    private static async Task<PortfolioReport> AssertNextAsync(Books books, PnlWatch<PortfolioReport> watch)
    {
        PortfolioReport told = (await NextAsync(watch)).Pnl, now = await books.PnlAsync("mine");
        Assert.Equal(now with { Missing = told.Missing, Positions = told.Positions }, told);
        Assert.Equal(now.Missing, told.Missing);
        Assert.Equal(now.Positions.Select(position => position.ToString()), told.Positions.Select(position => position.ToString()));
        return told;
    }

    private static async Task<PnlUpdate<PortfolioReport>> NextAsync(PnlWatch<PortfolioReport> watch) => await watch.NextAsync(Cancellation).AsTask().WaitAsync(Patience.Limit, Cancellation);
}
