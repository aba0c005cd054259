using CsCheck;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>The state of a token is a pure function of its set of bars.</summary>
public sealed class IngestOrderTests(PnlCluster cluster)
{
    [Fact]
    public async Task Bars_that_come_by_stream_call_and_file_in_any_order_and_twice_are_what_a_clean_build_makes_of_them() =>
        await Gen.Select(RandomBars.OneToken.Array[2, 3], Gen.Int).SampleAsync(
            async (Bar[][] tokens, int seed) =>
            {
                string[] ids = await Task.WhenAll(tokens.Select(_ => cluster.NewTokenAsync("any")));
                await Task.WhenAll(tokens.Select((bars, i) => DeliverAsync(ids[i], bars, new Random(seed + i))));
                for (int i = 0; i < tokens.Length; i++)
                {
                    await CleanBuild.AssertStoredAsync(cluster.Store.Inner, ids[i], tokens[i]);
                    string clean = await cluster.NewTokenAsync("clean");
                    await cluster.IngestAsync(clean, tokens[i]);
                    Assert.Equal(await Answers.OfBarsAsync(cluster.Client, clean), await Answers.OfBarsAsync(cluster.Client, ids[i]));
                }
            },
            iter: 8, threads: 1);

    [Fact]
    public async Task A_correction_makes_everything_as_if_it_had_been_right_from_the_start() =>
        await Gen.Select(RandomBars.OneToken, Gen.Int).SampleAsync(
            async (Bar[] right, int seed) =>
            {
                Random random = new(seed);
                string id = await cluster.NewTokenAsync("corrected");
                Bar[] wrong = [.. right.Select(bar => random.Next(4) == 0 ? bar with { Rate = bar.Rate + random.Next(1, 100) } : bar)];
                Bar[] corrections = [.. right.Except(wrong)];
                await cluster.IngestAsync(id, wrong);
                long before = (await cluster.Client.GetTokenAsync(id, TestContext.Current.CancellationToken)).Revision;

                // Half of them come back as events, half as a call, whichever is first.
                Task events = cluster.PublishAsync(id, corrections.Where((_, i) => i % 8 == 0));
                IngestResult result = await cluster.IngestAsync(id, [.. corrections.Where((_, i) => i % 8 != 0)]);
                await events;
                await cluster.DrainAsync(id);

                Assert.Equal(corrections.Length - (corrections.Length + 7) / 8, result.Corrected);
                Assert.Equal(before + corrections.Length, (await cluster.Client.GetTokenAsync(id, TestContext.Current.CancellationToken)).Revision);
                await CleanBuild.AssertStoredAsync(cluster.Store.Inner, id, right);
                string clean = await cluster.NewTokenAsync("clean");
                await cluster.IngestAsync(clean, right);
                Assert.Equal(await Answers.OfBarsAsync(cluster.Client, clean), await Answers.OfBarsAsync(cluster.Client, id));
            },
            iter: 6, threads: 1);

    /// <summary>Deals the bars, some of them twice, to the three ways in, and goes all three at once.</summary>
    private async Task DeliverAsync(string id, Bar[] bars, Random random)
    {
        using TemporaryFolder folder = new();
        Bar[] dealt = [.. bars, .. bars.Where(_ => random.Next(5) == 0)];
        random.Shuffle(dealt);
        List<Bar> events = [];
        List<BarBatch> calls = [];
        for (int at = 0; at < dealt.Length;)
        {
            Bar[] hand = [.. dealt.Skip(at).Take(random.Next(1, 80))];
            at += hand.Length;
            switch (random.Next(3))
            {
                case 0:
                    events.AddRange(hand.Take(20));
                    calls.Add(Batches.Of([.. hand.Skip(20)]));
                    break;
                case 1:
                    calls.Add(Batches.Of(hand));
                    break;
                default:
                    string file = folder.File($"{at}{RateFiles.Endings[random.Next(3)]}");
                    RateFiles.Write(file, hand);
                    calls.AddRange(RateFiles.Read(file, rowsABatch: random.Next(1, 50)));
                    break;
            }
        }

        Task published = cluster.PublishAsync(id, events);
        await Task.WhenAll(calls.Chunk(2).Select(async some =>
        {
            foreach (BarBatch call in some)
            {
                IngestResult result = await cluster.Client.IngestAsync(id, call, TestContext.Current.CancellationToken);
                Assert.Equal(call.Time.Length, result.Accepted + result.Unchanged);
            }
        }));
        await published;
        await cluster.DrainAsync(id);
    }
}
