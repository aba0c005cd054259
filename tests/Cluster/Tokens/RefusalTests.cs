using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Tokens;

public sealed class RefusalTests(PnlCluster cluster)
{
    private static readonly Bar[] Good = RegularBars.UpToNow(3);
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bad_bars_of_a_batch_are_refused_one_by_one_with_index_and_code_and_the_good_ones_are_taken()
    {
        string id = await cluster.NewTokenAsync("mixed");
        long open = BarTime.OpenSeconds(Good[0].Slot);
        long next = BarTime.OpenSeconds(BarTime.SlotAt(PnlCluster.Noon) + 1);
        BarBatch batch = new()
        {
            Time = new[] { open, open, open + 7, open + 300, next, next + 300, -300, open + 600, long.MaxValue },
            Rate = new[] { 1.50m, 0m, 1m, -0.1m, 2m, 2m, 1m, 0.0000000000000000001m, 1m },
        };

        IngestResult result = await cluster.Client.IngestAsync(id, batch, Cancellation);

        Assert.Equal((2, 0, 0), (result.Accepted, result.Unchanged, result.Corrected));
        Assert.Equal(
            [
                new(1, open, "rate.zero"), new(2, open + 7, "time.unaligned"), new(3, open + 300, "rate.negative"),
                new(4, next, "bar.open"), new(5, next + 300, "time.inFuture"), new(6, -300, "time.outOfRange"), new(8, long.MaxValue, "time.outOfRange"),
            ],
            result.Rejected);
        RateCandles rates = await cluster.Client.GetRatesAsync(id, new(), Cancellation);
        Assert.Equal([open, open + 600], rates.Time);
        Assert.Equal(["1.5", "0.0000000000000000001"], rates.Close.Select(rate => rate.ToString(null, null)));
    }

    [Fact]
    public async Task A_batch_of_more_than_100_000_bars_or_of_unequal_columns_is_an_error_that_says_so_and_changes_nothing()
    {
        string id = await cluster.NewTokenAsync("large");
        BarBatch large = new() { Time = new long[100_001], Rate = new decimal[100_001] };
        ArgumentException tooMany = await Assert.ThrowsAsync<ArgumentException>(() => cluster.Client.IngestAsync(id, large, Cancellation));
        Assert.Contains("100000 at most; got 100001 times", tooMany.Message, StringComparison.Ordinal);

        BarBatch unequal = new() { Time = new long[] { 300, 600 }, Rate = new[] { 1m } };
        ArgumentException columns = await Assert.ThrowsAsync<ArgumentException>(() => cluster.Client.IngestAsync(id, unequal, Cancellation));
        Assert.Contains("got 2 times and 1 rates", columns.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), await cluster.Client.GetTokenAsync(id, Cancellation) is var token ? (token.Revision, token.Bars) : default);
    }

    [Fact]
    public async Task A_batch_of_100_000_bars_is_taken()
    {
        string id = await cluster.NewTokenAsync("largest");
        IngestResult result = await cluster.IngestAsync(id, RegularBars.UpToNow(100_000));
        Assert.Equal((100_000, 0), (result.Accepted, result.Rejected.Length));
    }

    [Fact]
    public async Task A_token_that_nobody_registered_is_null_to_the_grains_callers_and_an_exception_that_names_it_in_the_SDK()
    {
        ITokenGrain grain = cluster.Token("nobody");
        Assert.Null(await grain.Get());
        Assert.Null(await grain.GetPnl());
        Assert.Null(await grain.GetWindow(new(null, null)));
        Assert.Null(await grain.GetSeries(new(), TestContext.Current.CancellationToken));
        Assert.Null(await grain.GetRates(new(), TestContext.Current.CancellationToken));
        Assert.Null(await grain.GetCoverage(10, TestContext.Current.CancellationToken));
        Assert.Null(await grain.Ingest(Batches.Of(Good)));
        IPnlClient client = cluster.Client;
        Func<Task>[] calls =
        [
            () => client.GetTokenAsync("nobody", Cancellation), () => client.GetPnlAsync("nobody", Cancellation),
            () => client.GetWindowAsync("nobody", new(null, null), Cancellation), () => client.GetSeriesAsync("nobody", new(), Cancellation),
            () => client.GetRatesAsync("nobody", new(), Cancellation), () => client.GetCoverageAsync("nobody", 10, Cancellation),
            () => client.IngestAsync("nobody", Batches.Of(Good), Cancellation),
        ];
        foreach (Func<Task> call in calls)
        {
            TokenUnknownException unknown = await Assert.ThrowsAsync<TokenUnknownException>(call);
            Assert.Equal("nobody", unknown.Token);
        }

        Assert.Null(await cluster.Store.Inner.LoadAsync("nobody", Cancellation));
    }

    [Fact]
    public async Task The_quote_of_a_token_may_change_until_it_has_bars_and_then_no_more()
    {
        string id = await cluster.NewTokenAsync("quoted");
        Assert.Equal("eur", (await cluster.Client.RegisterTokenAsync(id, new() { Quote = "eur" }, Cancellation)).Token.Quote);
        await cluster.IngestAsync(id, Good);

        QuoteConflictException conflict = await Assert.ThrowsAsync<QuoteConflictException>(
            () => cluster.Client.RegisterTokenAsync(id, new() { Quote = "usd", Name = "Another" }, Cancellation));

        Assert.Equal("eur", conflict.Token?.Quote);
        RegisterResult same = await cluster.Client.RegisterTokenAsync(id, new() { Quote = "eur" }, Cancellation);
        Assert.Equal((false, conflict.Token!.Revision, id.ToUpperInvariant()), (same.Created, same.Token.Revision, same.Token.Name));
    }

    [Fact]
    public async Task The_same_bars_again_change_nothing_not_even_the_revision()
    {
        string id = await cluster.NewTokenAsync("again");
        IngestResult first = await cluster.Client.IngestAsync(id, Batches.Of(Good, new SlotRange(Good[0].Slot, Good[2].Slot)), Cancellation);
        IngestResult again = await cluster.Client.IngestAsync(id, Batches.Of(Good, new SlotRange(Good[0].Slot, Good[1].Slot)), Cancellation);
        Assert.Equal((3, 0, 4L), (first.Accepted, first.Unchanged, first.Revision));
        Assert.Equal((0, 3, 4L), (again.Accepted, again.Unchanged, again.Revision));
    }
}
