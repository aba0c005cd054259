using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>What a client may take up of the server: bytes, entries, depth, time. And what each answer tells a browser.</summary>
public sealed class LimitTests(QuietSilo silo)
{
    // Kestrel looks once a second, and a loaded machine later.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("POST", "/v1/tokens/limits/rates", "application/json")]
    [InlineData("POST", "/v1/tokens/limits/rates", "text/csv")]
    [InlineData("PUT", "/v1/tokens/limits", "application/json")]
    [InlineData("POST", "/v1/portfolios/limits/entries", "text/csv")]
    [InlineData("POST", "/v1/backfills", "application/json")]
    public async Task A_compressed_body_is_refused_before_it_is_any_number_of_megabytes(string method, string path, string type)
    {
        foreach (string encoding in (string[])["gzip", "br", "deflate"])
        {
            using ByteArrayContent bomb = new(Bomb()) { Headers = { ContentType = new(type), ContentEncoding = { encoding } } };

            Answer answer = await silo.Http.SendAsync(new(method), path, bomb);

            Assert.Equal((HttpStatusCode.UnsupportedMediaType, "contentEncoding.unsupported", "Content-Encoding"), (answer.Status, answer["code"].GetString(), answer["field"].GetString()));
        }
    }

    [Fact]
    public async Task A_ledger_of_millions_of_lines_or_of_empty_entries_is_refused_and_not_answered_line_by_line()
    {
        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/limits", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();
        string lines = "id,time,kind,token,quantity,price,currency,fees,note\n" + string.Concat(Enumerable.Repeat("x\n", 7_000_000));
        string entries = "{\"entries\":[" + string.Join(',', Enumerable.Repeat("{}", 5_000_000)) + "]}";

        Answer csv = await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/limits/entries", Requests.Csv(lines));
        Answer json = await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/limits/entries", Requests.Json(entries));
        Answer open = await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/limits/entries", Requests.Json(entries[..^2]));
        Answer few = await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/limits/entries", Requests.Json("""{"entries":[{"id":"a","quantity":"x"}]}"""));

        Assert.All((Answer[])[csv, json, open], answer => Assert.Equal((HttpStatusCode.BadRequest, "entries.outOfRange"), (answer.Status, answer["code"].GetString())));
        Assert.Equal((HttpStatusCode.BadRequest, "json.malformed", "entries[0].quantity"), (few.Status, few["code"].GetString(), few["field"].GetString()));
    }

    [Theory]
    [InlineData("PUT", "/v1/tokens/limits")]
    [InlineData("POST", "/v1/tokens/limits/rates")]
    [InlineData("PUT", "/v1/portfolios/limits")]
    [InlineData("POST", "/v1/portfolios/limits/entries")]
    [InlineData("POST", "/v1/backfills")]
    [InlineData("POST", "/v1/keys")]
    public async Task Nesting_of_a_million_is_refused(string method, string path)
    {
        foreach (string deep in (string[])[new string('[', 1_000_000), string.Concat(Enumerable.Repeat("{\"sources\":", 1_000_000)), "{\"entries\":" + new string('[', 1_000_000)])
        {
            Answer answer = await silo.Http.SendAsync(new(method), path, Requests.Json(deep));

            Assert.Equal((HttpStatusCode.BadRequest, "json.malformed"), (answer.Status, answer["code"].GetString()));
        }
    }

    [Fact]
    public async Task A_registration_names_no_more_sources_than_there_can_be()
    {
        Answer answer = await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/limits", Requests.Json("{\"sources\":{" + string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"s{i}\":\"X\"")) + "}}"));

        Assert.Equal((HttpStatusCode.BadRequest, "sources.outOfRange", "sources"), (answer.Status, answer["code"].GetString(), answer["field"].GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAnswerAsync("/v1/tokens/limits")).Status);
    }

    [Fact]
    public async Task Long_targets_and_headers_are_refused()
    {
        Assert.Equal(HttpStatusCode.RequestUriTooLong, (await silo.Http.GetAnswerAsync("/v1/tokens?search=" + new string('a', 10_000))).Status);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await silo.Http.GetAnswerAsync("/v1/tokens", ("X-Long", new string('a', 40_000)))).Status);
    }

    [Fact]
    public async Task A_client_that_sends_its_headers_or_its_body_too_slowly_is_let_go()
    {
        string[] begun =
        [
            "GET /v1/tokens HTTP/1.1\r\nHost: localhost\r\nX-Slow:",
            "POST /v1/tokens/limits/rates HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
            "POST /v1/portfolios/limits/entries HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nid,t\r\n",
        ];

        string[] ends = await Task.WhenAll(begun.Select(EndAsync));

        Assert.Contains("408", ends[0], StringComparison.Ordinal);
        Assert.All(ends[1..], end => Assert.StartsWith("HTTP/1.1 408", end, StringComparison.Ordinal));
        (await silo.Http.GetAnswerAsync("/v1/tokens")).Ok();
    }

    [Theory]
    [InlineData("/v1/tokens")]
    [InlineData("/v1/tokens/none-such")]
    [InlineData("/none-such")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health/live")]
    [InlineData("/")]
    [InlineData("/page/app.js")]
    [InlineData("/dashboard")]
    public async Task Each_answer_is_guessed_framed_and_kept_by_nobody(string path)
    {
        Answer answer = await silo.Http.GetAnswerAsync(path);

        string Header(string name) => Assert.Single(answer.Headers.GetValues(name));
        Assert.Equal(("nosniff", "DENY", "no-referrer"), (Header("X-Content-Type-Options"), Header("X-Frame-Options"), Header("Referrer-Policy")));
        Assert.Contains(Header("Cache-Control"), (string[])["no-store", "no-cache", "no-store, no-cache"]);
        if (path != "/dashboard")
        {
            Assert.Contains("default-src 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        }

        Assert.False(answer.Headers.Contains("Server"));
    }

    /// <summary>Sends the begin of a request, and reads until the server closes.</summary>
    private async Task<string> EndAsync(string begun)
    {
        using TcpClient client = new();
        await client.ConnectAsync(silo.Http.BaseAddress!.Host, silo.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(begun), TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    /// <summary>A hundred megabytes in a hundred kilobytes.</summary>
    private static byte[] Bomb()
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, CompressionLevel.Fastest))
        {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 100; i++)
            {
                gzip.Write(zeros);
            }
        }

        return bytes.ToArray();
    }
}
