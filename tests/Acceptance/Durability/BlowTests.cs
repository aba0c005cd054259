using System.Globalization;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>
/// What befalls one machine, by seed: kill -9, a full disk, a folder that goes away, no descriptors left, while callers write bars and
/// entries. Nothing acknowledged is lost, nothing is there that nobody sent, and it goes on. Two blows a seed here; more with
/// <code>Pnl__Stress__Seeds=100 dotnet run -c Release --project tests/Acceptance -- -explicit only -class Pnl.Tests.Acceptance.Durability.BlowTests -showLiveOutput</code>
/// </summary>
public sealed class BlowTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Two_blows_lose_nothing_that_was_acknowledged(int seed) => PlayAsync(seed, 2);

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public Task Two_other_blows_lose_nothing_that_was_acknowledged(int seed) => PlayAsync(seed, 2);

    /// <summary>The runtime starts no thread without a descriptor: while the process started threads as they were needed, it ended it ("Out of memory.", SIGABRT).</summary>
    [Fact]
    public async Task Without_any_descriptor_left_it_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors are counted on Linux.");
        await using StruckMachine machine = await StruckMachine.StartAsync(6);
        await machine.RunOutOfDescriptorsAsync(3);
    }

    /// <summary>Four blows for each of the seeds from 1 to <c>Pnl__Stress__Seeds</c>, 100 by default, or for <c>Pnl__Stress__Seed</c> alone.</summary>
    [Fact(Explicit = true)]
    public async Task Four_blows_lose_nothing_that_was_acknowledged()
    {
        int last = Number("Pnl__Stress__Seed") ?? Number("Pnl__Stress__Seeds") ?? 100;
        for (int seed = Number("Pnl__Stress__Seed") ?? 1; seed <= last; seed++)
        {
            await PlayAsync(seed, 4);
        }
    }

    private static async Task PlayAsync(int seed, int blows)
    {
        await using StruckMachine machine = await StruckMachine.StartAsync(seed);
        try
        {
            await machine.RunAsync(blows);
        }
        catch
        {
            string log = Path.Combine(Path.GetTempPath(), $"pnl-blows-{seed}.log");
            await File.WriteAllTextAsync(log, machine.Output, TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {machine.Outcome}; what the process wrote is in {log}");
            throw;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {machine.Outcome}");
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
