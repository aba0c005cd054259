using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>A silo dies or is stopped in the middle of ingest; see <see cref="Seeds"/> for how to run it with more seeds.</summary>
public sealed class InterruptionTests(QuietSilo untouched)
{
    public static TheoryData<int> AllSeeds => Seeds.All;

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public async Task Kill_9_in_the_middle_of_ingest_loses_nothing_that_was_acknowledged(int seed)
    {
        using DataFolder folder = new();
        InterruptedIngest ingest = new("kill", seed);
        using (SiloProcess first = await SiloProcess.StartAsync(folder))
        {
            await ingest.RunAsync(first, async silo =>
            {
                // Within the next milliseconds: while bodies are read, while the store writes, while it flushes, after that.
                await Task.Delay(new Random(seed).Next(0, 12), TestContext.Current.CancellationToken);
                silo.Kill();
            });
        }

        using SiloProcess second = await SiloProcess.StartAsync(folder);
        await ingest.CheckAndResumeAsync(second);
        await ingest.GoOnAsync(second);
        await ingest.CompareAsync(second, untouched.Http);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {ingest.Outcome}");
    }

    [Fact]
    public async Task Sigterm_ends_the_silo_in_time_and_loses_nothing_that_was_acknowledged()
    {
        using DataFolder folder = new();
        InterruptedIngest ingest = new("term", 1);
        using (SiloProcess first = await SiloProcess.StartAsync(folder))
        {
            await ingest.RunAsync(first, async silo => Assert.Equal(0, await silo.TerminateAsync(TimeSpan.FromSeconds(30))));
            Assert.DoesNotContain("Unhandled exception", first.Output, StringComparison.Ordinal);
        }

        using SiloProcess second = await SiloProcess.StartAsync(folder);
        await ingest.CheckAndResumeAsync(second);
        await ingest.CompareAsync(second, untouched.Http);
        TestContext.Current.TestOutputHelper!.WriteLine(ingest.Outcome);
    }
}
