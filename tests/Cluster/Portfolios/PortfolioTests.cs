using Orleans.Hosting;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Portfolios;

/// <summary>A ledger that is kept, and what is answered of it.</summary>
public sealed class PortfolioTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_nothing_goes_back()
    {
        using TemporaryFolder folder = new();
        string before;
        long revision;
        DateTimeOffset? asOf;
        await using (Books books = await Books.WithRatesAsync(folder.Path))
        {
            await books.PutAsync("mine", CostBasis.Hifo, shorts: true);
            PortfolioEntry[] ledger = Books.Ledger(1, 60);
            await books.PostAsync("mine", ledger[..50]);
            await books.PostAsync("mine", ledger[50..]);
            await books.Client.DeleteEntryAsync("mine", "e7", Cancellation);
            before = await PortfolioText.OfAsync(books.Client, "mine");
            PortfolioReport report = await books.PnlAsync("mine");
            (revision, asOf) = (report.Revision, report.AsOf);
            Assert.Equal(BarTime.Close(Books.Last), asOf);
        }

        await using Books again = await Books.OpenAsync(folder.Path);
        PortfolioReport after = await again.PnlAsync("mine");
        Assert.Equal((revision, asOf), (after.Revision, after.AsOf));
        Assert.Equal(before, await PortfolioText.OfAsync(again.Client, "mine"));
        LedgerResult resent = await again.PostAsync("mine", Books.Ledger(1, 60)[50..]);
        Assert.Equal((0, 10, revision), (resent.Accepted, resent.Unchanged, resent.Revision));
    }

    [Fact]
    public async Task An_entry_counts_once_and_one_of_its_id_with_other_content_is_a_conflict_that_takes_nothing()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        PortfolioEntry buy = Books.Trade("a", EntryKind.Buy, "btc", 1m, 50_000m, Books.First + 20);
        LedgerResult first = await books.PostAsync("mine", buy, buy);
        Assert.Equal((1, 1), (first.Accepted, first.Unchanged));
        LedgerResult second = await books.PostAsync("mine", buy with { Quantity = 1.000m });
        Assert.Equal((0, 1, first.Revision), (second.Accepted, second.Unchanged, second.Revision));

        LedgerRefusedException conflict = await Assert.ThrowsAsync<LedgerRefusedException>(() =>
            books.PostAsync("mine", Books.Trade("b", EntryKind.Buy, "btc", 1m, 1m, Books.First + 21), buy with { Quantity = 2m }));
        Assert.Equal((EntryCodes.IdConflict, "a", 1), (conflict.Refused!.Code, conflict.Refused.EntryId, conflict.Refused.Index));
        Assert.Equal(["a"], (await books.Client.GetEntriesAsync("mine", cancellation: Cancellation)).Items.Select(entry => entry.Id));
        Assert.Equal(first.Revision, (await books.PnlAsync("mine")).Revision);
    }

    [Theory]
    [InlineData(2, CostBasis.Fifo, false)]
    [InlineData(3, CostBasis.Avco, true)]
    [InlineData(4, CostBasis.Hifo, false)]
    public async Task Entries_in_any_order_with_corrections_and_deletions_equal_a_clean_ledger(int seed, CostBasis basis, bool cash)
    {
        await using Books books = await Books.WithRatesAsync();
        PortfolioEntry[] ledger = Books.Ledger(seed, 80);
        Random random = new(seed);
        await books.PutAsync("muddled", basis, shorts: true, cash);
        PortfolioEntry[] shuffled = [.. ledger];
        random.Shuffle(shuffled);
        foreach (PortfolioEntry[] batch in shuffled.Chunk(17))
        {
            // Some come in wrong first.
            await books.PostAsync("muddled", [.. batch.Select((entry, i) => i % 3 == 0 ? entry with { Quantity = entry.Quantity + 1m, Time = entry.Time.AddHours(-1) } : entry)]);
            await books.PostAsync("muddled", Books.Trade($"x{batch[0].Id}", EntryKind.Buy, "mona", 5m, 1m, Books.First + random.Next(100), "eur"));
            await books.PnlAsync("muddled");
        }

        foreach (PortfolioEntry entry in ledger)
        {
            await books.Client.CorrectEntryAsync("muddled", entry, Cancellation);
        }

        foreach (PortfolioEntry entry in (await books.Client.GetEntriesAsync("muddled", cancellation: Cancellation)).Items.Where(entry => entry.Id[0] == 'x'))
        {
            await books.Client.DeleteEntryAsync("muddled", entry.Id, Cancellation);
        }

        await books.PutAsync("clean", basis, shorts: true, cash);
        await books.PostAsync("clean", [.. ledger.OrderBy(entry => entry.Time)]);
        Assert.Equal(await PortfolioText.OfAsync(books.Client, "clean"), await PortfolioText.OfAsync(books.Client, "muddled"));
        PortfolioReport report = await books.PnlAsync("clean");
        Assert.True(report.Complete, string.Join(' ', report.Missing));
        Assert.Equal(report.TotalPnl, report.MarketValue + report.Distributions - report.Contributions - report.FeesFromOutside);
    }

    [Fact]
    public async Task A_sale_of_more_than_is_held_is_refused_with_what_is_held_and_so_is_a_deletion_that_would_lead_to_one()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "btc", 1.5m, 50_000m, Books.First + 20), Books.Trade("b", EntryKind.Sell, "btc", 1m, 50_000m, Books.First + 40));

        RefusedEntry refused = (await Assert.ThrowsAsync<LedgerRefusedException>(() => books.PostAsync("mine", Books.Trade("c", EntryKind.Sell, "btc", 1m, 50_000m, Books.First + 60)))).Refused!;
        Assert.Equal((EntryCodes.NotHeld, "c", 0.5m), (refused.Code, refused.EntryId, refused.Held));
        refused = (await Assert.ThrowsAsync<LedgerRefusedException>(() => books.Client.DeleteEntryAsync("mine", "a", Cancellation))).Refused!;
        Assert.Equal((EntryCodes.NotHeld, "b", 0m), (refused.Code, refused.EntryId, refused.Held));
        refused = (await Assert.ThrowsAsync<LedgerRefusedException>(() => books.Client.DeleteEntryAsync("mine", "z", Cancellation))).Refused!;
        Assert.Equal(EntryCodes.IdUnknown, refused.Code);
        Assert.Equal(0.5m, Assert.Single((await books.PnlAsync("mine")).Positions).Quantity);
    }

    [Fact]
    public async Task What_is_held_once_is_given_away_once_however_many_ask()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "btc", 3m, 50_000m, Books.First + 20));
        Task<LedgerResult>[] sales = [.. Enumerable.Range(0, 20).Select(i => books.PostAsync("mine", Books.Trade($"s{i}", EntryKind.Sell, "btc", 1m, 50_000m, Books.First + 40 + i)))];
        await Task.WhenAll(sales).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(3, sales.Count(sale => sale.IsCompletedSuccessfully));
        Assert.All(sales.Where(sale => sale.IsFaulted), sale => Assert.IsType<LedgerRefusedException>(sale.Exception!.InnerException));
        Assert.Equal(0m, Assert.Single((await books.PnlAsync("mine")).Positions).Quantity);
    }

    [Fact]
    public async Task What_has_no_rate_is_missing_and_left_out_until_its_own_rate_comes()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine");
        await books.PostAsync(
            "mine",
            Books.Trade("a", EntryKind.Buy, "btc", 1m, 50_000m, Books.First + 20),
            Books.Trade("b", EntryKind.Buy, "doge", 1000m, 0.5m, Books.First + 30),
            new() { Id = "c", Time = BarTime.Close(Books.First + 50), Kind = EntryKind.Deposit, Token = "shib", Quantity = 7m, Fees = [] });

        PortfolioReport report = await books.PnlAsync("mine");
        Assert.False(report.Complete);
        Assert.Equal((50_000m, Books.Rate(50_000m, Books.Last)), (report.Contributions, report.MarketValue));
        Assert.Contains(report.Missing, missing => missing.StartsWith("doge/usd@", StringComparison.Ordinal));
        Assert.Contains($"shib/usd@{BarTime.Close(Books.First + 50):yyyy-MM-ddTHH:mm:ssZ}", report.Missing);
        PositionReport doge = report.Positions.Single(position => position.Token == "doge");
        Assert.Equal((null, null, 500m), ((Amount?)doge.MarketValue, (Amount?)doge.TotalPnl, doge.CostBasis));

        // A rate of now values what is held; it does not tell what a deposit was worth when it came.
        foreach (string token in (string[])["doge", "shib"])
        {
            await books.Client.RegisterTokenAsync(token, new(), Cancellation);
            await books.Cluster.IngestAsync(token, new Bar(Books.Last, 0.25m));
        }

        PortfolioReport later = await books.PnlAsync("mine");
        Assert.Equal([$"shib/usd@{BarTime.Close(Books.First + 50):yyyy-MM-ddTHH:mm:ssZ}"], later.Missing);
        Assert.Equal(report.MarketValue + 250m, later.MarketValue);
        Assert.Equal((BarTime.Close(Books.Last), null), (later.Positions.Single(position => position.Token == "doge").RateAsOf, doge.RateAsOf));
        Assert.True(later.Revision > report.Revision);

        await books.Cluster.IngestAsync("shib", new Bar(Books.First + 49, 2m));
        PortfolioReport known = await books.PnlAsync("mine");
        Assert.True(known.Complete);
        Assert.Equal((50_514m, later.MarketValue + 1.75m), (known.Contributions, known.MarketValue));
        Assert.Equal(known.TotalPnl, known.MarketValue - known.Contributions);
    }

    [Fact]
    public async Task New_bars_late_bars_and_corrected_ones_flow_into_every_portfolio_as_if_they_had_been_right_from_the_start()
    {
        await using Books books = await Books.WithRatesAsync();
        PortfolioEntry[] ledger = Books.Ledger(5, 60);
        await books.PutAsync("before", CostBasis.Lifo, shorts: true);
        await books.PostAsync("before", ledger);
        PortfolioReport last = await books.PnlAsync("before");
        Random random = new(5);
        for (int i = 0; i < 12; i++)
        {
            books.Cluster.Clock.Advance(TimeSpan.FromMinutes(5));
            string token = (string[])["btc", "eur", "mona", "ltc"] is var tokens ? tokens[i % 4] : "";
            await books.Cluster.IngestAsync(token, new Bar(Books.Last + i, 1.5m + i), new Bar(Books.First + random.Next(Books.Bars), 3m + i));
            PortfolioReport next = await books.PnlAsync("before");
            Assert.True(next.Revision > last.Revision && next.AsOf >= last.AsOf, $"{last.Revision} {last.AsOf} became {next.Revision} {next.AsOf}");
            last = next;
        }

        await books.PutAsync("after", CostBasis.Lifo, shorts: true);
        await books.PostAsync("after", ledger);
        Assert.Equal(await PortfolioText.OfAsync(books.Client, "after"), await PortfolioText.OfAsync(books.Client, "before"));
    }

    [Fact]
    public async Task A_long_ledger_that_grows_and_is_corrected_answers_as_one_that_is_written_at_once()
    {
        await using Books books = await Books.WithRatesAsync();
        (string Token, string Currency, decimal Price)[] markets = [("btc", "usd", 50_000m), ("ltc", "usd", 80.5m), ("mona", "eur", 0.7m)];
        List<PortfolioEntry> ledger = [.. Enumerable.Range(0, 2_300).Select(i =>
            Books.Trade($"t{i:0000}", i % 5 == 4 ? EntryKind.Sell : EntryKind.Buy, markets[i % 3].Token, i % 5 == 4 ? 0.5m : 1 + i % 7, markets[i % 3].Price, Books.First + 1 + i / 5, markets[i % 3].Currency))];
        await books.PutAsync("grown");
        int times = 0;
        async Task AssertAsync()
        {
            string fresh = $"fresh{times++}";
            await books.PutAsync(fresh);
            await books.PostAsync(fresh, [.. ledger]);
            PortfolioReport grown = await books.PnlAsync("grown"), whole = await books.PnlAsync(fresh);
            Assert.NotNull(whole.Twr);
            Assert.Equal((whole.Twr, whole.Mwr, whole.TotalPnl, whole.Positions.Length), (grown.Twr, grown.Mwr, grown.TotalPnl, grown.Positions.Length));
            DateTimeOffset at = BarTime.Close(Books.First + 300);
            Assert.Equal((await books.PnlAsync(fresh, at)).Twr, (await books.PnlAsync("grown", at)).Twr);
        }

        PortfolioEntry[] all = [.. ledger];
        ledger = [.. all[..1_500]];
        await books.PostAsync("grown", all[..1_500]);
        await AssertAsync();
        ledger = [.. all[..^1]];
        await books.PostAsync("grown", all[1_500..^1]);
        await AssertAsync();
        ledger = [.. all];
        await books.PostAsync("grown", all[^1]);
        await AssertAsync();
        ledger[1_200] = ledger[1_200] with { Quantity = 9m };
        await books.Client.CorrectEntryAsync("grown", ledger[1_200], Cancellation);
        await AssertAsync();
        ledger.RemoveAt(2_010);
        await books.Client.DeleteEntryAsync("grown", "t2010", Cancellation);
        await AssertAsync();
        await books.Cluster.IngestAsync("btc", new Bar(Books.First + 250, 12_345m));
        await AssertAsync();
    }

    [Fact]
    public async Task After_a_bar_of_every_token_portfolios_are_revalued_without_a_call_to_any_token()
    {
        int calls = 0;
        await using Books books = await Books.WithRatesAsync(configure: silo => silo.AddIncomingGrainCallFilter(call =>
        {
            if (call.InterfaceMethod.DeclaringType == typeof(ITokenGrain) && call.MethodName.StartsWith("GetRates", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref calls);
            }

            return call.Invoke();
        }));
        books.Cluster.Clock.Advance(TimeSpan.FromMinutes(5)); // the next bar has closed
        string[] portfolios = [.. Enumerable.Range(0, 10).Select(i => $"p{i}")];
        foreach (string portfolio in portfolios)
        {
            await books.PutAsync(portfolio, shorts: true);
            await books.PostAsync(portfolio, Books.Ledger(portfolio[1], 20));
            await books.PnlAsync(portfolio);
        }

        Assert.True(calls > 0); // what was converted in the past was asked for
        calls = 0;
        foreach (string token in (string[])["btc", "ltc", "mona", "eur"])
        {
            await books.Cluster.IngestAsync(token, new Bar(Books.Last + 1, 2m));
        }

        foreach (string portfolio in portfolios)
        {
            PortfolioReport report = await books.PnlAsync(portfolio);
            Assert.Equal(BarTime.Close(Books.Last + 1), report.AsOf);
            Assert.Equal(2m, report.Positions.Single(position => position.Token == "btc").Rate);
            Assert.All(report.Positions.Where(position => !position.Quantity.IsZero && position.Token != "usd"), position => Assert.Equal(BarTime.Close(Books.Last + 1), position.RateAsOf));
        }

        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task As_of_and_revision_do_not_go_back_when_what_they_came_from_is_deleted_not_even_by_a_restart()
    {
        using TemporaryFolder folder = new();
        PortfolioReport last;
        await using (Books books = await Books.WithRatesAsync(folder.Path))
        {
            await books.Client.RegisterTokenAsync("old", new(), Cancellation);
            await books.Cluster.IngestAsync("old", new Bar(Books.First, 2m));
            await books.PutAsync("mine");
            await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "old", 1m, 2m, Books.First + 2), Books.Trade("b", EntryKind.Buy, "btc", 1m, 2m, Books.First + 3));
            last = await books.PnlAsync("mine");
            await books.Client.DeleteEntryAsync("mine", "b", Cancellation);
            PortfolioReport next = await books.PnlAsync("mine");
            Assert.Equal((last.AsOf, true), (next.AsOf, next.Revision > last.Revision));
            last = next;
        }

        await using Books again = await Books.OpenAsync(folder.Path);
        PortfolioReport after = await again.PnlAsync("mine");
        Assert.Equal((last.AsOf, last.Revision), (after.AsOf, after.Revision));
    }

    [Fact]
    public async Task A_portfolio_that_could_not_be_set_up_in_one_currency_keeps_its_revision_in_another()
    {
        using TemporaryFolder folder = new();
        await using (Books books = await Books.WithRatesAsync(folder.Path))
        {
            await books.Client.RegisterTokenAsync("chf", new(), Cancellation);
            await books.Cluster.IngestAsync("chf", [.. Enumerable.Range(0, 50).Select(i => new Bar(Books.First + i, 1.1m))]);
        }

        long revision;
        await using (Books books = await Books.OpenAsync(folder.Path))
        {
            WatchedToken chf = books.Cluster.Store.Watch("chf");
            chf.BeforeLoad = () => throw new IOException("the disk does not answer");
            await books.Cluster.Orleans.DeactivateAsync(books.Cluster.Token("chf"));
            IPortfolioGrain mine = books.Cluster.Orleans.Client.GetGrain<IPortfolioGrain>(PortfolioOwner.Key(PortfolioOwner.Local, "mine"));
            await Assert.ThrowsAnyAsync<Exception>(() => mine.Put(new() { BaseCurrency = "chf" }));
            chf.BeforeLoad = () => Task.CompletedTask;
            revision = (await books.Client.PutPortfolioAsync("mine", new() { BaseCurrency = "usd" }, Cancellation)).Portfolio!.Revision;
        }

        await using Books again = await Books.OpenAsync(folder.Path);
        Assert.Equal(revision, (await again.Client.GetPortfolioAsync("mine", Cancellation)).Revision);
    }

    [Fact]
    public async Task Every_point_of_a_series_is_the_PnL_at_its_time_and_pages_join()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine", CostBasis.Avco, shorts: true);
        await books.PostAsync("mine", Books.Ledger(6, 40));
        PortfolioSeries series = await books.Client.GetPortfolioSeriesAsync("mine", new() { Interval = Interval.FourHours }, Cancellation);
        Assert.True(series.Time.Length > 8);
        for (int i = 0; i < series.Time.Length; i++)
        {
            PortfolioReport report = await books.PnlAsync("mine", DateTimeOffset.FromUnixTimeSeconds(series.ValuedAt[i]));
            Assert.Equal(
                (report.MarketValue.ToDecimal(), report.RealisedPnl.ToDecimal(), report.UnrealisedPnl.ToDecimal(), report.TotalPnl.ToDecimal(), report.Contributions.ToDecimal(), report.Twr),
                (series.MarketValue.Nearest[i], series.RealisedPnl.Nearest[i], series.UnrealisedPnl.Nearest[i], series.TotalPnl.Nearest[i], series.Contributions.Nearest[i], series.Twr[i]));
        }

        PortfolioReport now = await books.PnlAsync("mine");
        Assert.Equal(now.TotalPnl.ToDecimal(), series.TotalPnl.Nearest[^1]);
        List<decimal> paged = [];
        for (DateTimeOffset? from = BarTime.Open(0); from is not null;)
        {
            PortfolioSeries page = await books.Client.GetPortfolioSeriesAsync("mine", new() { Interval = Interval.FourHours, From = from == BarTime.Open(0) ? null : from, Limit = 3 }, Cancellation);
            paged.AddRange(page.TotalPnl.Nearest);
            from = page.Next;
        }

        Assert.Equal(series.TotalPnl.Nearest, paged);
    }

    [Fact]
    public async Task Lots_account_for_what_was_realised_and_what_is_held()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.PutAsync("mine", shorts: true);
        await books.PostAsync("mine", Books.Ledger(7, 60));
        PortfolioReport report = await books.PnlAsync("mine");
        LotReport[] lots = (await books.Client.GetLotsAsync("mine", new(), Cancellation)).Items;
        foreach (PositionReport position in report.Positions)
        {
            LotReport[] own = [.. lots.Where(lot => lot.Token == position.Token)];
            Assert.Equal(position.RealisedPnl, own.Aggregate(Amount.Zero, (sum, lot) => sum + (lot.Gain ?? Amount.Zero)));
            Assert.Equal(position.Quantity, own.Where(lot => lot.ClosedBy is null).Aggregate(Amount.Zero, (sum, lot) => sum + lot.Quantity));
            Assert.Equal(position.CostBasis, own.Where(lot => lot.ClosedBy is null).Aggregate(Amount.Zero, (sum, lot) => sum + lot.Cost!.Value));
        }

        LotsPage page = await books.Client.GetLotsAsync("mine", new("btc", 2, 3), Cancellation);
        Assert.Equal(lots.Where(lot => lot.Token == "btc").Skip(2).Take(3), page.Items);
        Assert.True(page.HasMore);
    }

    [Fact]
    public async Task Other_terms_read_the_same_ledger_and_are_refused_where_it_does_not_go_with_them()
    {
        await using Books books = await Books.WithRatesAsync();
        PortfolioEntry[] ledger = Books.Ledger(8, 60);
        await books.PutAsync("moved", shorts: true);
        await books.PostAsync("moved", ledger);
        await Assert.ThrowsAsync<LedgerRefusedException>(() => books.PutAsync("moved", shorts: false));
        await books.PutAsync("moved", CostBasis.Hifo, shorts: true, cash: true, currency: "eur");

        await books.PutAsync("there", CostBasis.Hifo, shorts: true, cash: true, currency: "eur");
        await books.PostAsync("there", ledger);
        Assert.Equal(await PortfolioText.OfAsync(books.Client, "there"), await PortfolioText.OfAsync(books.Client, "moved"));
    }

    [Fact]
    public async Task A_rate_is_stale_from_when_it_is_older_than_its_token_allows_until_a_newer_one_comes()
    {
        await using Books books = await Books.WithRatesAsync();
        await books.Client.RegisterTokenAsync("ltc", new() { StalenessSeconds = 3600 }, Cancellation);
        await books.PutAsync("mine");
        await books.PostAsync("mine", Books.Trade("a", EntryKind.Buy, "btc", 1m, 1m, Books.Last - 9), Books.Trade("b", EntryKind.Buy, "ltc", 1m, 1m, Books.Last - 9), Books.Trade("c", EntryKind.Buy, "mona", 1m, 1m, Books.Last - 9));
        PortfolioReport first = await books.PnlAsync("mine");
        Assert.All(first.Positions, position => Assert.False(position.Stale));
        books.Cluster.Clock.Advance(BarTime.Close(Books.Last).AddSeconds(900) - Books.Now);
        Assert.Empty(Stale(await books.PnlAsync("mine"))); // to the second

        books.Cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        PortfolioReport later = await books.PnlAsync("mine");
        Assert.Equal(["btc", "mona"], Stale(later));
        Assert.Equal(first.Revision, later.Revision);

        // One whose rate leads over a stale one is stale.
        await books.Cluster.IngestAsync("btc", new Bar(Books.Last + 1, 5m));
        await books.Cluster.IngestAsync("mona", new Bar(Books.Last + 1, 5m));
        Assert.Equal(["mona"], Stale(await books.PnlAsync("mine")));
        await books.Cluster.IngestAsync("eur", new Bar(Books.Last + 1, 5m));
        Assert.Empty(Stale(await books.PnlAsync("mine")));

        // As of then it was fresh.
        books.Cluster.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["btc", "ltc", "mona"], Stale(await books.PnlAsync("mine")));
        Assert.Empty(Stale(await books.PnlAsync("mine", BarTime.Close(Books.Last))));

        static IEnumerable<string> Stale(PortfolioReport report) => report.Positions.Where(position => position.Stale).Select(position => position.Token);
    }

    [Fact]
    public async Task A_portfolio_that_is_deleted_is_gone_and_one_of_its_id_that_comes_later_starts_empty_and_goes_on_from_its_revision()
    {
        using TemporaryFolder folder = new();
        long revision;
        await using (Books books = await Books.WithRatesAsync(folder.Path))
        {
            foreach (string portfolio in (string[])["mine", "other", "third"])
            {
                await books.PutAsync(portfolio, CostBasis.Hifo, shorts: true);
                await books.PostAsync(portfolio, Books.Ledger(9, 20));
            }

            revision = (await books.PnlAsync("mine")).Revision;
            await books.Client.DeletePortfolioAsync("mine", Cancellation);
            await books.Client.DeletePortfolioAsync("third", Cancellation);
            await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.PnlAsync("mine"));
            await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.PostAsync("mine", Books.Ledger(9, 1)));
            await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.Client.DeletePortfolioAsync("mine", Cancellation));
            Assert.Equal(["other"], (await books.Client.ListPortfoliosAsync(cancellation: Cancellation)).Select(portfolio => portfolio.Id));

            await books.PutAsync("third");
            Assert.Empty((await books.Client.GetEntriesAsync("third", cancellation: Cancellation)).Items);
            PortfolioReport third = await books.PnlAsync("third");
            Assert.True(third.Revision > revision, $"{third.Revision} is not above {revision}");
            Assert.Equal((CostBasis.Fifo, 0m), (third.CostBasis, third.Contributions));
        }

        await using Books again = await Books.OpenAsync(folder.Path);
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => again.PnlAsync("mine"));
        await again.PutAsync("mine", shorts: true);
        Assert.True((await again.PnlAsync("mine")).Revision > revision);
        await again.PostAsync("mine", Books.Ledger(9, 20));
        Assert.Equal(20, (await again.Client.GetEntriesAsync("other", cancellation: Cancellation)).Items.Length);
        Assert.Equal(
            [("mine", CostBasis.Fifo), ("other", CostBasis.Hifo)],
            (await again.Client.ListPortfoliosAsync(limit: 2, cancellation: Cancellation)).Select(portfolio => (portfolio.Id, portfolio.CostBasis)));
        Assert.Equal(["third"], (await again.Client.ListPortfoliosAsync("other", 2, Cancellation)).Select(portfolio => portfolio.Id));
    }

    [Fact]
    public async Task A_portfolio_that_nobody_set_up_is_unknown()
    {
        await using Books books = await Books.OpenAsync();
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.PnlAsync("nobody"));
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.PostAsync("nobody", Books.Trade("a", EntryKind.Buy, "btc", 1m, 1m, Books.First)));
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.Client.GetLotsAsync("nobody", new(), Cancellation));
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => books.Client.DeletePortfolioAsync("nobody", Cancellation));
    }
}
