using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>A silo that keeps no month at hand, so that every answer reads the months that it needs from the store.</summary>
public sealed class ForgetfulCluster : IAsyncLifetime
{
    public PnlCluster Cluster { get; } = new() { CacheBytes = 0 };

    public ValueTask InitializeAsync() => Cluster.InitializeAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

/// <summary>What is answered is one durable state, also while the next one is on its way to the disk.</summary>
public sealed class ReadWhileWritingTests(PnlCluster cluster, ForgetfulCluster forgetful) : IClassFixture<ForgetfulCluster>
{
    // 100 days of hours, so that a correction at their begin rewrites a sealed month.
    private static readonly Bar[] Bars = RegularBars.UpToNow(2400, step: 12);
    private static readonly Bar[] Corrections = [.. Bars[3..30].Select(bar => bar with { Rate = bar.Rate * 3 })];
    private static readonly Bar[] Corrected = [.. Bars[..3], .. Corrections, .. Bars[30..]];

    private const string Slow = "slow";

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Reads_under_a_write_answer_the_state_before_it_and_the_new_one_when_the_write_is_told_durable(bool durable, bool nothingAtHand)
    {
        PnlCluster here = nothingAtHand ? forgetful.Cluster : cluster;
        string id = await here.NewTokenAsync("read");
        await here.IngestAsync(id, Bars);
        string before = await Answers.OfAsync(here.Client, id);
        TaskCompletionSource reached = new(), go = new();
        Task Hold(TokenWrite write)
        {
            reached.SetResult();
            return go.Task;
        }

        WatchedToken watch = here.Store.Watch(id);
        if (durable)
        {
            watch.AfterWrite = Hold;
        }
        else
        {
            watch.BeforeWrite = Hold;
        }

        Task<IngestResult> ingest = here.IngestAsync(id, Corrections);
        await reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before, await Answers.OfAsync(here.Client, id));

        go.SetResult();
        Assert.Equal(Corrections.Length, (await ingest).Corrected);
        await AssertCorrectedAsync(here, id);
    }

    [Fact]
    public async Task A_month_that_was_read_before_a_correction_and_arrives_after_it_is_not_taken_for_the_corrected_one()
    {
        string id = await cluster.NewTokenAsync("overtaken");
        await cluster.IngestAsync(id, Bars);
        await cluster.Orleans.DeactivateAsync(cluster.Token(id));
        TaskCompletionSource reached = new(), go = new();
        int reads = 0;
        cluster.Store.Watch(id).AfterRead = (_, _) =>
        {
            // Only of the series that is asked for below: the token reads for itself, too, to tell how it stands.
            if (RequestContext.Get(Slow) is null || Interlocked.Increment(ref reads) > 1)
            {
                return Task.CompletedTask;
            }

            reached.SetResult();
            return go.Task;
        };
        RequestContext.Set(Slow, true);
        Task<PnlSeries> slow = cluster.Client.GetSeriesAsync(
            id, new() { To = BarTime.Open(Bars[40].Slot), Interval = Interval.Hour }, TestContext.Current.CancellationToken);
        RequestContext.Remove(Slow);
        await reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        await cluster.IngestAsync(id, Corrections);
        go.SetResult();

        Assert.Equal(Corrected[..40].Select(bar => bar.Rate), (await slow).Rate);
        await AssertCorrectedAsync(cluster, id);

        // Nor is it what the next correction of that month is built on.
        await cluster.IngestAsync(id, Corrected[50] with { Rate = 7 });
        await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, [.. Corrected[..50], Corrected[50] with { Rate = 7 }, .. Corrected[51..]]);
    }

    private static async Task AssertCorrectedAsync(PnlCluster here, string id)
    {
        string clean = await here.NewTokenAsync("clean");
        await here.IngestAsync(clean, Corrected);
        Assert.Equal(await Answers.OfBarsAsync(here.Client, clean), await Answers.OfBarsAsync(here.Client, id));
        await CleanBuild.AssertStoredAsync(here.Store.Inner, id, Corrected);
    }
}
