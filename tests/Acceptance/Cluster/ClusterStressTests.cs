using System.Globalization;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// A cluster under blow after blow, by seed: nothing acknowledged is lost, nothing answered goes back, and in the end every
/// token is stored byte for byte as a batch over the same bars makes it. Two blows here; with many of them, and of all kinds:
/// <code>Pnl__Stress__Seeds=30 dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Cluster.ClusterStressTests -showLiveOutput</code>
/// </summary>
public sealed class ClusterStressTests(QuietSilo untouched)
{
    [Fact]
    public Task A_silo_killed_without_storage_and_then_all_of_them_lose_nothing_and_take_nothing_back() =>
        PlayAsync(1, _ => [Blow.SiloKilledWithoutStorage, Blow.AllKilled], StruckCluster.Tokens);

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public Task A_blow_loses_nothing_and_takes_nothing_back(int seed) => PlayAsync(seed, struck => struck.Sequence(1, Blow.SiloKilledWithoutStorage), StruckCluster.Tokens);

    /// <summary>Ten blows for each of the seeds from 1 to <c>Pnl__Stress__Seeds</c>, 30 by default, or for <c>Pnl__Stress__Seed</c> alone; <c>Pnl__Stress__Blows</c> and <c>Pnl__Stress__Tokens</c>: others than ten, and than 40 of the feed.</summary>
    [Fact(Explicit = true)]
    public async Task Ten_blows_lose_nothing_and_take_nothing_back()
    {
        int last = Number("Pnl__Stress__Seed") ?? Number("Pnl__Stress__Seeds") ?? 30;
        for (int seed = Number("Pnl__Stress__Seed") ?? 1; seed <= last; seed++)
        {
            await PlayAsync(seed, struck => struck.Sequence(Number("Pnl__Stress__Blows") ?? 10, Blow.CheckpointsLost), Number("Pnl__Stress__Tokens") ?? StruckCluster.Tokens);
        }
    }

    private async Task PlayAsync(int seed, Func<StruckCluster, Blow[]> blows, int played)
    {
        StruckCluster struck;
        try
        {
            struck = await StruckCluster.StartAsync(seed, played);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Skip($"Azurite needs Node.js with npm, which is not here: {e.Message}");
            throw;
        }

        await using StruckCluster _ = struck;
        try
        {
            string outcome = $"seed {seed}: {await struck.RunAsync(blows(struck), untouched.Http)}";
            TestContext.Current.SendDiagnosticMessage(outcome);
            TestContext.Current.TestOutputHelper!.WriteLine(outcome);
        }
        catch
        {
            string log = Path.Combine(Path.GetTempPath(), $"pnl-struck-{seed}.log");
            await File.WriteAllTextAsync(log, struck.Output, TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: what the processes wrote is in {log}");
            throw;
        }
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
