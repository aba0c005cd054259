using System.Net;
using System.Text.Json;
using Pnl.Client;
using Pnl.Grains;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Acceptance.Sdk;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>The listings of a token are put as a whole, in order of preference, and come back as they were put.</summary>
public sealed class ListingTests(QuietSilo silo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Listings_come_back_in_their_order_with_what_was_left_out_filled_in()
    {
        Answer put = (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/ordered", Requests.Json(
            """
            {"quote":"eur","listings":[
              {"source":"bitfinex","symbol":"tORD:EUR","from":"2013-04-01","to":"2017-08-17T04:00:00+02:00"},
              {"source":"binance","symbol":"ORDUSDT","quote":"usdt","interval":"1h","from":1502928000},
              {"source":"files","symbol":"ORD-EUR","interval":"1d"},
              {"source":"api","quote":"usd","interval":"4h"},
              {"source":"api"}]}
            """)));

        Assert.Equal(HttpStatusCode.Created, put.Status);
        string[] wanted =
        [
            "bitfinex tORD:EUR eur 5m 2013-04-01T00:00:00Z 2017-08-17T02:00:00Z", "binance ORDUSDT usdt 1h 2017-08-17T00:00:00Z -", "files ORD-EUR eur 1d - -", "api  usd 4h - -", "api  eur 5m - -",
        ];
        Assert.Equal(wanted, Listings(put.Json));
        Answer got = (await silo.Http.GetAnswerAsync("/v1/tokens/ordered")).Ok();
        Assert.Equal(wanted, Listings(got.Json));
        Assert.Equal(wanted, Listings((await silo.Http.GetAnswerAsync("/v1/tokens?search=ordered")).Ok()["items"][0]));
    }

    [Fact]
    public async Task What_was_never_fetched_says_so_and_of_no_bars_nobodys_life_is_told()
    {
        await silo.Http.RegisterAsync("unfetched", """{"listings":[{"source":"binance","symbol":"UNFUSDT","quote":"usdt","interval":"1d"}]}""");

        Answer token = (await silo.Http.GetAnswerAsync("/v1/tokens/unfetched")).Ok();

        JsonElement listing = Assert.Single(token["listings"].EnumerateArray());
        Assert.True(listing.GetProperty("neverFetched").GetBoolean());
        Assert.Equal((0, 0), (listing.GetProperty("bars").GetInt32(), listing.GetProperty("fetched").GetArrayLength()));
        Assert.All(["firstBar", "lastBar"], name => Assert.Equal(JsonValueKind.Null, listing.GetProperty(name).ValueKind));
        Assert.Equal((0, 0), (token["life"].GetArrayLength(), token["formerListings"].GetArrayLength()));
    }

    [Fact]
    public async Task Put_listings_replace_those_before_absent_ones_keep_them_and_none_clear_them()
    {
        await silo.Http.RegisterAsync("replaced", """{"listings":[{"source":"binance","symbol":"A"},{"source":"okx","symbol":"B"}]}""");
        await silo.Http.RegisterAsync("replaced", """{"listings":[{"source":"okx","symbol":"B"},{"source":"kraken","symbol":"C"}]}""");
        Assert.Equal(["okx B usd 5m - -", "kraken C usd 5m - -"], Listings((await silo.Http.GetAnswerAsync("/v1/tokens/replaced")).Ok().Json));
        Answer kept = (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/replaced", Requests.Json("""{"name":"Other"}"""))).Ok();
        Assert.Equal(["okx B usd 5m - -", "kraken C usd 5m - -"], Listings(kept.Json));
        Assert.Equal(2, (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/replaced", Requests.Json("""{"listings":null}"""))).Ok()["listings"].GetArrayLength());

        Answer cleared = (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/replaced", Requests.Json("""{"listings":[]}"""))).Ok();

        Assert.Empty(Listings(cleared.Json));
        Assert.Empty(Listings((await silo.Http.GetAnswerAsync("/v1/tokens/replaced")).Ok().Json));
    }

    [Fact]
    public async Task Sources_are_listings_in_the_tokens_quote_behind_those_that_were_named()
    {
        Answer token = (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/sourced", Requests.Json(
            """{"quote":"eur","sources":{"kraken":"SRCEUR","binance":"SRCEUR"},"listings":[{"source":"okx","symbol":"SRC-USDT","quote":"usdt"}]}"""))).Ok();

        Assert.Equal(["okx SRC-USDT usdt 5m - -", "binance SRCEUR eur 5m - -", "kraken SRCEUR eur 5m - -"], Listings(token.Json));
    }

    [Fact]
    public async Task An_order_that_changes_changes_the_tag()
    {
        await silo.Http.RegisterAsync("retagged", """{"listings":[{"source":"binance","symbol":"A"},{"source":"okx","symbol":"B"}]}""");
        string tag = (await silo.Http.GetAnswerAsync("/v1/tokens/retagged")).Ok().ETag!;
        await silo.Http.RegisterAsync("retagged", """{"listings":[{"source":"binance","symbol":"A"},{"source":"okx","symbol":"B"}]}""");
        Assert.Equal(HttpStatusCode.NotModified, (await silo.Http.GetAnswerAsync("/v1/tokens/retagged", ("If-None-Match", tag))).Status);

        await silo.Http.RegisterAsync("retagged", """{"listings":[{"source":"okx","symbol":"B"},{"source":"binance","symbol":"A"}]}""");

        Assert.NotEqual(tag, (await silo.Http.GetAnswerAsync("/v1/tokens/retagged", ("If-None-Match", tag))).Ok().ETag);
    }

    [Fact]
    public async Task The_client_over_HTTP_puts_and_reads_listings()
    {
        await using ServiceProvider services = SdkService.OverHttp(silo.Http.BaseAddress!);
        IPnlClient pnl = services.GetRequiredService<IPnlClient>();
        TokenListing[] listings =
        [
            new("files", "FAR-USD", "usd", Interval.Day, To: new(2013, 4, 1, 0, 0, 0, TimeSpan.Zero)), new("binance", "FARUSDT", "usdt", From: new(2017, 8, 17, 4, 0, 0, TimeSpan.Zero)), new("api", "", "usd", Interval.FourHours),
        ];

        RegisterResult put = await pnl.RegisterTokenAsync("by-client", new() { Listings = listings }, Cancellation);
        TokenCoverage got = await pnl.GetCoverageAsync("by-client", cancellation: Cancellation);

        Assert.Equal(listings, put.Token.Listings);
        Assert.Equal(listings, (await pnl.GetTokenAsync("by-client", Cancellation)).Listings);
        Assert.Equal(listings, Assert.Single(await pnl.ListTokensAsync("by-client", cancellation: Cancellation)).Listings);
        Assert.Equal(listings, got.Listings.Select(state => state.Listing));
        Assert.All(got.Listings, state => Assert.True(state.NeverFetched));
        Assert.Empty(got.Life);
        await Assert.ThrowsAsync<NotSupportedException>(() => pnl.RegisterTokenAsync("by-client", new() { AddListing = listings[0] }, Cancellation));
        await Assert.ThrowsAsync<NotSupportedException>(() => pnl.IngestAsync("by-client", new() { Time = default, Rate = default, Source = "binance" }, Cancellation));
    }

    /// <summary>The listings of an answer, a line each.</summary>
    private static string[] Listings(JsonElement token) => [.. token.GetProperty("listings").EnumerateArray().Select(listing => string.Join(' ',
        ((string[])["source", "symbol", "quote", "interval", "from", "to"]).Select(name => listing.GetProperty(name).GetString() ?? "-")))];
}
