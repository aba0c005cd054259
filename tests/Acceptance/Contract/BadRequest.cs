using System.Globalization;
using System.Net;
using System.Text;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>A request that is refused whole, and the problem that says so.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Method">GET, PUT, ….</param>
/// <param name="Path">Path and query; {id} stands for a token with bars in usd.</param>
/// <param name="Status">The status expected.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Field">The field that is named.</param>
internal sealed record BadRequest(string Name, string Method, string Path, HttpStatusCode Status, string Code, string Field)
{
    private const string Ok = """{"time":[1621428000],"rate":[5]}""";

    /// <summary>The body, made anew for each request.</summary>
    public Func<HttpContent?> Body { get; private init; } = () => null;

    /// <summary>Every way of asking wrongly that we could think of.</summary>
    public static IReadOnlyList<BadRequest> All { get; } =
    [
        // Rates as JSON: the form.
        Rates("nothing", "", "body"),
        Rates("a truncated object", """{"time":[1621428000],"rate":[5""", "body"),
        Rates("an array", "[]", "body"),
        Rates("a name of half a character", """{"time\ud800":[1621428000],"rate":[5]}""", "body"),
        Rates("a name that is no UTF-8", "", "body") with { Body = () => new ByteArrayContent([.. "{\"t"u8, 0xFF, .. "me\":[1621428000],\"rate\":[5]}"u8]) { Headers = { ContentType = new("application/json") } } },
        Rates("null", "null", "body"),
        Rates("a number", "1", "body"),
        Rates("a byte order mark of UTF-16", "\uFFFE{}", "body"),
        Rates("no object for a column", """{"time":1621428000,"rate":[5]}""", "time"),
        Rates("an array in a column", """{"time":[[1621428000]],"rate":[5]}""", "time"),
        Rates("an object in a column", """{"time":[1621428000],"rate":[{}]}""", "rate"),
        Rates("deep nesting", $$"""{"time":{{new string('[', 10_000)}}""", "time"),
        Rates("an unknown property", """{"time":[1621428000],"rate":[5],"volume":[1]}""", "volume"),
        Rates("a property in capitals", """{"Time":[1621428000],"rate":[5]}""", "Time"),
        Rates("times twice", """{"time":[1621428000],"time":[1621428300],"rate":[5]}""", "time"),
        Rates("rates twice", """{"time":[1621428000],"rate":[5],"rate":[6]}""", "rate"),
        Rates("no times", """{"rate":[5]}""", "time"),
        Rates("no rates", """{"time":[1621428000]}""", "rate"),
        Rates("something behind the object", Ok + " x", "body"),
        Rates("a second object", Ok + Ok, "body"),
        Rates("NaN without quotes", """{"time":[1621428000],"rate":[NaN]}""", "body"),
        Rates("Infinity without quotes", """{"time":[1621428000],"rate":[Infinity]}""", "body"),
        Rates("a comment", """{/* */"time":[1621428000],"rate":[5]}""", "body"),
        Rates("a trailing comma", """{"time":[1621428000,],"rate":[5]}""", "body"),
        Rates("more times than rates", """{"time":[1621428000,1621428300],"rate":[5]}""", "rate") with { Code = "columns.unequal" },
        Rates("more rates than times", """{"time":[1621428000],"rate":[5,6]}""", "time") with { Code = "columns.unequal" },
        Rates("a million bars", $$"""{"time":[{{string.Join(',', Enumerable.Range(0, 1_000_000))}}],"rate":[5]}""", "body") with { Status = HttpStatusCode.RequestEntityTooLarge, Code = "body.tooLarge" },

        // Rates as CSV: the form.
        Csv("nothing", ""),
        Csv("no header", "1621428000,5\n1621428300,6\n"),
        Csv("a header of other names", "when,what\n1621428000,5\n"),
        Csv("no rate column", "time,volume\n1621428000,5\n"),
        Csv("two time columns", "time,rate,time\n1621428000,5,1621428000\n"),
        Csv("a comma of thousands or of decimals", "time;rate\n1621428000;1,234\n"),
        Csv("two columns of rates", "time,value,last\n1621428000,5,6\n"),
        Csv("JSON", Ok),
        Csv("a million bars", "time,rate\n" + string.Concat(Enumerable.Range(0, 1_000_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 300L},5\n")))) with { Status = HttpStatusCode.RequestEntityTooLarge, Code = "body.tooLarge" },
        Csv("over the size limit", "") with { Status = HttpStatusCode.RequestEntityTooLarge, Code = "body.tooLarge", Body = () => Bytes(17 << 20, "text/csv", chunked: false) },
        Csv("over the size limit, its length not told", "") with { Status = HttpStatusCode.RequestEntityTooLarge, Code = "body.tooLarge", Body = () => Bytes(17 << 20, "text/csv", chunked: true) },

        // Other bodies.
        Typed("plain text", "POST", "/v1/tokens/{id}/rates", "time,rate\n1621428000,5\n", "text/plain"),
        Typed("XML", "POST", "/v1/tokens/{id}/rates", "<rates/>", "application/xml"),
        Typed("no content type", "POST", "/v1/tokens/{id}/rates", Ok, null),
        Typed("a registration as plain text", "PUT", "/v1/tokens/{id}", "{}", "text/plain"),
        Typed("a registration without content type", "PUT", "/v1/tokens/{id}", "{}", null),

        // Parameters of an ingest call.
        new("half a covered range", "POST", "/v1/tokens/{id}/rates?coveredFrom=1621427700", HttpStatusCode.BadRequest, "range.reversed", "coveredTo") { Body = () => Requests.Json(Ok) },
        new("a reversed covered range", "POST", "/v1/tokens/{id}/rates?coveredFrom=1621428000&coveredTo=1621427700", HttpStatusCode.BadRequest, "range.reversed", "coveredTo") { Body = () => Requests.Json(Ok) },
        new("no time for a covered range", "POST", "/v1/tokens/{id}/rates?coveredFrom=x&coveredTo=1621427700", HttpStatusCode.BadRequest, "time.malformed", "coveredFrom") { Body = () => Requests.Json(Ok) },
        new("an unknown parameter of an ingest call", "POST", "/v1/tokens/{id}/rates?quote=eur", HttpStatusCode.BadRequest, "query.unknown", "quote") { Body = () => Requests.Json(Ok) },
        new("bars of half an hour", "POST", "/v1/tokens/{id}/rates?interval=30m", HttpStatusCode.BadRequest, "interval.unknown", "interval") { Body = () => Requests.Json(Ok) },
        new("bars of a week", "POST", "/v1/tokens/{id}/rates?interval=1w", HttpStatusCode.BadRequest, "interval.unknown", "interval") { Body = () => Requests.Json(Ok) },
        new("bars of an unknown token", "POST", "/v1/tokens/nobody/rates", HttpStatusCode.NotFound, "token.unknown", "id") { Body = () => Requests.Json(Ok) },
        new("bars of a malformed id", "POST", "/v1/tokens/No.Body/rates", HttpStatusCode.BadRequest, "id.malformed", "id") { Body = () => Requests.Json(Ok) },

        // Registrations.
        Registration("nothing", "", "json.malformed", "body"),
        Registration("null", "null", "json.malformed", "body"),
        Registration("an array", "[]", "json.malformed", "body"),
        Registration("a truncated object", """{"symbol":"A" """, "json.malformed", "body"),
        Registration("something behind the object", "{} x", "json.malformed", "body"),
        Registration("an unknown property", """{"decimals":8}""", "json.malformed", "decimals"),
        Registration("an id", """{"id":"other"}""", "json.malformed", "id"),
        Registration("a property twice", """{"symbol":"A","symbol":"B"}""", "json.malformed", "symbol"),
        Registration("a number for a symbol", """{"symbol":1}""", "json.malformed", "symbol"),
        Registration("an empty symbol", """{"symbol":""}""", "symbol.malformed", "symbol"),
        Registration("a long symbol", $$"""{"symbol":"{{new string('A', 33)}}"}""", "symbol.malformed", "symbol"),
        Registration("a control character in a symbol", """{"symbol":"A\u0000"}""", "symbol.malformed", "symbol"),
        Registration("a long name", $$"""{"name":"{{new string('A', 129)}}"}""", "name.malformed", "name"),
        Registration("a quote in capitals", """{"quote":"EUR"}""", "quote.malformed", "quote"),
        Registration("an empty quote", """{"quote":""}""", "quote.malformed", "quote"),
        Registration("a staleness of less than a bar", """{"stalenessSeconds":299}""", "stalenessSeconds.outOfRange", "stalenessSeconds"),
        Registration("a staleness of more than a year", """{"stalenessSeconds":31536001}""", "stalenessSeconds.outOfRange", "stalenessSeconds"),
        Registration("a staleness as text", """{"stalenessSeconds":"900"}""", "json.malformed", "stalenessSeconds"),
        Registration("a staleness with a fraction", """{"stalenessSeconds":900.5}""", "json.malformed", "stalenessSeconds"),
        Registration("a listing that is no time", """{"listed":"yesterday"}""", "json.malformed", "listed"),
        Registration("a listing before 1970", """{"listed":-300}""", "json.malformed", "listed"),
        Registration("delisted before listed", """{"listed":"2022-01-01T00:00:00Z","delisted":"2021-01-01T00:00:00Z"}""", "range.reversed", "delisted"),
        Registration("a source with a space", """{"sources":{"bin ance":"AUSD"}}""", "sources.malformed", "sources"),
        Registration("an empty source symbol", """{"sources":{"binance":""}}""", "sources.malformed", "sources.binance"),
        Registration("a source symbol that is a number", """{"sources":{"binance":5}}""", "json.malformed", "sources.binance"),
        Registration("deep nesting", """{"sources":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{}}}}}}}}}}""", "json.malformed", "sources.a"),
        Registration("listings that are no list", """{"listings":{"source":"api"}}""", "json.malformed", "listings"),
        Registration("listings that are text", """{"listings":"api"}""", "json.malformed", "listings"),
        Registration("null for a listing", """{"listings":[{"source":"api"},null]}""", "listings.malformed", "listings[1]"),
        Registration("text for a listing", """{"listings":["binance:BTCUSDT"]}""", "json.malformed", "listings[0]"),
        Registration("a listing with an unknown property", """{"listings":[{"source":"api","market":"spot"}]}""", "json.malformed", "listings[0].market"),
        Registration("a listing without a source", """{"listings":[{"symbol":"BTCUSDT"}]}""", "listings.malformed", "listings[0].source"),
        Registration("a listing of a source in capitals", """{"listings":[{"source":"Binance","symbol":"BTCUSDT"}]}""", "listings.malformed", "listings[0].source"),
        Registration("a listing without a symbol", """{"listings":[{"source":"api"},{"source":"binance"}]}""", "listings.malformed", "listings[1].symbol"),
        Registration("a listing of an empty symbol", """{"listings":[{"source":"binance","symbol":""}]}""", "listings.malformed", "listings[0].symbol"),
        Registration("a listing of a control character", """{"listings":[{"source":"binance","symbol":"BTC\u0007USDT"}]}""", "listings.malformed", "listings[0].symbol"),
        Registration("a listing with a symbol of callers", """{"listings":[{"source":"api","symbol":"BTCUSDT"}]}""", "listings.malformed", "listings[0].symbol"),
        Registration("a listing in a quote in capitals", """{"listings":[{"source":"binance","symbol":"BTCUSDT","quote":"USDT"}]}""", "quote.malformed", "listings[0].quote"),
        Registration("a listing in the token itself", """{"listings":[{"source":"api"},{"source":"binance","symbol":"BTCUSDT","quote":"bad-input"}]}""", "quote.ofItself", "listings[1].quote"),
        Registration("a listing of an unknown interval", """{"listings":[{"source":"api"},{"source":"api","interval":"1d"},{"source":"binance","symbol":"BTCUSDT","interval":"2h"}]}""", "interval.unknown", "listings[2].interval"),
        Registration("a listing of minutes", """{"listings":[{"source":"binance","symbol":"BTCUSDT","interval":"1m"}]}""", "interval.unknown", "listings[0].interval"),
        Registration("a listing of weeks", """{"listings":[{"source":"binance","symbol":"BTCUSDT","interval":"1w"}]}""", "interval.unknown", "listings[0].interval"),
        Registration("a listing of a number for an interval", """{"listings":[{"source":"api","interval":300}]}""", "json.malformed", "listings[0].interval"),
        Registration("a listing from no time", """{"listings":[{"source":"api"},{"source":"binance","symbol":"BTCUSDT","from":"yesterday"}]}""", "json.malformed", "listings[1].from"),
        Registration("a listing to no day", """{"listings":[{"source":"api","to":"2021-02-30"}]}""", "json.malformed", "listings[0].to"),
        Registration("a listing from before 1970", """{"listings":[{"source":"api","from":"1969-12-31"}]}""", "json.malformed", "listings[0].from"),
        Registration("a listing that ends before it begins", """{"listings":[{"source":"api","from":"2021-01-02","to":"2021-01-01T00:00:00Z"}]}""", "range.reversed", "listings[0].to"),
        Registration("a listing that ends where it begins", """{"listings":[{"source":"api","from":"2021-01-02","to":1609545600}]}""", "range.reversed", "listings[0].to"),
        Registration("a listing twice", """{"listings":[{"source":"binance","symbol":"BTCUSDT","quote":"usdt"},{"source":"api"},{"source":"binance","symbol":"BTCUSDT","quote":"usdt","interval":"5m","from":"2020-01-01"}]}""", "listings.repeated", "listings[2]"),
        Registration("a listing twice, once in the quote that it has anyway", """{"listings":[{"source":"api","quote":"usd"},{"source":"api"}]}""", "listings.repeated", "listings[1]"),
        Registration("65 listings", $$"""{"listings":[{{string.Join(',', Enumerable.Range(0, 65).Select(i => $$"""{"source":"binance","symbol":"S{{i}}"}"""))}}]}""", "listings.outOfRange", "listings"),
        Registration("over the size limit", "", "body.tooLarge", "body") with { Status = HttpStatusCode.RequestEntityTooLarge, Body = () => Bytes(17 << 20, "application/json", chunked: false) },
        Registration("another quote for a token with bars", """{"quote":"eur"}""", "quote.conflict", "quote") with { Status = HttpStatusCode.Conflict },
        new("a registration under a malformed id", "PUT", "/v1/tokens/A%20B", HttpStatusCode.BadRequest, "id.malformed", "id") { Body = () => Requests.Json("{}") },
        new("a registration with a parameter", "PUT", "/v1/tokens/{id}?symbol=A", HttpStatusCode.BadRequest, "query.unknown", "symbol") { Body = () => Requests.Json("{}") },

        // Backfills.
        Backfill("nothing", "", "json.malformed", "body"),
        Backfill("null", "null", "json.malformed", "body"),
        Backfill("an array", "[]", "json.malformed", "body"),
        Backfill("a truncated object", """{"source":"simulated" """, "json.malformed", "body"),
        Backfill("an unknown property", """{"source":"simulated","until":"2024-01-01T00:00:00Z"}""", "json.malformed", "until"),
        Backfill("a property twice", """{"source":"simulated","source":"files"}""", "json.malformed", "source"),
        Backfill("no source", """{"tokens":"all"}""", "source.missing", "source"),
        Backfill("an empty source", """{"tokens":"all","source":""}""", "source.missing", "source"),
        Backfill("a source that is a number", """{"source":5}""", "json.malformed", "source"),
        Backfill("an unknown source", """{"tokens":"all","source":"mtgox"}""", "source.unknown", "source"),
        Backfill("a source in capitals", """{"tokens":"all","source":"Binance"}""", "source.unknown", "source"),
        Backfill("files without a folder of them", """{"tokens":"all","source":"files"}""", "source.unknown", "source"),
        Backfill("from after to", """{"source":"simulated","from":"2024-01-02T00:00:00Z","to":"2024-01-01T00:00:00Z"}""", "range.reversed", "from"),
        Backfill("from at to", """{"source":"simulated","from":"2024-01-01T00:00:00Z","to":"2024-01-01T00:00:00Z"}""", "range.reversed", "from"),
        Backfill("from the future on", """{"source":"simulated","from":"2999-01-01T00:00:00Z"}""", "time.inFuture", "from"),
        Backfill("a time in words", """{"source":"simulated","from":"yesterday"}""", "json.malformed", "from"),
        Backfill("a word for tokens", """{"source":"simulated","tokens":"some"}""", "json.malformed", "tokens"),
        Backfill("one token without a list", """{"source":"simulated","tokens":"btc"}""", "json.malformed", "tokens"),
        Backfill("a number for tokens", """{"source":"simulated","tokens":5}""", "json.malformed", "tokens"),
        Backfill("an object for tokens", """{"source":"simulated","tokens":{"btc":true}}""", "json.malformed", "tokens"),
        Backfill("numbers among tokens", """{"source":"simulated","tokens":["btc",5]}""", "json.malformed", "tokens"),
        Backfill("null among tokens", """{"source":"simulated","tokens":["btc",null]}""", "json.malformed", "tokens"),
        Backfill("no tokens", """{"source":"simulated","tokens":[]}""", "tokens.outOfRange", "tokens"),
        Backfill("too many tokens", $$"""{"source":"simulated","tokens":[{{string.Join(',', Enumerable.Range(0, 10_001).Select(i => $"\"t{i}\""))}}]}""", "tokens.outOfRange", "tokens"),
        Backfill("a token in capitals", """{"source":"simulated","tokens":["BTC"]}""", "id.malformed", "tokens"),
        Backfill("an order that is none", """{"source":"simulated","order":"random"}""", "order.unknown", "order"),
        new("a backfill with a parameter", "POST", "/v1/backfills?source=simulated", HttpStatusCode.BadRequest, "query.unknown", "source") { Body = () => Requests.Json("""{"source":"simulated"}""") },
        Typed("a backfill as plain text", "POST", "/v1/backfills", """{"source":"simulated"}""", "text/plain"),
        Get("an unknown backfill", "/v1/backfills/b999", "backfill.unknown", "id") with { Status = HttpStatusCode.NotFound },
        Get("a backfill named by a line end", "/v1/backfills/%0D", "backfill.unknown", "id") with { Status = HttpStatusCode.NotFound },
        Get("a backfill named by a control character, to be cancelled", "/v1/backfills/b%01", "backfill.unknown", "id") with { Method = "DELETE", Status = HttpStatusCode.NotFound },
        Get("a page of no backfills", "/v1/backfills?limit=0", "limit.outOfRange", "limit"),
        Get("an unknown backfill to be cancelled", "/v1/backfills/b999", "backfill.unknown", "id") with { Method = "DELETE", Status = HttpStatusCode.NotFound },
        Get("an unknown backfill to be held", "/v1/backfills/b999/pause", "backfill.unknown", "id") with { Method = "POST", Status = HttpStatusCode.NotFound },
        Wrong("PUT", "/v1/backfills"),

        // Tokens and paths.
        Get("an unknown token", "/v1/tokens/nobody", "token.unknown", "id") with { Status = HttpStatusCode.NotFound },
        Get("PnL of an unknown token", "/v1/tokens/nobody/pnl", "token.unknown", "id") with { Status = HttpStatusCode.NotFound },
        Get("a window of an unknown token", "/v1/tokens/nobody/pnl?from=0", "token.unknown", "id") with { Status = HttpStatusCode.NotFound },
        Get("a series of an unknown token", "/v1/tokens/nobody/pnl/series", "token.unknown", "id") with { Status = HttpStatusCode.NotFound },
        Get("rates of an unknown token", "/v1/tokens/nobody/rates", "token.unknown", "id") with { Status = HttpStatusCode.NotFound },
        Get("an id in capitals", "/v1/tokens/BTC/pnl", "id.malformed", "id"),
        Get("an id that begins with a dash", "/v1/tokens/-btc", "id.malformed", "id"),
        Get("an id of 65 characters", "/v1/tokens/" + new string('a', 65), "id.malformed", "id"),
        Get("a slash in an id", "/v1/tokens/a%2Fb", "id.malformed", "id"),
        Get("a path that is not there", "/v1/nothing", "path.unknown", "path") with { Status = HttpStatusCode.NotFound },
        Get("a path behind a token", "/v1/tokens/{id}/nothing", "path.unknown", "path") with { Status = HttpStatusCode.NotFound },
        Get("an OpenAPI document that is not there", "/openapi/v2.json", "path.unknown", "path") with { Status = HttpStatusCode.NotFound },
        Wrong("POST", "/v1/tokens/{id}"),
        Wrong("PATCH", "/v1/tokens/{id}"),
        Wrong("POST", "/v1/tokens"),
        Wrong("PUT", "/v1/tokens/{id}/rates"),
        Wrong("POST", "/v1/tokens/{id}/pnl"),
        Wrong("DELETE", "/v1/tokens/{id}/pnl/series"),

        // Parameters.
        Get("from after to", "/v1/tokens/{id}/pnl?from=1621428000&to=1621427700", "range.reversed", "from"),
        Get("from after to of a series", "/v1/tokens/{id}/pnl/series?from=1621428000&to=1621427700", "range.reversed", "from"),
        Get("from after to of rates", "/v1/tokens/{id}/rates?from=2021-05-19T12:40:00Z&to=2021-05-19T12:35:00Z", "range.reversed", "from"),
        Get("a time in words", "/v1/tokens/{id}/pnl?from=yesterday", "time.malformed", "from"),
        Get("a time without offset", "/v1/tokens/{id}/pnl?from=2021-05-19T12:35:00", "time.malformed", "from"),
        Get("a negative time", "/v1/tokens/{id}/pnl?to=-300", "time.malformed", "to"),
        Get("milliseconds", "/v1/tokens/{id}/pnl?from=1621427700000", "time.malformed", "from"),
        Get("a time without a value", "/v1/tokens/{id}/pnl?from=", "time.malformed", "from"),
        Get("a window of the future", "/v1/tokens/{id}/pnl?from=2999-01-01T00:00:00Z", "time.inFuture", "from"),
        Get("an interval of two hours", "/v1/tokens/{id}/pnl/series?interval=2h", "interval.unknown", "interval"),
        Get("an interval of a minute", "/v1/tokens/{id}/rates?interval=1m", "interval.unknown", "interval"),
        Get("an interval without a value", "/v1/tokens/{id}/rates?interval=", "interval.unknown", "interval"),
        Get("three points", "/v1/tokens/{id}/pnl/series?maxPoints=3", "maxPoints.outOfRange", "maxPoints"),
        Get("too many points", "/v1/tokens/{id}/rates?maxPoints=100001", "maxPoints.outOfRange", "maxPoints"),
        Get("points in words", "/v1/tokens/{id}/rates?maxPoints=many", "maxPoints.outOfRange", "maxPoints"),
        Get("a page of nothing", "/v1/tokens/{id}/pnl/series?limit=0", "limit.outOfRange", "limit"),
        Get("a page of less than nothing", "/v1/tokens/{id}/rates?limit=-5", "limit.outOfRange", "limit"),
        Get("a page of too many tokens", "/v1/tokens?limit=1001", "limit.outOfRange", "limit"),
        Get("a page beyond 32 bits", "/v1/tokens?limit=99999999999", "limit.outOfRange", "limit"),
        Get("a cursor that is none", "/v1/tokens/{id}/pnl/series?cursor=next", "cursor.malformed", "cursor"),
        Get("a cursor of half a page", "/v1/tokens/{id}/pnl/series?cursor=1621427700_x", "cursor.malformed", "cursor"),
        Get("a cursor of tokens that is none", "/v1/tokens?cursor=!!!", "cursor.malformed", "cursor"),
        Get("a quantity in words", "/v1/tokens/{id}/pnl?quantity=all", "quantity.malformed", "quantity"),
        Get("a quantity with an exponent", "/v1/tokens/{id}/pnl?quantity=1e5", "quantity.malformed", "quantity"),
        Get("a quantity without a value", "/v1/tokens/{id}/pnl?quantity=", "quantity.malformed", "quantity"),
        Get("a quantity that would be rounded", "/v1/tokens/{id}/pnl?quantity=0.12345678901234567890123456789", "quantity.malformed", "quantity"),
        Get("a quantity of too many places", "/v1/tokens/{id}/pnl?quantity=0.00000000000000000000000000001", "quantity.malformed", "quantity"),
        Get("a quantity of a series of too many places", "/v1/tokens/{id}/pnl/series?quantity=0.00000000000000000000000000001", "quantity.malformed", "quantity"),
        Get("a cursor with money that is none", "/v1/tokens/{id}/pnl/series?cursor=1621427700_1e5", "cursor.malformed", "cursor"),
        Get("a quantity of rates", "/v1/tokens/{id}/rates?quantity=2", "query.unknown", "quantity"),
        Get("a misspelled parameter", "/v1/tokens/{id}/pnl?form=1621427700", "query.unknown", "form"),
        Get("a parameter of a token", "/v1/tokens/{id}?from=1621427700", "query.unknown", "from"),
        Get("a ranking of no window", "/v1/leaderboard?window=2h", "window.unknown", "window"),
        Get("a ranking of a window without a value", "/v1/leaderboard?window=", "window.unknown", "window"),
        Get("a ranking by no figure", "/v1/leaderboard?by=sharpe", "by.unknown", "by"),
        Get("a ranking by a figure in capitals", "/v1/leaderboard?by=Return", "by.unknown", "by"),
        Get("a ranking in no order", "/v1/leaderboard?order=up", "order.unknown", "order"),
        Get("a ranking of no places", "/v1/leaderboard?limit=0", "limit.outOfRange", "limit"),
        Get("a ranking of too many places", "/v1/leaderboard?limit=1001", "limit.outOfRange", "limit"),
        Get("a ranking of some", "/v1/leaderboard?include=some", "include.unknown", "include"),
        Get("a ranking by a misspelled parameter", "/v1/leaderboard?windows=24h", "query.unknown", "windows"),
        Get("a ranking by two figures", "/v1/leaderboard?by=return&by=pnl", "query.repeated", "by"),
        Get("a stream of nothing", "/v1/stream", "tokens.missing", "tokens"),
        Get("a stream of an empty list", "/v1/stream?tokens=", "tokens.malformed", "tokens"),
        Get("a stream with a comma too many", "/v1/stream?tokens={id},", "tokens.malformed", "tokens"),
        Get("a stream of a malformed id", "/v1/stream?tokens={id},BTC", "tokens.malformed", "tokens"),
        Get("a stream of too many tokens", "/v1/stream?tokens=" + string.Join(',', Enumerable.Range(0, 101).Select(i => string.Create(CultureInfo.InvariantCulture, $"t{i}"))), "tokens.outOfRange", "tokens"),
        Get("a stream of an unknown token", "/v1/stream?tokens={id},nobody", "token.unknown", "tokens") with { Status = HttpStatusCode.NotFound },
        Get("a stream of an unknown portfolio", "/v1/stream?portfolio=nobody-has-it", "portfolio.unknown", "portfolio") with { Status = HttpStatusCode.NotFound },
        Get("a page of no portfolios", "/v1/portfolios?limit=0", "limit.outOfRange", "limit"),
        Get("a list of portfolios from nowhere", "/v1/portfolios?cursor=A", "cursor.malformed", "cursor"),
        Get("a stream of no portfolio", "/v1/stream?portfolio=", "portfolio.malformed", "portfolio"),
        Get("a stream of a malformed portfolio", "/v1/stream?portfolio=Mine", "portfolio.malformed", "portfolio"),
        Get("a stream of tokens and a portfolio", "/v1/stream?portfolio=mine&tokens={id}", "stream.ambiguous", "portfolio"),
        Wrong("POST", "/v1/leaderboard"),
        Wrong("POST", "/v1/stream"),
        Get("a parameter twice", "/v1/tokens/{id}/pnl?from=1621427700&from=1621428000", "query.repeated", "from"),
    ];

    public override string ToString() => Name;

    private static BadRequest Rates(string what, string body, string field) =>
        new($"JSON rates: {what}", "POST", "/v1/tokens/{id}/rates", HttpStatusCode.BadRequest, "json.malformed", field) { Body = () => Requests.Json(body) };

    private static BadRequest Csv(string what, string body) =>
        new($"CSV rates: {what}", "POST", "/v1/tokens/{id}/rates", HttpStatusCode.BadRequest, "csv.malformed", "body") { Body = () => Requests.Csv(body) };

    private static BadRequest Registration(string what, string body, string code, string field) =>
        new($"registration: {what}", "PUT", "/v1/tokens/{id}", HttpStatusCode.BadRequest, code, field) { Body = () => Requests.Json(body) };

    private static BadRequest Backfill(string what, string body, string code, string field) =>
        new($"backfill: {what}", "POST", "/v1/backfills", HttpStatusCode.BadRequest, code, field) { Body = () => Requests.Json(body) };

    private static BadRequest Typed(string what, string method, string path, string body, string? type) =>
        new($"content type: {what}", method, path, HttpStatusCode.UnsupportedMediaType, "contentType.unsupported", "Content-Type")
        {
            Body = () => new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = type is null ? null : new(type) } },
        };

    private static BadRequest Get(string what, string path, string code, string field) => new(what, "GET", path, HttpStatusCode.BadRequest, code, field);

    private static BadRequest Wrong(string method, string path) => new($"{method} {path}", method, path, HttpStatusCode.MethodNotAllowed, "method.notAllowed", "method");

    private static ByteArrayContent Bytes(int length, string type, bool chunked)
    {
        ByteArrayContent content = chunked ? new Chunked(new byte[length]) : new ByteArrayContent(new byte[length]);
        content.Headers.ContentType = new(type);
        return content;
    }

    private sealed class Chunked(byte[] bytes) : ByteArrayContent(bytes)
    {
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
