using Pnl.Grains;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>A missing bar is absent at the source, or has not been fetched, and the answers tell them apart.</summary>
public sealed class CoverageTests(PnlCluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(60 * BarTime.BarsPerDay)]
    public async Task Complete_is_said_only_when_the_source_was_read_over_every_hole(int age)
    {
        string id = await cluster.NewTokenAsync("holes");
        int at = RegularBars.Last - 30 - age;
        await cluster.IngestAsync(id, [RegularBars.At(at), RegularBars.At(at + 10), RegularBars.At(at + 20)]);
        if (age > 0)
        {
            // A much later bar seals the month of the holes; between, everything was read.
            await cluster.Client.IngestAsync(id, Batches.Of([RegularBars.At(RegularBars.Last)], new SlotRange(at + 20, RegularBars.Last)), Cancellation);
        }

        TokenCoverage nothing = await cluster.Client.GetCoverageAsync(id, cancellation: Cancellation);
        Assert.Equal(18, nothing.Coverage.MissingBars);
        Assert.Equal([Range(at + 1, at + 10), Range(at + 11, at + 20)], nothing.Coverage.Missing);
        Assert.False((await cluster.Client.GetPnlAsync(id, Cancellation)).Complete);

        await cluster.Client.IngestAsync(id, Batches.Of([], new SlotRange(at - 5, at + 10)), Cancellation);
        TokenCoverage half = await cluster.Client.GetCoverageAsync(id, cancellation: Cancellation);
        Assert.Equal([Range(at + 1, at + 10)], half.Coverage.Absent[..1]);
        Assert.Equal([Range(at + 11, at + 20)], half.Coverage.Missing);
        Assert.Equal((false, true, false), (
            (await cluster.Client.GetPnlAsync(id, Cancellation)).Complete,
            (await cluster.Client.GetWindowAsync(id, new(BarTime.Open(at), BarTime.Close(at + 10)), Cancellation)).Complete,
            (await cluster.Client.GetSeriesAsync(id, new() { From = BarTime.Open(at + 5), To = BarTime.Open(at + 12) }, Cancellation)).Complete));

        // The source had one bar more than we knew of.
        await cluster.Client.IngestAsync(id, Batches.Of([RegularBars.At(at + 15)], new SlotRange(at + 10, at + 20)), Cancellation);
        TokenCoverage all = await cluster.Client.GetCoverageAsync(id, cancellation: Cancellation);
        Assert.Equal((0L, 17L + (age > 0 ? RegularBars.Last - at - 21 : 0)), (all.Coverage.MissingBars, all.Coverage.AbsentBars));
        Assert.Equal([Range(at + 1, at + 10), Range(at + 11, at + 15), Range(at + 16, at + 20)], all.Coverage.Absent[..3]);
        Assert.Empty(all.Coverage.Missing);
        Assert.True((await cluster.Client.GetPnlAsync(id, Cancellation)).Complete);
        Assert.True((await cluster.Client.GetRatesAsync(id, new(), Cancellation)).Complete);
    }

    [Fact]
    public async Task Coverage_lists_the_newest_ranges_and_says_that_there_are_more()
    {
        string id = await cluster.NewTokenAsync("combed");
        await cluster.IngestAsync(id, RegularBars.UpToNow(10, step: 2));
        TokenCoverage coverage = await cluster.Client.GetCoverageAsync(id, 3, Cancellation);
        Assert.Equal((true, 9L, 3), (coverage.Coverage.Truncated, coverage.Coverage.MissingBars, coverage.Coverage.Missing.Length));
        Assert.Equal(Range(RegularBars.Last - 1, RegularBars.Last), coverage.Coverage.Missing[^1]);
        Assert.False((await cluster.Client.GetCoverageAsync(id, 9, Cancellation)).Coverage.Truncated);
    }

    [Fact]
    public async Task Nothing_that_is_not_closed_yet_is_covered()
    {
        string id = await cluster.NewTokenAsync("eager");
        await cluster.Client.IngestAsync(id, Batches.Of([RegularBars.At(RegularBars.Last)], new SlotRange(RegularBars.Last, RegularBars.Last + 500)), Cancellation);
        Assert.Equal([Range(RegularBars.Last, RegularBars.Last + 1)], (await cluster.Client.GetCoverageAsync(id, cancellation: Cancellation)).Coverage.Fetched);
    }

    private static TimeRange Range(int from, int to) => new(BarTime.Open(from), BarTime.Open(to));
}
