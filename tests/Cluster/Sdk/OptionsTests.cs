using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Pnl.Client;

namespace Pnl.Tests.Cluster.Sdk;

/// <summary>A service whose client cannot work does not start, and says what to do.</summary>
public sealed class OptionsTests(PnlCluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<Action<PnlClientOptions>, string> Wrong => new()
    {
        { options => options.Owner = "Me!", "PnlClientOptions.Owner is 'Me!'; make it the name of an owner: 1 to 64 of a-z" },
        { options => options.Owner = null!, "PnlClientOptions.Owner is ''" },
        { options => options.RetryFor = TimeSpan.FromSeconds(-1), "PnlClientOptions.RetryFor is -00:00:01; make it 00:00:00 to 00:10:00" },
        { options => options.RetryFor = TimeSpan.FromHours(1), "PnlClientOptions.RetryFor" },
        { options => options.FirstReadWait = TimeSpan.Zero, "PnlClientOptions.FirstReadWait" },
        { options => options.FirstWriteWait = TimeSpan.FromDays(1), "PnlClientOptions.FirstWriteWait" },
        { options => options.FirstPause = TimeSpan.FromSeconds(2), "PnlClientOptions.FirstPause is 00:00:02; make it 00:00:00.0010000 to 00:00:01" },
        { options => options.LongestPause = TimeSpan.FromHours(1), "PnlClientOptions.LongestPause" },
        { options => options.FollowPause = TimeSpan.Zero, "PnlClientOptions.FollowPause" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task An_option_that_cannot_be_is_named_with_what_it_may_be(Action<PnlClientOptions> set, string message)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(1, "pnl", "pnl")); // nobody is there; so far it does not come
        builder.Services.AddPnlClient(set);
        using IHost host = builder.Build();
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));
        Assert.Contains(message, Assert.Single(wrong.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_without_an_Orleans_client_is_told_how_to_get_one()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPnlClient();
        using IHost host = builder.Build();
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));
        Assert.Contains("UseOrleansClient", Assert.Single(wrong.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_owner_of_the_options_is_whose_portfolios_the_client_is_for()
    {
        ServiceCollection services = new();
        services.AddSingleton(cluster.Orleans.Client);
        services.AddSingleton<IGrainFactory>(cluster.Orleans.Client);
        services.AddPnlClient(options => options.Owner = "alice");
        services.AddPnlClient(); // twice is as once
        await using ServiceProvider provider = services.BuildServiceProvider();
        IPnlClient alice = provider.GetRequiredService<IPnlClient>();
        await alice.PutPortfolioAsync("hers", new() { BaseCurrency = "usd" }, Cancellation);
        Assert.Equal("hers", (await cluster.Client.For("alice").GetPortfolioAsync("hers", Cancellation)).Id);
        await Assert.ThrowsAsync<PortfolioUnknownException>(() => cluster.Client.GetPortfolioAsync("hers", Cancellation));
        Assert.Same(alice, alice.For("alice"));
    }
}
