using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// Silos of two releases in one cluster, amid ingest and queries: replaced one by one by the next release, and back. The next
/// one is this one with additions to its contract (tests/Next). An earlier one, from the history, takes its place beside this one with
/// <code>Pnl__Upgrade__From=v0.1.0 dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Cluster.UpgradeTests</code>
/// </summary>
public sealed class UpgradeTests(Azurite azurite, QuietSilo untouched) : IClassFixture<Azurite>
{
    private const int Tokens = 60, Silos = 2;
    private const string Unhurried = "--Pnl:Cluster:ProbeMilliseconds=5000"; // a silo that starts on a busy machine is not to be given up: deaths are other tests' matter

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>In the short run silos of one release are replaced (<see cref="SiloDeathTests"/>), and tests/Cluster reads messages of the next one.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Every_silo_is_replaced_by_a_newer_one_and_back_and_no_query_fails_and_nothing_is_lost()
    {
        string connection = azurite.ConnectionString; // skips before anything is built
        string? from = Environment.GetEnvironmentVariable("Pnl__Upgrade__From");
        (string older, string newer) = from is null ? (Built.Silo, await Builds.NextAsync()) : (await Builds.OfCommitAsync(from), Built.Silo);
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(connection, older, Silos, Unhurried);
        DisturbedIngest ingest = new("upgrade", 1, Tokens);
        string[] mixed = [], upgraded = [];
        string outcome = await ingest.RunAsync(
            cluster.Http, [], 100,
            async () =>
            {
                foreach (SiloProcess old in cluster.Silos.ToArray())
                {
                    SiloProcess next = await cluster.AddSiloAsync(newer);
                    await AskAsync(next);
                    mixed = [.. mixed, .. from is null ? await ReleasesAsync(next) : []];
                    Assert.Equal(0, await cluster.TerminateAsync(old));
                    await AskAsync(next);
                }

                upgraded = from is null ? await ReleasesAsync(cluster.Silos[0]) : [];
                foreach (SiloProcess next in cluster.Silos.ToArray())
                {
                    SiloProcess old = await cluster.AddSiloAsync(older);
                    await AskAsync(next);
                    await AskAsync(old);
                    Assert.Equal(0, await cluster.TerminateAsync(next));
                }
            },
            100);
        TestContext.Current.TestOutputHelper!.WriteLine(outcome);
        Assert.Empty(ingest.FailedQueries);
        await ingest.CheckAsync(cluster.Http, untouched.Http);
        if (from is null)
        {
            // A silo of before, where a token lives, says that it does not know the method; it does not stay silent, and it lives on.
            TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', mixed.Distinct()));
            Assert.All(mixed, answer => Assert.True(answer == "next" || IsRefusal(answer), answer));
            Assert.Contains(mixed, IsRefusal);
            Assert.All(upgraded, answer => Assert.Equal("next", answer));
        }
    }

    private static bool IsRefusal(string answer) => answer.Contains("Exception", StringComparison.Ordinal);

    /// <summary>Asks a silo of what all of them hold, and hands bars to it.</summary>
    private static async Task AskAsync(SiloProcess silo)
    {
        Answer list = (await silo.Http.GetAnswerAsync("/v1/tokens?limit=100")).Ok();
        Assert.Equal(Tokens, list["items"].EnumerateArray().Count(token => IdOf(token).StartsWith("upgrade-1-", StringComparison.Ordinal)));
        (await silo.Http.GetAnswerAsync("/v1/leaderboard?window=24h&by=return&limit=5")).Ok();
        foreach (int i in Enumerable.Range(0, 10))
        {
            string token = FormattableString.Invariant($"upgrade-1-{i:d3}");
            (await silo.Http.GetAnswerAsync($"/v1/tokens/{token}/pnl")).Ok();
            (await silo.Http.GetAnswerAsync($"/v1/tokens/{token}/pnl?from=2024-01-01T00:00:00Z&quantity=2")).Ok();
            await silo.Http.RegisterAsync("beside");
            (await silo.Http.IngestAsync("beside", (1_764_086_400 + 300 * i, 1.5m + i))).Ok();
        }
    }

    private static string IdOf(System.Text.Json.JsonElement token) => token.GetProperty("id").GetString()!;

    /// <summary>Calls the method that only silos of the next release have.</summary>
    private static Task<string[]> ReleasesAsync(SiloProcess next) => Task.WhenAll(Enumerable.Range(0, Tokens).Select(async i =>
    {
        Answer answer = await next.Http.SendAsync(HttpMethod.Get, FormattableString.Invariant($"/next/upgrade-1-{i:d3}"));
        return answer.Text;
    }));
}
