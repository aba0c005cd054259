using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Pnl.Client;
using Pnl.Client.Http;

namespace Pnl.Tests.Unit.ClientHttp;

/// <summary>How long the client over HTTP waits for a gateway, and what it does not do twice.</summary>
public sealed class GatewayReachTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_where_nothing_ever_answered_is_named_long_before_the_time_of_retries()
    {
        await using ServiceProvider services = Services(null, options => (options.Address, options.ReachWithin, options.RetryFor) = (new("http://127.0.0.1:9"), TimeSpan.FromSeconds(0.3), TimeSpan.FromMinutes(10)));
        PnlUnavailableException error = await Assert.ThrowsAsync<PnlUnavailableException>(() => services.GetRequiredService<IPnlClient>().ListTokensAsync(cancellation: Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
        Assert.StartsWith("no gateway answers at http://127.0.0.1:9/: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_answered_before_is_waited_for()
    {
        int asked = 0;
        await using ServiceProvider services = Services(
            () => ++asked is 2 or 3 ? throw new HttpRequestException("refused") : new(HttpStatusCode.OK) { Content = new StringContent("""{"version":"0.1.0","commit":null,"contract":"1"}""", null, "application/json") },
            options => (options.Address, options.ReachWithin) = (new("http://stub"), TimeSpan.Zero));
        IPnlHttpClient pnl = services.GetRequiredService<IPnlHttpClient>();
        Assert.Same(pnl, services.GetRequiredService<IPnlClient>());
        Assert.Equal(new GatewayVersion("0.1.0", null, "1"), await pnl.GetVersionAsync(Cancellation));
        Assert.Equal(new GatewayVersion("0.1.0", null, "1"), await pnl.GetVersionAsync(Cancellation));
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task A_key_is_not_made_twice()
    {
        int asked = 0;
        await using ServiceProvider services = Services(() => ++asked == 0 ? throw new InvalidOperationException() : new(HttpStatusCode.ServiceUnavailable), options => options.Address = new("http://stub"));
        await Assert.ThrowsAsync<PnlUnavailableException>(() => services.GetRequiredService<IPnlHttpClient>().CreateKeyAsync("n", "o", ["read"], Cancellation));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused_at_once()
    {
        foreach (Action<PnlHttpOptions> wrong in (Action<PnlHttpOptions>[])[_ => { }, options => options.Address = new("ftp://a"), options => (options.Address, options.RetryFor) = (new("http://a"), TimeSpan.Zero), options => (options.Address, options.ReachWithin) = (new("http://a"), TimeSpan.FromSeconds(-1))])
        {
            Assert.Throws<ArgumentException>(() => new ServiceCollection().AddPnlHttpClient(wrong));
        }
    }

    private static ServiceProvider Services(Func<HttpResponseMessage>? answer, Action<PnlHttpOptions> configure)
    {
        ServiceCollection services = new();
        IHttpClientBuilder http = services.AddPnlHttpClient(configure);
        if (answer is not null)
        {
            http.ConfigurePrimaryHttpMessageHandler(() => new Answers(answer));
        }

        return services.BuildServiceProvider();
    }

    private sealed class Answers(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }
}
