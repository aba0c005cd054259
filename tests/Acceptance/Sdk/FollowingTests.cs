using Microsoft.Extensions.DependencyInjection;
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
        await using WireTap tap = new(silo.Address);
        using IHost service = await SdkService.StartAsync(silo.GatewayPort), other = await SdkService.StartAsync(silo.GatewayPort, TimeSpan.FromSeconds(1));
        await using ServiceProvider web = SdkService.OverHttp(tap.Address);
        IPnlClient pnl = service.Client(), impatient = other.Client(), http = web.GetRequiredService<IPnlClient>();
        await pnl.RegisterTokenAsync("alive", new(), Cancellation);
        await pnl.PutPortfolioAsync("mine", new() { BaseCurrency = "usd" }, Cancellation);
        await pnl.PostEntriesAsync("mine", [new() { Id = "one", Time = At(0), Kind = EntryKind.Buy, Token = "alive", Quantity = 10m, Price = 2m, Currency = "usd", Fees = [] }], Cancellation);
        await IngestAsync(pnl, 0, 2m);

        await using IAsyncEnumerator<PnlUpdate<TokenPnl>> token = pnl.FollowPnlAsync(["alive", "alive"], cancellation: Cancellation).GetAsyncEnumerator(Cancellation);
        await using IAsyncEnumerator<PnlUpdate<TokenPnl>> tokenOfHttp = http.FollowPnlAsync(["alive"], cancellation: Cancellation).GetAsyncEnumerator(Cancellation);
        await using IAsyncEnumerator<PnlUpdate<PortfolioReport>> portfolio = pnl.FollowPortfolioPnlAsync("mine", cancellation: Cancellation).GetAsyncEnumerator(Cancellation);
        await using IAsyncEnumerator<PnlUpdate<PortfolioReport>> portfolioOfHttp = http.FollowPortfolioPnlAsync("mine", cancellation: Cancellation).GetAsyncEnumerator(Cancellation);
        await AssertNextAsync(2m, [token, tokenOfHttp], [portfolio, portfolioOfHttp]);
        await IngestAsync(pnl, 1, 3m);
        await AssertNextAsync(3m, [token, tokenOfHttp], [portfolio, portfolioOfHttp]);
        long last = portfolio.Current.Revision;
        Assert.DoesNotContain("Last-Event-ID", tap.Sent, StringComparison.OrdinalIgnoreCase);

        silo.Kill();
        PnlUnavailableException gone = await Assert.ThrowsAsync<PnlUnavailableException>(() => impatient.GetPnlAsync("alive", Cancellation));
        Assert.Contains("PnlClientOptions.RetryFor", gone.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PnlUnavailableException>(() => impatient.DeleteEntryAsync("mine", "one", Cancellation));
        await Assert.ThrowsAsync<PnlUnavailableException>(() => http.DeletePortfolioAsync("mine", Cancellation));

        Task<IngestResult> again = IngestAsync(http, 2, 5m); // asked until somebody answers
        await silo.StartAsync();
        await again;
        await AssertNextAsync(5m, [token, tokenOfHttp], [portfolio, portfolioOfHttp]);
        Assert.Contains("Last-Event-ID: ", tap.Sent, StringComparison.OrdinalIgnoreCase);

        // Whoever comes back with what was seen last gets what is newer, and nothing else; and is told when there is nothing to follow any more.
        await IngestAsync(pnl, 3, 6m);
        await using IAsyncEnumerator<PnlUpdate<PortfolioReport>> back = pnl.FollowPortfolioPnlAsync("mine", last, Cancellation).GetAsyncEnumerator(Cancellation);
        await AssertNextAsync(6m, [token, tokenOfHttp], [portfolio, portfolioOfHttp, back]);
        await pnl.DeletePortfolioAsync("mine", Cancellation);
        foreach (IAsyncEnumerator<PnlUpdate<PortfolioReport>> follower in (IAsyncEnumerator<PnlUpdate<PortfolioReport>>[])[portfolio, portfolioOfHttp])
        {
            Assert.Equal("mine", (await Assert.ThrowsAsync<PortfolioUnknownException>(() => follower.MoveNextAsync().AsTask().WaitAsync(SdkService.Patience, Cancellation))).Portfolio);
        }
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

    /// <summary>Asserts that the next that each is told is the token at a rate, or the ten of them that are held.</summary>
    private static async Task AssertNextAsync(decimal rate, IAsyncEnumerator<PnlUpdate<TokenPnl>>[] tokens, IAsyncEnumerator<PnlUpdate<PortfolioReport>>[] portfolios)
    {
        foreach (IAsyncEnumerator<PnlUpdate<TokenPnl>> token in tokens)
        {
            Assert.Equal(rate, (await NextAsync(token)).Rate);
        }

        foreach (IAsyncEnumerator<PnlUpdate<PortfolioReport>> portfolio in portfolios)
        {
            Assert.Equal(10 * rate, (await NextAsync(portfolio)).MarketValue);
        }
    }

    private static async Task<TPnl> NextAsync<TPnl>(IAsyncEnumerator<PnlUpdate<TPnl>> updates)
    {
        Assert.True(await updates.MoveNextAsync().AsTask().WaitAsync(SdkService.Patience, Cancellation));
        return updates.Current.Pnl;
    }
}
