using System.Net.Sockets;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Callers;

/// <summary>Connections never take the descriptors that the process lives by, though the limit is lowered while it runs.</summary>
public sealed class DescriptorTests
{
    private const int Spare = 60;

    [Fact]
    public async Task Callers_leave_the_process_descriptors_and_one_who_comes_is_let_in()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors are counted on Linux.");
        await using SharedSilo silo = await SharedSilo.StartAsync();
        string most = OpenFiles.Most(silo.Id);
        int limit = OpenFiles.Of(silo.Id) + Spare, least = Spare;
        Assert.True(OpenFiles.Limit(silo.Id, limit));
        List<TcpClient> idle = [];
        try
        {
            for (int i = 0; i < 5 * Spare; i++)
            {
                idle.Add(await silo.BeginAsync("GET /v1/tokens", silo.Greedy, "")); // headers that do not end
                if (i % 30 == 0)
                {
                    using HttpClient newcomer = new() { BaseAddress = silo.Http.BaseAddress };
                    (await newcomer.GetAnswerAsync($"/v1/tokens/{SharedSilo.Token}/pnl", silo.Modest)).Ok();
                }

                least = Math.Min(least, limit - OpenFiles.Of(silo.Id));
            }

            Assert.True(least >= 8, $"at one time the process could open only {least} files more");
            (await silo.Http.GetAnswerAsync("/health/ready")).Ok();
            (await silo.Http.GetAnswerAsync("/v1/portfolios", silo.Modest)).Ok();
            Assert.Contains("Raise the limit of open files", silo.Output, StringComparison.Ordinal);
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }

        Assert.True(OpenFiles.Limit(silo.Id, most));
        (await silo.Http.GetAnswerAsync("/health/ready")).Ok();
    }
}
