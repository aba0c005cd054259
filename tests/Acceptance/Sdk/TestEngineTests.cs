using CsCheck;
using Microsoft.Extensions.Hosting;
using Pnl.Client;
using Pnl.Client.Testing;
using Pnl.Grains;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>What users test their services with answers as what they run them with.</summary>
public sealed class TestEngineTests(QuietSilo silo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Random_calls_have_the_answers_of_a_silo()
    {
        using IHost service = await SdkService.StartAsync(silo.GatewayPort);
        IPnlClient real = service.Client();
        await using PnlTestEngine engine = await PnlTestEngine.StartAsync(TimeProvider.System.GetUtcNow());
        int run = 0, answered = 0;
        await Calls.Any(ofSdk: true).SampleAsync(async calls =>
        {
            string prefix = $"r{Interlocked.Increment(ref run)}-";
            foreach (Call call in calls)
            {
                string answer = await call.AnswerAsync(real, prefix);
                Assert.Equal(answer, await call.AnswerAsync(engine.Client, prefix));
                answered += answer.Contains("Exception", StringComparison.Ordinal) ? 0 : 1;
            }
        }, iter: 25, threads: 1);
        Assert.True(answered > 100, $"only {answered} calls were answered");
    }

    [Fact]
    public async Task Time_stands_still_until_it_is_moved_and_what_is_followed_comes()
    {
        DateTimeOffset noon = new(2026, 6, 15, 12, 2, 0, TimeSpan.Zero);
        await using PnlTestEngine engine = await PnlTestEngine.StartAsync(noon);
        await engine.Client.RegisterTokenAsync("mycoin", new(), Cancellation);
        long last = noon.ToUnixTimeSeconds() - 120 - 300;
        IngestResult taken = await engine.Client.IngestAsync("mycoin", new() { Time = new[] { last, last + 900 }, Rate = new[] { 5m, 6m } }, Cancellation);
        Assert.Equal((1, "time.inFuture"), (taken.Accepted, Assert.Single(taken.Rejected).Code));
        await using IAsyncEnumerator<PnlUpdate<TokenPnl>> follow = engine.Client.FollowPnlAsync(["mycoin"], cancellation: Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await follow.MoveNextAsync());
        Assert.Equal((120, false), (follow.Current.Pnl.AgeSeconds, follow.Current.Pnl.Stale));

        engine.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal((1020, true), ((await engine.Client.GetPnlAsync("mycoin", Cancellation)).AgeSeconds, (await engine.Client.GetPnlAsync("mycoin", Cancellation)).Stale));
        await engine.Client.IngestAsync("mycoin", new() { Time = new[] { last + 900 }, Rate = new[] { 6m } }, Cancellation);
        Assert.True(await follow.MoveNextAsync());
        Assert.Equal((6m, false), (follow.Current.Pnl.Rate, follow.Current.Pnl.Stale));
    }
}
