using Microsoft.Extensions.DependencyInjection;
using Pnl.Client;
using Pnl.Client.Http;
using Pnl.Tests.Acceptance.Access;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>What a gateway that asks for keys refuses, as the client over HTTP throws it.</summary>
[Collection(GuardedSilo.Collection)]
public sealed class HttpProblemTests(GuardedSilo silo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_problem_is_thrown_with_its_code_and_what_would_be_taken()
    {
        Uri address = silo.Http.BaseAddress!;
        await using ServiceProvider mine = SdkService.OverHttp(address, GuardedSilo.AdminKey), others = SdkService.OverHttp(address, ApiKey.Of(new byte[ApiKey.RandomBytes]));
        IPnlClient pnl = mine.GetRequiredService<IPnlClient>();
        Assert.True((await pnl.RegisterTokenAsync("over-http", new(), Cancellation)).Created);
        Assert.False((await pnl.RegisterTokenAsync("over-http", new(), Cancellation)).Created);

        PnlProblemException stranger = await Assert.ThrowsAsync<PnlProblemException>(() => others.GetRequiredService<IPnlClient>().GetPnlAsync("over-http", Cancellation));
        Assert.Equal((401, "access.unknown", "Authorization"), (stranger.Status, stranger.Code, stranger.Field));
        PnlProblemException wrong = await Assert.ThrowsAsync<PnlProblemException>(() => pnl.GetSeriesAsync("over-http", new() { Limit = 0 }, Cancellation));
        Assert.Equal((400, "limit"), (wrong.Status, wrong.Field));
        Assert.Contains(wrong.Expected!, wrong.Message, StringComparison.Ordinal);
        Assert.Equal("nobody", (await Assert.ThrowsAsync<TokenUnknownException>(() => pnl.WatchPnlAsync(new Dictionary<string, long> { ["over-http"] = 0, ["nobody"] = 0 }, Cancellation))).Token);
    }

    [Fact]
    public void An_address_or_a_key_that_cannot_be_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddPnlHttpClient(new Uri("ftp://127.0.0.1")));
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddPnlHttpClient(new("http://127.0.0.1"), "two words"));
    }
}
