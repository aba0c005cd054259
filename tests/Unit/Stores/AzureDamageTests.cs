using System.Globalization;
using Pnl.Rates;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Bits of a cluster's storage are turned: it is seen, named, never answered as a figure, and made good where that can be.</summary>
public sealed class AzureDamageTests(Azurite azurite) : IClassFixture<Azurite>
{
    [Fact]
    public Task A_turned_bit_of_any_column_is_found_named_and_never_answered() => FlipAsync(3, isPrinted: false);

    /// <summary>A command: 1,000 bits of each column, with the table printed. Pnl__Flips says how many else.</summary>
    [Fact(Explicit = true)]
    public Task A_thousand_bits_of_each_column() => FlipAsync(int.Parse(Environment.GetEnvironmentVariable("Pnl__Flips") ?? "1000", CultureInfo.InvariantCulture), isPrinted: true);

    [Fact]
    public async Task Rows_of_a_release_without_checksums_are_read_and_get_theirs_when_they_are_written_next()
    {
        using DamagedTables store = await DamagedTables.NewAsync(azurite);
        SortedDictionary<string, string> right = await store.AnswersAsync();
        await store.StripAsync();
        AzureCheckResult before = await AzureCheck.RunAsync(store.Opened, Cancellation);
        Assert.Empty(before.Damaged);
        Assert.Equal(before.Rows, before.Unsummed);
        Assert.Equal(right, await store.AnswersAsync());

        await using AzureSegmentStore bars = await AzureSegmentStore.OpenAsync(store.Opened, OwnTables.NewWriter());
        OwnedToken btc = await OwnedToken.LoadAsync(bars, "btc");
        await btc.TakeAsync([new(BarTime.FirstSlotOfMonth(660) + 1, 5m)]); // seals a month anew, and so writes the index
        AzurePortfolioStore portfolios = await AzurePortfolioStore.OpenAsync(store.Opened, OwnTables.NewWriter());
        foreach (string id in (string[])["mine", "yours"])
        {
            StoredPortfolio stored = (await portfolios.LoadAsync(id, Cancellation))!;
            await portfolios.WriteAsync(new(id, stored.Key, 2, stored.Head with { Revision = 3 }, [stored.Entries.Single(entry => entry.Id == "e-3") with { Quantity = 9m }], ["e-4"]));
            Assert.Equal(stored.Entries.Count - 1, (await portfolios.LoadAsync(id, Cancellation))!.Entries.Count);
        }

        AzureCheckResult after = await AzureCheck.RunAsync(store.Opened, Cancellation);
        Assert.Empty(after.Damaged);
        Assert.True(after.Rows - after.Unsummed >= 9, $"{after}"); // row, index and month of the token; head and two entries of each portfolio
        Assert.Equal(btc.History.Months, (await bars.LoadAsync("btc", Cancellation))!.Months);
    }

    [Fact]
    public async Task A_check_names_a_month_that_is_gone()
    {
        using DamagedTables store = await DamagedTables.NewAsync(azurite);
        Assert.Empty((await AzureCheck.RunAsync(store.Opened, Cancellation)).Damaged);
        await store.DeleteAsync("months", row => row is { PartitionKey: "btc", RowKey: var key } && key.StartsWith("0660-", StringComparison.Ordinal));
        Assert.Equal("month 2025-01 of btc is not in the store", Assert.Single((await AzureCheck.RunAsync(store.Opened, Cancellation)).Damaged));
        IOException none = await Assert.ThrowsAsync<IOException>(() => AzureCheck.RunAsync(OwnTables.Of(azurite, OwnTables.NewPrefix()), Cancellation));
        Assert.Contains("set Pnl:AzureStorage:Prefix", none.Message, StringComparison.Ordinal);
    }

