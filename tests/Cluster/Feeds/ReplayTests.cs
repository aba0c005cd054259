using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>Files played through the streams as if live.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryFolder _files = new(), _store = new();

    private static readonly int First = BarTime.SlotAt(new DateTimeOffset(2021, 5, 19, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _files.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task As_fast_as_it_goes_every_bar_arrives_and_after_a_restart_it_goes_on_where_it_was()
    {
        Dictionary<string, Bar[]> bars = new()
        {
            ["aaa"] = Bars(0, 700, 3), // two days and some
            ["bbb"] = Bars(100, 600, 7),
            ["ccc"] = Bars(650, 660, 1),
        };
        foreach ((string id, Bar[] all) in bars)
        {
            Write(id, [.. all.Where(bar => bar.Slot < First + 400)]);
        }

        await PlayAsync(bars.ToDictionary(pair => pair.Key, pair => pair.Value.Where(bar => bar.Slot < First + 400).ToArray()));
        foreach ((string id, Bar[] all) in bars)
        {
            Write(id, all);
        }

        await PlayAsync(bars);
    }

    [Fact]
    public async Task At_a_speed_bars_come_when_their_time_has_come()
    {
        Bar[] bars = Bars(0, 10, 1);
        Write("aaa", bars);
        FakeTimeProvider clock = new(PnlCluster.Noon);
        await using PnlCluster cluster = Cluster(clock, speed: 60); // a bar every 5 seconds
        await cluster.InitializeAsync();
        await ProgressAsync(cluster, progress => progress.Phase == FeedPhase.Live);
        Assert.Equal(0, (await cluster.Client.GetTokenAsync("aaa", Cancellation)).Bars);
        for (int i = 0; i < bars.Length; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            await cluster.Store.Watch("aaa").NextWriteAsync(write => !write.History.IsEmpty && write.History.Life.LastSlot == bars[i].Slot);
            Assert.Equal(i + 1, (await cluster.Client.GetTokenAsync("aaa", Cancellation)).Bars);
        }
    }

    private async Task PlayAsync(Dictionary<string, Bar[]> bars)
    {
        await using PnlCluster cluster = Cluster(new(PnlCluster.Noon), speed: null);
        await cluster.InitializeAsync();
        int last = bars.Values.Where(all => all.Length > 0).Max(all => all[^1].Slot);
        await ProgressAsync(cluster, progress => progress.LastTick == BarTime.Open(last));
        foreach ((string id, Bar[] all) in bars.Where(pair => pair.Value.Length > 0))
        {
            await TokenAsync(cluster, id, all.Length);
            await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, all);
        }
    }

    private PnlCluster Cluster(FakeTimeProvider clock, double? speed)
    {
        FileSource files = new(_files.Path, clock, "replay");
        return new() { Folder = _store.Path, Clock = clock, Source = new ReplaySource(files, speed), CandleSources = [files] };
    }

    private void Write(string id, Bar[] bars) => File.WriteAllLines(
        Path.Combine(_files.Path, $"{id.ToUpperInvariant()}-USD.csv"),
        ["time,rate", .. bars.Select(bar => string.Create(CultureInfo.InvariantCulture, $"{BarTime.OpenSeconds(bar.Slot)},{bar.Rate}"))]);

    private static Bar[] Bars(int from, int to, int seed) =>
        [.. Enumerable.Range(First + from, to - from).Where(slot => (slot * seed) % 11 != 0).Select(slot => new Bar(slot, 1m + slot * seed % 97))];

    private static async Task ProgressAsync(PnlCluster cluster, Func<FeedProgress, bool> reached)
    {
        using CancellationTokenSource patience = new(Patience.Limit);
        while (!reached(await cluster.Client.GetFeedProgressAsync("replay", patience.Token)))
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private static async Task TokenAsync(PnlCluster cluster, string id, int bars)
    {
        using CancellationTokenSource patience = new(Patience.Limit);
        while ((await cluster.Client.GetTokenAsync(id, patience.Token)).Bars < bars)
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
