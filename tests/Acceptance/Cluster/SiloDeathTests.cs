using Pnl.Tests.Acceptance.Durability;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// What befalls one silo of three: see <see cref="Seeds"/> for how to run it with more seeds,
/// <code>Pnl__Stress__Seeds=30 dotnet test -c Release tests/Acceptance --filter FullyQualifiedName~SiloDeath</code>
/// </summary>
public sealed class SiloDeathTests(Azurite azurite, QuietSilo untouched) : IClassFixture<Azurite>
{
    private const int Tokens = 200;
    private const string WithoutProbes = "--Pnl:Cluster:ProbeMilliseconds=60000"; // by which a silo is dead after three minutes

    public static TheoryData<int> AllSeeds => Seeds.All;

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public async Task Kill_9_of_one_of_three_silos_loses_nothing_and_takes_nothing_back(int seed)
    {
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString);
        Random random = new(seed);
        SiloProcess victim = cluster.Silos[random.Next(cluster.Silos.Count)];
        DisturbedIngest ingest = new("kill", seed, Tokens);
        string outcome = await ingest.RunAsync(
            cluster.Http, [.. cluster.Silos.Where(silo => silo != victim)], random.Next(100, 400),
            async () =>
            {
                cluster.Kill(victim);
                if (seed % 2 == 0)
                {
                    await cluster.AddSiloAsync();
                }
            },
            300);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {outcome}");
        Assert.Empty(ingest.FailedQueries);
        await ingest.CheckAsync(cluster.Http, untouched.Http);
    }

    /// <summary>In the short run <see cref="TlsTests"/> kill one of three.</summary>
    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Those_whose_processes_ended_are_dead_without_a_probe(int killed)
    {
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos: 3, withGateway: true, WithoutProbes);
        await AssertTokensOutliveAsync(cluster, [.. cluster.Silos.Take(killed)]);
    }

    /// <summary>
    /// Of two silos one has connected to the other, the one that came later in most cases, and both talk over that connection. So
    /// the first one has none of its own to those that came after it, and the last one has none that others made.
    /// </summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task The_first_silo_sees_that_the_others_have_ended() => AssertTheOneLeftSeesAsync(0);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task The_last_silo_sees_that_the_others_have_ended() => AssertTheOneLeftSeesAsync(2);

    private async Task AssertTheOneLeftSeesAsync(int left)
    {
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos: 1, withGateway: true, WithoutProbes);
        await cluster.AddSiloAsync();
        await cluster.AddSiloAsync();
        SiloProcess survivor = cluster.Silos[left];
        await AssertTokensOutliveAsync(cluster, [.. cluster.Silos.Where(silo => silo != survivor)]);
    }

    private static async Task AssertTokensOutliveAsync(ClusterProcesses cluster, SiloProcess[] killed)
    {
        string[] tokens = [.. Enumerable.Range(0, 60).Select(i => $"ended-{i}")];
        await Task.WhenAll(tokens.Select(token => cluster.Http.RegisterAsync(token)));
        foreach (SiloProcess silo in killed)
        {
            cluster.Kill(silo);
        }

        foreach (Answer answer in await Task.WhenAll(tokens.Select(token => cluster.Http.GetAnswerAsync($"/v1/tokens/{token}"))))
        {
            answer.Ok();
        }
    }

    [Fact]
    public async Task A_silo_that_stood_still_and_wakes_up_takes_nothing_back()
    {
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString);
        SiloProcess stopped = cluster.Silos[1];
        DisturbedIngest ingest = new("stop", 1, Tokens);
        string outcome = await ingest.RunAsync(
            cluster.Http, [.. cluster.Silos.Where(silo => silo != stopped)], 200,
            async () =>
            {
                stopped.Pause();
                await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken); // as long as it stands still
                stopped.Resume();
            },
            200);
        TestContext.Current.TestOutputHelper!.WriteLine(outcome);
        Assert.Empty(ingest.FailedQueries);
        await ingest.CheckAsync(cluster.Http, untouched.Http);
    }

    [Fact]
    public async Task The_feed_goes_on_after_its_silo_stood_still()
    {
        using ReplayedMarket market = new(seed: 1, tokens: 5, secondsASlot: 1); // so that it waits for the next slot most of the time
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos: 1, withGateway: false, market.Settings);
        SiloProcess silo = cluster.Silos[0];
        await market.SettledAsync(silo.Http, 1);
        silo.Pause();
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken); // as long as it stands still
        silo.Resume();
        await market.SettledAsync(silo.Http, 4);
    }

    /// <summary>In the long run <see cref="UpgradeTests"/> do so with silos of two releases.</summary>
    [Fact]
    public async Task Replacing_every_silo_fails_no_query_and_loses_nothing()
    {
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString);
        SiloProcess[] old = [.. cluster.Silos];
        DisturbedIngest ingest = new("replace", 1, Tokens);
        string outcome = await ingest.RunAsync(
            cluster.Http, [], 200,
            async () =>
            {
                foreach (SiloProcess silo in old)
                {
                    await cluster.AddSiloAsync();
                    Assert.Equal(0, await cluster.TerminateAsync(silo));
                }
            },
            200);
        TestContext.Current.TestOutputHelper!.WriteLine(outcome);
        Assert.Empty(ingest.FailedQueries);
        await ingest.CheckAsync(cluster.Http, untouched.Http);
    }

    /// <summary>In the short run <see cref="ClusterStressTests"/> kill all.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_cluster_that_died_as_a_whole_comes_back_with_all_that_was_acknowledged()
    {
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos: 2);
        DisturbedIngest ingest = new("all", 1, 50);
        string outcome = await ingest.RunAsync(
            cluster.Http, [], 100,
            async () =>
            {
                foreach (SiloProcess silo in cluster.Silos.ToArray())
                {
                    cluster.Kill(silo);
                }

                await Task.WhenAll(cluster.AddSiloAsync(), cluster.AddSiloAsync());
            },
            100);
        TestContext.Current.TestOutputHelper!.WriteLine(outcome);
        await ingest.CheckAsync(cluster.Http, untouched.Http);
    }

    [Fact]
    public async Task A_gateway_without_a_cluster_lives_and_says_that_it_cannot_answer()
    {
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos: 0);
        Assert.Equal(200, (int)(await cluster.Http.GetAnswerAsync("/health/live")).Status);
        foreach (string path in (string[])["/health/ready", "/v1/tokens", "/v1/stream?tokens=btc"])
        {
            Answer answer = await cluster.Http.GetAnswerAsync(path);
            Assert.Equal(503, (int)answer.Status);
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        // And then one comes.
        await cluster.AddSiloAsync();
        await cluster.Gateway.ReadyAsync(TimeSpan.FromMinutes(1));
        await cluster.Http.RegisterAsync("btc");
        Assert.DoesNotContain("HealthChecks", cluster.Gateway.Output, StringComparison.Ordinal); // probes that fail fill no log
    }
}
