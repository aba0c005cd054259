using System.Net;
using System.Text;
using Pnl.Cli.Server;
using Pnl.Cli.Show;

namespace Pnl.Tests.Unit.Cli;

public sealed class AnswerTests
{
    [Fact]
    public async Task Money_keeps_all_its_digits_and_absent_values_stay_absent()
    {
        const string Answer = """
            {"token":"btc","quote":"usd","asOf":"2021-05-19T12:40:00Z","rate":1234567890.123456789012345678,"stale":true,
             "staleFor":"P2D","revision":419809,"complete":false,
             "windows":{"5m":{"from":null,"startRate":0.000000000000000001,"pnl":-1234567890.123456789012345677,"return":1e-20,
              "high":1.10,"low":1,"maxDrawdown":0,"volatility":null,"bars":1,"expectedBars":1,"partial":true}}}
            """;
        using PnlServer server = new(new Uri("http://stub/base"), new Fixed(Answer));
        PnlAnswer pnl = await server.PnlAsync("btc", TestContext.Current.CancellationToken);
        Assert.Equal(1234567890.123456789012345678m, pnl.Rate);
        WindowAnswer window = pnl.Windows!["5m"];
        Assert.Equal((1e-18m, -1234567890.123456789012345677m), (window.StartRate, window.Pnl));
        Assert.Equal((1e-20, null), (window.Return, window.Volatility));
        Assert.Equal(
            [
                "As of 2021-05-19 12:40 UTC, revision 419809.",
                "Stale: the last bar closed 2 days ago, nothing newer is known.",
                "Incomplete: some bars were not fetched yet, so the figures may change.",
            ],
            ShowCommand.InWords(pnl, pnl.AsOf!.Value, pnl.AsOf.Value.AddDays(2)));
    }

    [Fact]
    public async Task What_is_no_answer_of_a_gateway_is_said_so()
    {
        using PnlServer server = new(new Uri("http://stub"), new Fixed("<html>"));
        ServerException error = await Assert.ThrowsAsync<ServerException>(
            () => server.TokensAsync("a b", 10, null, TestContext.Current.CancellationToken));
        Assert.StartsWith("http://stub/v1/tokens?limit=10&search=a b answers, but not as this tool", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsRefusal);
    }

    private sealed class Fixed(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            });
    }
}
