using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Acceptance.Sdk;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>Of coarser bars and of several listings, answers say whose the rates are and on which interval they stand.</summary>
public sealed class CoarseLifeTests(QuietSilo silo)
{
    /// <summary>Three days' closes sent by callers, then an hour of 5-minute bars.</summary>
    private async Task<string> FillAsync(string token)
    {
        await silo.Http.RegisterAsync(token, """{"listings":[{"source":"api"},{"source":"api","interval":"1d"}]}""");
        (await silo.Http.SendAsync(HttpMethod.Post, $"/v1/tokens/{token}/rates?interval=1d", Requests.Json("""{"time":["2013-03-29","2013-03-30","2013-03-31"],"rate":[90.25,92.5,93.75]}"""))).Ok();
        (await silo.Http.SendAsync(HttpMethod.Post, $"/v1/tokens/{token}/rates?coveredFrom=2013-04-01T00:00:00Z&coveredTo=2013-04-01T01:00:00Z", Requests.Json(
            $$"""{"time":[{{string.Join(',', Enumerable.Range(0, 12).Select(i => 1364774400 + 300 * i))}}],"rate":[{{string.Join(',', Enumerable.Range(0, 12).Select(i => 94 + i))}}]}"""))).Ok();
        return $"/v1/tokens/{token}";
    }

    [Fact]
    public async Task A_life_of_days_and_then_of_5_minutes_says_so()
    {
        string path = await FillAsync("days-first");

        Answer token = (await silo.Http.GetAnswerAsync(path)).Ok();

        Assert.Equal("1d", token["interval"].GetString());
        Assert.Equal(
            ["2013-03-29T00:00:00Z 2013-04-01T00:00:00Z api  usd 1d 3", "2013-04-01T00:00:00Z 2013-04-01T01:00:00Z api  usd 5m 12"],
            token["life"].EnumerateArray().Select(range => string.Join(' ', range.EnumerateObject().Select(property => property.Value.ToString()))));
        Assert.Equal(
            ["5m 12 False 2013-04-01T00:00:00Z", "1d 3 False 2013-03-29T00:00:00Z"],
            token["listings"].EnumerateArray().Select(listing => $"{listing.GetProperty("interval")} {listing.GetProperty("bars")} {listing.GetProperty("neverFetched")} {listing.GetProperty("firstBar")}"));
    }

    [Fact]
    public async Task Windows_and_series_say_the_coarsest_interval_that_they_stand_on()
    {
        string path = await FillAsync("days-windows");

        JsonElement windows = (await silo.Http.GetAnswerAsync(path + "/pnl")).Ok()["windows"];
        Answer days = (await silo.Http.GetAnswerAsync(path + "/pnl?from=2013-03-30T00:00:00Z&to=2013-04-01T00:00:00Z")).Ok();
        Answer minutes = (await silo.Http.GetAnswerAsync(path + "/pnl?from=2013-04-01T00:00:00Z&to=2013-04-01T01:00:00Z")).Ok();

        Assert.Equal(("5m", "1d"), (windows.GetProperty("1h").GetProperty("interval").GetString(), windows.GetProperty("inception").GetProperty("interval").GetString()));
        Assert.Equal(("1d", 2, 2, 3.5m), (days["interval"].GetString(), days["bars"].GetInt32(), days["expectedBars"].GetInt32(), days["pnl"].GetDecimal()));
        Assert.Equal(("5m", 12, 12), (minutes["interval"].GetString(), minutes["bars"].GetInt32(), minutes["expectedBars"].GetInt32()));
        Assert.Equal("1d", (await silo.Http.GetAnswerAsync(path + "/pnl/series?interval=5m")).Ok()["interval"].GetString());
        Assert.Equal("1h", (await silo.Http.GetAnswerAsync(path + "/rates?interval=1h&from=2013-04-01T00:00:00Z")).Ok()["interval"].GetString());
        Assert.Equal("1d", (await silo.Http.GetAnswerAsync("/v1/sparklines?window=inception&tokens=days-windows")).Ok()["items"][0].GetProperty("interval").GetString());
    }

    [Fact]
    public async Task The_client_over_HTTP_reads_the_life()
    {
        await FillAsync("days-far");
        await using ServiceProvider services = SdkService.OverHttp(silo.Http.BaseAddress!);
        IPnlClient pnl = services.GetRequiredService<IPnlClient>();

        TokenCoverage token = await pnl.GetCoverageAsync("days-far", cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(Interval.Day, token.Interval);
        Assert.Equal([(Interval.Day, 3L), (Interval.FiveMinutes, 12L)], token.Life.Select(range => (range.Interval, range.Bars)));
        Assert.Equal([12L, 3L], token.Listings.Select(listing => listing.Bars));
        Assert.Equal(Interval.Day, (await pnl.GetPnlAsync("days-far", TestContext.Current.CancellationToken)).Windows["inception"].Interval);
        Assert.Equal(Interval.Day, (await pnl.GetWindowAsync("days-far", new(null, null, 2m), TestContext.Current.CancellationToken)).Interval);
    }

    [Fact]
    public async Task A_listing_that_is_taken_away_is_a_former_one_whose_bars_are_kept()
    {
        string path = await FillAsync("days-former");
        await silo.Http.RegisterAsync("days-former", """{"listings":[{"source":"api"}]}""");

        Answer token = (await silo.Http.GetAnswerAsync(path)).Ok();

        Assert.Equal("5m", Assert.Single(token["listings"].EnumerateArray()).GetProperty("interval").GetString());
        JsonElement former = Assert.Single(token["formerListings"].EnumerateArray());
        Assert.Equal(("1d", 3), (former.GetProperty("interval").GetString(), former.GetProperty("bars").GetInt32()));
        await silo.Http.RegisterAsync("days-former", """{"listings":[{"source":"api"},{"source":"api","interval":"1d"}]}""");
        Assert.Equal(2, (await silo.Http.GetAnswerAsync(path)).Ok()["life"].GetArrayLength());
    }
}
