using System.Net;
using System.Text;
using Pnl.Cli;
using Pnl.Cli.Show;
using Pnl.Client;
using Pnl.Client.Http;
using Pnl.Grains;

namespace Pnl.Tests.Unit.Cli;

public sealed class AnswerTests
{
    [Fact]
    public async Task Money_keeps_all_its_digits_and_absent_values_stay_absent()
    {
        const string Answer = """
            {"token":"btc","quote":"usd","asOf":"2021-05-19T12:40:00Z","rate":1234567890.123456789012345678,"stale":true,
             "staleFor":"P2D","revision":419809,"complete":false,
             "windows":{"5m":{"from":"2021-05-19T12:35:00Z","startRate":0.000000000000000001,"pnl":-1234567890.123456789012345677,"return":1e-20,
              "high":1.10,"low":1,"maxDrawdown":0,"volatility":null,"bars":1,"expectedBars":1,"partial":true}}}
            """;
        using Server server = new(options => options.Address = new("http://stub/base"), new Fixed(Answer));
        TokenPnl pnl = await server.Pnl.GetPnlAsync("btc", TestContext.Current.CancellationToken);
        Assert.Equal(1234567890.123456789012345678m, pnl.Rate);
        WindowPnl window = pnl.Windows["5m"];
        Assert.Equal((1e-18m, (Amount)(-1234567890.123456789012345677m)), (window.StartRate, window.Pnl));
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
        foreach (string body in (string[])["<html>", "", "{}", "null"])
        {
            using Server server = new(options => options.Address = new("http://stub"), new Fixed(body));
            PnlProblemException error = await Assert.ThrowsAsync<PnlProblemException>(() => server.Pnl.ListTokensAsync("a b", null, 10, TestContext.Current.CancellationToken));
            Assert.StartsWith("http://stub/v1/tokens?search=a b&limit=10 answers, but not as a gateway does", error.Message, StringComparison.Ordinal);
            Assert.False(Server.IsRefusal(error));
        }
    }

    /// <summary>Each of them ends the tool with a sentence and a code, not with a stack.</summary>
    [Fact]
    public void Every_exception_of_the_client_is_told()
    {
        Type[] all = [.. new[] { typeof(IPnlClient), typeof(PnlProblemException) }.SelectMany(type => type.Assembly.GetExportedTypes()).Where(type => type.IsSubclassOf(typeof(Exception)) && !type.IsAbstract)];
        Assert.True(all.Length >= 10);
        Assert.All(all, type =>
        {
            Exception error = (Exception)Activator.CreateInstance(type, "it was not done")!;
            Assert.True(Server.IsFailure(error), type.Name);
            Assert.Contains("it was not done", Server.Told(error), StringComparison.OrdinalIgnoreCase);
        });
        Assert.False(Server.IsFailure(new InvalidOperationException("a fault of the tool")));
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
