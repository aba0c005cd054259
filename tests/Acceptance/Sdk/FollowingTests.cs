using Microsoft.Extensions.Hosting;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>A service that follows by the SDK, and a silo that is killed under it.</summary>
public sealed class FollowingTests(QuietSilo quiet)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_follows_goes_on_over_kill_9_of_the_only_silo_and_calls_say_that_nobody_answers_meanwhile()
    {
        using SdkSilo silo = new();
        await silo.StartAsync();
        using IHost service = await SdkService.StartAsync(silo.GatewayPort), other = await SdkService.StartAsync(silo.GatewayPort, TimeSpan.FromSeconds(1));
        IPnlClient pnl = service.Client(), impatient = other.Client();
        await pnl.RegisterTokenAsync("alive", new(), Cancellation);
        await pnl.PutPortfolioAsync("mine", new() { BaseCurrency = "usd" }, Cancellation);
        await pnl.PostEntriesAsync("mine", [new() { Id = "one", Time = At(0), Kind = EntryKind.Buy, Token = "alive", Quantity = 10m, Price = 2m, Currency = "usd", Fees = [] }], Cancellation);
        await IngestAsync(pnl, 0, 2m);

        await using IAsyncEnumerator<PnlUpdate<TokenPnl>> token = pnl.FollowPnlAsync(["alive", "alive"], cancellation: Cancellation).GetAsyncEnumerator(Cancellation);
        await using IAsyncEnumerator<PnlUpdate<PortfolioReport>> portfolio = pnl.FollowPortfolioPnlAsync("mine", cancellation: Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal(2m, (await NextAsync(token)).Rate);
        Assert.Equal(20m, (await NextAsync(portfolio)).MarketValue);
        await IngestAsync(pnl, 1, 3m);
        Assert.Equal(3m, (await NextAsync(token)).Rate);
        PortfolioReport last = await NextAsync(portfolio);
        Assert.Equal(30m, last.MarketValue);

        silo.Kill();
        PnlUnavailableException gone = await Assert.ThrowsAsync<PnlUnavailableException>(() => impatient.GetPnlAsync("alive", Cancellation));
        Assert.Contains("PnlClientOptions.RetryFor", gone.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PnlUnavailableException>(() => impatient.DeleteEntryAsync("mine", "one", Cancellation));

        await silo.StartAsync();
        Assert.True((await silo.Http.IngestAsync("alive", (Start + 600, 5m))).Ok()["accepted"].GetInt32() == 1);
        Assert.Equal(5m, (await NextAsync(token)).Rate);
        Assert.Equal(50m, (await NextAsync(portfolio)).MarketValue);

        // Whoever comes back with what was seen last gets what is newer, and nothing else.
        await IngestAsync(pnl, 3, 6m);
        await using IAsyncEnumerator<PnlUpdate<PortfolioReport>> again = pnl.FollowPortfolioPnlAsync("mine", last.Revision, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal(60m, (await NextAsync(again)).MarketValue);
    }

    [Fact]
    public async Task Who_gives_up_is_let_go_at_once()
    {
        using IHost service = await SdkService.StartAsync(quiet.GatewayPort);
        IPnlClient pnl = service.Client();
        await pnl.RegisterTokenAsync("quiet", new(), Cancellation);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using IAsyncEnumerator<PnlUpdate<TokenPnl>> token = pnl.FollowPnlAsync(["quiet"], cancellation: stop.Token).GetAsyncEnumerator(stop.Token);
        await NextAsync(token);
        ValueTask<bool> waiting = token.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.AsTask());
        Assert.Throws<ArgumentException>(() => pnl.FollowPnlAsync([], cancellation: Cancellation));
        Assert.Equal("nobody", (await Assert.ThrowsAsync<TokenUnknownException>(async () =>
        {
            await foreach (PnlUpdate<TokenPnl> _ in pnl.FollowPnlAsync(["nobody"], cancellation: Cancellation))
            {
            }
        })).Token);
    }

    private static DateTimeOffset At(int bar) => DateTimeOffset.FromUnixTimeSeconds(Start + 300 * bar);

    private static Task<IngestResult> IngestAsync(IPnlClient pnl, int bar, decimal rate) =>
        pnl.IngestAsync("alive", new() { Time = new[] { Start + 300L * bar }, Rate = new[] { rate } }, Cancellation);

    private static async Task<TPnl> NextAsync<TPnl>(IAsyncEnumerator<PnlUpdate<TPnl>> updates)
    {
        Assert.True(await updates.MoveNextAsync().AsTask().WaitAsync(SdkService.Patience, Cancellation));
        return updates.Current.Pnl;
    }
}
