using System.Diagnostics;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;
using Pnl.Grains;
using Pnl.Rates.Simulation;
using Pnl.Tests.Cluster.Backfills;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>
/// A day of the simulated market through the streams of three silos, with events lost, doubled, late and wrong, and silos
/// killed, by seed: what comes late or never is there in the end, and what was wrong is right.
/// </summary>
public sealed class ChaosTests
{
    private const int Slots = BarTime.BarsPerDay, Silos = 3, Known = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_day_ends_bit_equal_to_a_batch_over_the_same_bars() => PlayAsync(1);

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(2)]
    [InlineData(3)]
    public Task Other_days_end_bit_equal_to_a_batch_over_the_same_bars(int seed) => PlayAsync(seed);

    /// <summary>The same for the seeds from 1 to <c>Pnl__Stress__Seeds</c>, 20 by default.</summary>
    [Fact(Explicit = true)]
    public async Task Many_days_end_so()
    {
        int seeds = int.Parse(Environment.GetEnvironmentVariable("Pnl__Stress__Seeds") ?? "20", CultureInfo.InvariantCulture);
        for (int seed = 1; seed <= seeds; seed++)
        {
            await PlayAsync(seed);
            TestContext.Current.SendDiagnosticMessage($"seed {seed} of {seeds}: bit-equal");
        }
    }

    internal static async Task PlayAsync(int seed, string? azure = null)
    {
        Random random = new(seed);
        await using SimulatedPast past = await SimulatedPast.StartAsync(silos: Silos, azure: azure);
        IReadOnlyList<SimulatedToken> tokens = past.Listed;
        foreach (SimulatedToken token in tokens)
        {
            await past.Cluster.Client.RegisterTokenAsync(token.Id, new() { Quote = token.Quote, Sources = new() { ["simulated"] = token.Symbol } }, Cancellation);
        }

        int end = BarTime.SlotAt(SimulatedPast.Now), first = end - Slots;
        List<(string Token, RateEvent Bar)>[] arriving = Arrivals(past, tokens, first, end, random);
        foreach (SimulatedToken token in tokens)
        {
            // As a feed begins: what is known by then is handed over, and the streams go on from there.
            Bar[] known = past.Bars(token, first, first + Known);
            await past.Cluster.Client.IngestAsync(
                token.Id, Batches.Of(known) with { CoveredFrom = BarTime.OpenSeconds(first), CoveredTo = BarTime.OpenSeconds(first + Known) }, Cancellation);
        }

        int[] deaths = [random.Next(40, 120), random.Next(140, 240)];
        for (int i = 0; i < arriving.Length; i++)
        {
            if (deaths.Contains(i))
            {
                InProcessTestCluster cluster = past.Cluster.Orleans;
                await cluster.KillSiloAsync(cluster.Silos[random.Next(1, cluster.Silos.Count)], Cancellation);
                await cluster.StartAdditionalSiloAsync();
            }

            await PublishAsync(past, arriving[i], bySingles: i % 2 == 0);
        }

        // Nothing is missing in the end, though some rates are wrong whose correction died with a silo: the comparison with
        // the source's history sets them right.
        using CancellationTokenSource whole = new();
        Task clock = AdvanceAsync(past, whole.Token);
        foreach (SimulatedToken token in tokens)
        {
            await WholeAsync(past, token, first, past.Bars(token, first, end)[^1].Slot + 1);
        }

        BackfillStatus compared = await past.EndAsync((await past.BackfillAsync(
            past.Request() with { Kind = BackfillKind.Reconciliation, From = BarTime.Open(first), To = BarTime.Open(end) })).Id);
        await whole.CancelAsync();
        await clock;
        Assert.Equal((BackfillPhase.Completed, 0), (compared.Phase, compared.Tokens.Failed));
        foreach (SimulatedToken token in tokens)
        {
            await CleanBuild.AssertStoredAsync(past.Cluster.Store.Inner, token.Id, past.Bars(token, first, end));
        }
    }

    /// <summary>What arrives slot by slot; the last three slots arrive as they are, since with them comes the news of what is missing.</summary>
    private static List<(string Token, RateEvent Bar)>[] Arrivals(SimulatedPast past, IReadOnlyList<SimulatedToken> tokens, int first, int end, Random random)
    {
        List<(string, RateEvent)>[] arriving = [.. Enumerable.Range(first, end - first).Select(_ => new List<(string, RateEvent)>())];
        foreach (SimulatedToken token in tokens)
        {
            int covered = first + Known;
            foreach (Bar bar in past.Bars(token, first + Known, end))
            {
                int at = bar.Slot - first, later = Math.Min(at + random.Next(1, 4), arriving.Length - 1);
                RateEvent right = new(BarTime.OpenSeconds(bar.Slot), bar.Rate, BarTime.OpenSeconds(covered)), wrong = right with { Rate = bar.Rate * 2 };
                covered = bar.Slot + 1;
                bool calm = at >= arriving.Length - 3;
                (int Slot, RateEvent Bar)[] so = (calm ? 99 : random.Next(100)) switch
                {
                    < 3 => [], // lost
                    < 6 => [(at, right), (later, right)], // twice
                    < 11 => [(later, right)], // late
                    < 14 => [(at, wrong), (later, right)], // corrected
                    _ => [(at, right)],
                };
                foreach ((int slot, RateEvent arrives) in so)
                {
                    arriving[slot].Add((token.Id, arrives));
                }
            }
        }

        return arriving;
    }

    private static async Task PublishAsync(SimulatedPast past, List<(string Token, RateEvent Bar)> bars, bool bySingles)
    {
        IStreamProvider streams = past.Cluster.Orleans.Client.GetStreamProvider(RateEvent.StreamProvider);
        foreach (IGrouping<int, (string Token, RateEvent Bar)> some in bars.GroupBy(bar => RatesEvent.PartitionOf(bar.Token)))
        {
            await UntilTakenAsync(async () =>
            {
                if (bySingles)
                {
                    foreach ((string token, RateEvent bar) in some)
                    {
                        await past.Cluster.Stream(token).OnNextAsync(bar);
                    }

                    return;
                }

                await streams.GetStream<RatesEvent>(StreamId.Create(RatesEvent.StreamNamespace, some.Key.ToString(CultureInfo.InvariantCulture))).OnNextAsync(new(
                    [.. some.Select(bar => bar.Token)], [.. some.Select(bar => bar.Bar.Time)], [.. some.Select(bar => bar.Bar.Rate)], [.. some.Select(bar => bar.Bar.CoveredFrom!.Value)]));
            });
        }
    }

    /// <summary>A queue that died with its silo refuses for a moment, as any producer knows.</summary>
    private static async Task UntilTakenAsync(Func<Task> publish)
    {
        for (long began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await publish();
                return;
            }
            catch (Exception) when (Stopwatch.GetElapsedTime(began) < Patience.Limit)
            {
                await Task.Delay(250, Cancellation);
            }
        }
    }

    private static async Task WholeAsync(SimulatedPast past, SimulatedToken token, int from, int to)
    {
        TimeRange[]? unread = null;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Patience.Limit; await Task.Delay(20, Cancellation))
        {
            try
            {
                unread = await past.Cluster.Token(token.Id).GetUnread(BarTime.Open(from), BarTime.Open(to));
                if (unread is [])
                {
                    return;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // its silo is gone, and the cluster does not know yet
            }
        }

        Assert.Fail($"{token.Id} still lacks {string.Join(", ", unread?.Select(range => $"{range.From:HH:mm}-{range.To:HH:mm}") ?? ["everything"])} of {BarTime.Open(from):u} to {BarTime.Open(to):u}");
    }

    private static async Task AdvanceAsync(SimulatedPast past, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            past.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(Task.Delay(5, until));
        }
    }
}
