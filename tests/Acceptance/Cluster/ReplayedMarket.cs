using System.Globalization;
using Pnl.Rates;
using Pnl.Rates.Simulation;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// Some tokens of the simulated market as files that a cluster plays as its feed, faster than time: the feed publishes to
/// the hub as it does live, boundary by boundary.
/// </summary>
internal sealed class ReplayedMarket : IDisposable
{
    private const int Longest = 5_000, MostBars = 4_000_000; // slots of a token, bars of all
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6), BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly DataFolder _folder = new();
    private readonly Dictionary<string, Bar[]> _bars = new(StringComparer.Ordinal);
    private readonly string _speed;
    private int _settled; // the slot up to which nothing is missing

    /// <param name="seed">Decides all rates.</param>
    /// <param name="tokens">How many tokens.</param>
    /// <param name="secondsASlot">How fast they are played.</param>
    public ReplayedMarket(int seed, int tokens, double secondsASlot)
    {
        int slots = Math.Min(Longest, MostBars / tokens);
        _speed = (BarTime.SecondsPerBar / secondsASlot).ToString(CultureInfo.InvariantCulture);
        SimulatedMarket market = new(new() { Seed = (ulong)seed, Tokens = 2 * tokens + 100 });
        int end = BarTime.SlotAt(TimeProvider.System.GetUtcNow()) - 1;
        foreach (SimulatedToken token in market.Tokens.Where(token => token.ListedSlot < end - slots && token.DelistedSlot is null).Take(tokens))
        {
            Bar[] bars = [.. Enumerable.Range(end - slots, slots).Select(slot => market.TryRead(token.Index, slot, out Bar bar) ? bar : default).Where(bar => bar.Rate > 0)];
            string name = $"play{_bars.Count}";
            File.WriteAllLines(
                Path.Combine(_folder.Path, $"{name.ToUpperInvariant()}-USD.csv"),
                ["time,rate", .. bars.Select(bar => string.Create(CultureInfo.InvariantCulture, $"{BarTime.OpenSeconds(bar.Slot)},{bar.Rate}"))]);
            _bars.Add(name, bars);
        }
    }

    public IReadOnlyList<string> Tokens => [.. _bars.Keys];

    /// <summary>What makes it the feed of silos.</summary>
    public string[] Settings => ["--Pnl:Feed=replay", $"--Pnl:Replay:Path={_folder.Path}", $"--Pnl:Replay:Speed={_speed}"];

    /// <summary>Waits until the feed has gone on for some slots from now, and no token lacks a bar up to there.</summary>
    /// <returns>How many bars that are.</returns>
    public async Task<int> SettledAsync(HttpClient http, int slots)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        int mark = 0, bars = 0;
        foreach ((string token, Bar[] all) in _bars)
        {
            mark = Math.Max(mark, slots + ((await HeldAsync(http, token, patience.Token)) is [.., var last] ? last.Slot : all[0].Slot - 1));
        }

        Assert.True(mark < _bars.Values.Min(all => all[^1].Slot), "the market has come to its end, and what comes last nothing tells to be missing");
        foreach ((string token, Bar[] all) in _bars)
        {
            Bar[] expected = [.. all.Where(bar => bar.Slot <= mark)];
            bars += expected.Length;
            Bar[] held = [];
            while (!(held = await HeldAsync(http, token, patience.Token)).AsSpan().StartsWith(expected))
            {
                if (patience.IsCancellationRequested)
                {
                    Bar[] lacking = [.. expected.Except(held)];
                    Assert.Fail($"{token} lacks {lacking.Length} bars of {expected.Length}, the first of {BarTime.Open(lacking[0].Slot):u}, and has {held.Length}, up to {BarTime.Open(held.LastOrDefault().Slot):u}");
                }

                await Task.WhenAny(Task.Delay(BetweenLooks, patience.Token)); // bars on their way can only be asked for
            }
        }

        _settled = mark;
        return bars;
    }

    /// <summary>
    /// Asserts that a store holds of each token all bars up to where it last settled and beyond it none but the market's, byte for byte as a
    /// clean build of these has them. Silos that end while the feed goes on may leave a hole beyond: what was under way is taken
    /// when they start again.
    /// </summary>
    public async Task AssertStoredAsync(ISegmentStore store)
    {
        foreach ((string token, Bar[] bars) in _bars)
        {
            IReadOnlyList<Bar> stored = await Pnl.Tests.Cluster.CleanBuild.StoredAsync(store, token);
            Assert.Equal(bars.Where(bar => bar.Slot <= _settled), stored.Where(bar => bar.Slot <= _settled));
            Assert.Empty(stored.Except(bars));
            await Pnl.Tests.Cluster.CleanBuild.AssertStoredAsync(store, token, stored);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>What is answered; nothing if nothing is.</summary>
    private static async Task<Bar[]> HeldAsync(HttpClient http, string token, CancellationToken cancellation)
    {
        while (true)
        {
            Answer answer = await http.GetAnswerAsync($"/v1/tokens/{token}/rates?interval=5m&limit=100000");
            if (answer.Status == System.Net.HttpStatusCode.OK)
            {
                return [.. answer.Times().Zip(answer.Decimals("close"), (time, rate) => new Bar(BarTime.SlotAtSeconds(time), rate))];
            }

            if (cancellation.IsCancellationRequested)
            {
                Assert.Fail($"{token}: {(int)answer.Status}: {answer.Text}");
            }

            await Task.WhenAny(Task.Delay(BetweenLooks, cancellation)); // registered by the feed, which begins with the cluster
        }
    }
}