    /// <summary>What docs/operations.md says of rows that cannot be made good.</summary>
    [Fact]
    public async Task What_is_deleted_by_hand_is_no_longer_in_the_way()
    {
        using DamagedTables store = await DamagedTables.NewAsync(azurite);
        await store.DeleteAsync("tokens", row => row.RowKey == "eth");
        await store.DeleteAsync("portfolios", row => row.RowKey.EndsWith("-e-652D33", StringComparison.Ordinal) || row.PartitionKey == "yours"); // e-3 of mine
        await store.StripAsync("portfolios", row => row is { PartitionKey: "mine", RowKey: "head" }, "Sum", "EntriesSum");
        await store.DeleteAsync("portfoliolist", row => row.RowKey == "yours");

        await using AzureSegmentStore bars = await AzureSegmentStore.OpenAsync(store.Opened, OwnTables.NewWriter());
        OwnedToken eth = await OwnedToken.NewAsync(bars, "eth");
        await eth.TakeAsync([.. Enumerable.Range(0, 900).Select(i => new Bar(BarTime.FirstSlotOfMonth(661) + i, 1m + i))]);
        AzurePortfolioStore portfolios = await AzurePortfolioStore.OpenAsync(store.Opened, OwnTables.NewWriter());
        Assert.Null(await portfolios.LoadAsync("yours", Cancellation));
        await portfolios.WriteAsync(new("yours", null, 0, new(1, new("usd", CostBasis.Fifo, false, false), 0, null), [], []));
        StoredPortfolio mine = (await portfolios.LoadAsync("mine", Cancellation))!;
        Assert.Equal(["e-2", "e-4", "e-5"], mine.Entries.Select(entry => entry.Id).Order());
        await portfolios.WriteAsync(new("mine", mine.Key, 2, mine.Head with { Revision = 3 }, [], ["e-5"]));
        Assert.Equal(2, (await portfolios.LoadAsync("mine", Cancellation))!.Entries.Count);
        Assert.Equal(eth.History.Months, (await bars.LoadAsync("eth", Cancellation))!.Months);
        AzureCheckResult check = await AzureCheck.RunAsync(store.Opened, Cancellation);
        Assert.Empty(check.Damaged);
        Assert.Equal(0, check.Unsummed);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task FlipAsync(int times, bool isPrinted)
    {
        using DamagedTables store = await DamagedTables.NewAsync(azurite);
        SortedDictionary<string, string> right = await store.AnswersAsync();
        Assert.DoesNotContain(right.Values, answer => answer[0] == '!' || answer == "unknown");
        Assert.False(await store.IsFoundAsync());
        Random random = new(31);
        List<string> wrongs = [];
        foreach ((string kind, string column) in store.Columns())
        {
            (int flipped, int found, int wrong, int refused, int good) = (0, 0, 0, 0, 0);
            for (int tried = 0; tried < times * 6 && flipped < times; tried++)
            {
                if (await store.FlipAsync(kind, column, random) is not var (what, undo))
                {
                    continue;
                }

                flipped++;
                bool isFound = await store.IsFoundAsync();
                SortedDictionary<string, string> answers = await store.AnswersAsync();
                string[] other = [.. answers.Where(answer => answer.Value[0] != '!' && right.GetValueOrDefault(answer.Key) != answer.Value).Select(answer => answer.Key)];
                string[] no = [.. answers.Where(answer => answer.Value[0] == '!').Select(answer => answer.Key)];
                await undo();
                (found, wrong, refused, good) = (found + (isFound ? 1 : 0), wrong + (other.Length > 0 ? 1 : 0), refused + (no.Length > 0 ? 1 : 0), good + (other.Length + no.Length == 0 ? 1 : 0));
                if (!isFound || other.Length > 0 || no.Length > 2)
                {
                    wrongs.Add($"{what}: found {isFound}, wrong {string.Join("; ", other.Select(asked => $"{asked}: {answers[asked]}"))}, refused {string.Join(',', no)}");
                }
            }

            if (isPrinted)
            {
                Console.WriteLine($"{kind + "." + column,-30} flipped {flipped,5}  detected {found,5}  answered wrong {wrong,3}  refused by name {refused,5}  made good {good,5}");
            }
        }

        Assert.True(wrongs.Count == 0, string.Join("\n", wrongs.Take(20)));
        Assert.Equal(right, await store.AnswersAsync());
    }
}
