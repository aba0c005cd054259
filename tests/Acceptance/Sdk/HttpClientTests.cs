using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Acceptance.Streams;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>The client over HTTP, against a silo as users run it, is the client over Orleans but for what the API has not.</summary>
public sealed class HttpClientTests(QuietSilo quiet)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Random_calls_have_the_answers_of_the_client_over_Orleans()
    {
        using IHost service = await SdkService.StartAsync(quiet.GatewayPort);
        IPnlClient near = service.Client();
        await using ServiceProvider services = SdkService.OverHttp(quiet.Http.BaseAddress!);
        IPnlClient far = services.GetRequiredService<IPnlClient>();
        int run = 0, answered = 0;
        await Calls.Any(ofSdk: false).SampleAsync(async calls =>
        {
            int number = Interlocked.Increment(ref run);
            foreach (Call call in calls)
            {
                string answer = await call.AnswerAsync(near, $"o{number}-");
                Assert.Equal(answer.Replace($"o{number}-", "", StringComparison.OrdinalIgnoreCase), (await call.AnswerAsync(far, $"h{number}-")).Replace($"h{number}-", "", StringComparison.OrdinalIgnoreCase));
                answered += answer.Contains("Exception", StringComparison.Ordinal) ? 0 : 1;
            }
        }, iter: 25, threads: 1);
        Assert.True(answered > 100, $"only {answered} calls were answered");

        Assert.Equal(Ids(await near.ListTokensAsync("h1-", "h1-a", 5, Cancellation)), Ids(await far.ListTokensAsync("h1-", "h1-a", 5, Cancellation)));
        Assert.Equal((await near.ListPortfoliosAsync("h1", 3, Cancellation)).Select(p => p.Id), (await far.ListPortfoliosAsync("h1", 3, Cancellation)).Select(p => p.Id));
        Assert.Equal("a", Assert.Single((await PagesAsync(far.StreamSeriesAsync("h1-a", new(), Cancellation))).Select(page => page.Token[3..]).Distinct()));
        Leaderboard board = await far.GetLeaderboardAsync(new() { Window = "inception", By = Measure.Volatility, IncludeAll = true, Ascending = true, Limit = 3 }, Cancellation);
        Assert.Equal(("inception", Measure.Volatility, true), (board.Window, board.By, board.Ascending));
        Assert.Null(await far.GetBackfillAsync("none", Cancellation));
        BackfillStatus backfill = await far.StartBackfillAsync(new() { Source = "simulated", Tokens = ["h1-a"], From = At(0), To = At(9) }, Cancellation);
        Assert.Equal((true, "simulated", At(9)), ((await far.ListBackfillsAsync(Cancellation)).Contains(backfill.Id), backfill.Source, backfill.To));
        Assert.NotNull(await far.ControlBackfillAsync(backfill.Id, BackfillControl.Cancel, Cancellation));
        Assert.Contains("simulated", (await Assert.ThrowsAsync<SourceUnknownException>(() => far.StartBackfillAsync(new() { Source = "nobody" }, Cancellation))).Message, StringComparison.Ordinal);
        await far.DeletePortfolioAsync("h1-p", Cancellation);
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => far.DeletePortfolioAsync("h1-p", Cancellation));
    }

    [Fact]
    public async Task Answers_come_compressed_and_with_the_key()
    {
        await using WireTap tap = new(quiet.Http.BaseAddress!);
        await using ServiceProvider services = SdkService.OverHttp(tap.Address, "pnl_key");
        IPnlClient pnl = services.GetRequiredService<IPnlClient>();
        await pnl.RegisterTokenAsync("zipped", new(), Cancellation);
        await pnl.IngestAsync("zipped", new() { Time = Enumerable.Range(0, 1000).Select(i => Start + 300L * i).ToArray(), Rate = Enumerable.Range(0, 1000).Select(i => 1m + i).ToArray() }, Cancellation);
        Assert.Equal(1000, (await pnl.GetSeriesAsync("zipped", new(), Cancellation)).Time.Length);
        Assert.Matches("\r\nContent-Encoding: (gzip|br)\r\n", tap.Received);
        Assert.Contains("\r\nAuthorization: Bearer pnl_key\r\n", tap.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_answered_503_is_asked_again_until_there_is_room()
    {
        using SdkSilo silo = new();
        await silo.StartAsync("--Pnl:StreamListeners=1");
        await using WireTap tap = new(silo.Address);
        await using ServiceProvider services = SdkService.OverHttp(tap.Address);
        IPnlClient pnl = services.GetRequiredService<IPnlClient>();
        await pnl.RegisterTokenAsync("zipped", new(), Cancellation);
        EventReader first = await EventReader.OpenAsync(silo.Http, "zipped");
        Task<PnlWatch<TokenPnl>> second = pnl.WatchPnlAsync(new Dictionary<string, long> { ["zipped"] = 0 }, Cancellation);
        while (!tap.Received.Contains("HTTP/1.1 503", StringComparison.Ordinal))
        {
            await Task.Delay(10, Cancellation); // until it has been refused once
        }

        await first.DisposeAsync();
        using PnlWatch<TokenPnl> watch = await second.WaitAsync(SdkService.Patience, Cancellation);
        Assert.Equal("zipped", (await watch.NextAsync(Cancellation).AsTask().WaitAsync(SdkService.Patience, Cancellation)).Id);
    }

    private static DateTimeOffset At(int bar) => DateTimeOffset.FromUnixTimeSeconds(Start + 300 * bar);

    private static IEnumerable<string> Ids(IEnumerable<TokenInfo> tokens) => tokens.Select(token => token.Id);

    private static async Task<List<PnlSeries>> PagesAsync(IAsyncEnumerable<PnlSeries> pages)
    {
        List<PnlSeries> all = [];
        await foreach (PnlSeries page in pages)
        {
            all.Add(page);
        }

        return all;
    }
}
