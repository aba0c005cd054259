using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sparklines;

/// <summary>Small series of several tokens in one call.</summary>
public sealed class SparklineTests(QuietSilo silo)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    [Fact]
    public async Task Each_token_has_its_rates_since_the_start_of_the_window_thinned_out_with_the_extremes_kept()
    {
        await silo.Http.RegisterAsync("spark-few");
        await silo.Http.RegisterAsync("spark-many");
        await silo.Http.RegisterAsync("spark-none");
        (await silo.Http.IngestAsync("spark-few", (Start - 7200, 9m), (Start, 2m), (Start + 300, 0.0000000123m))).Ok();
        (await silo.Http.IngestAsync("spark-many", [.. Enumerable.Range(0, 288).Select(i => (Start + 300L * i, i switch { 100 => 99m, 200 => 0.5m, _ => 2m + i % 7 }))])).Ok();

        Answer few = (await silo.Http.GetAnswerAsync("/v1/sparklines?tokens=spark-few,spark-none&window=1h")).Ok();
        Answer many = (await silo.Http.GetAnswerAsync("/v1/sparklines?tokens=spark-many&maxPoints=20")).Ok();

        Assert.Equal("1h", few["window"].GetString());
        JsonElement[] lines = [.. few["items"].EnumerateArray()];
        Assert.Equal(["spark-few", "spark-none"], lines.Select(line => line.GetProperty("token").GetString()));
        Assert.Equal([2m, 0.0000000123m], Rates(lines[0]));
        Assert.Equal("2021-05-19T12:45:00Z", lines[0].GetProperty("asOf").GetString());
        Assert.Equal((JsonValueKind.Null, 0), (lines[1].GetProperty("from").ValueKind, Rates(lines[1]).Length));
        decimal[] thinned = Rates(many["items"][0]);
        Assert.Equal("24h", many["window"].GetString());
        Assert.InRange(thinned.Length, 4, 20);
        Assert.Equal((2m, 0.5m, 99m, 2m + 287 % 7), (thinned[0], thinned.Min(), thinned.Max(), thinned[^1]));
    }

    [Theory]
    [InlineData("/v1/sparklines", HttpStatusCode.BadRequest, "tokens.missing", "tokens")]
    [InlineData("/v1/sparklines?tokens=A", HttpStatusCode.BadRequest, "tokens.malformed", "tokens")]
    [InlineData("/v1/sparklines?tokens=", HttpStatusCode.BadRequest, "tokens.malformed", "tokens")]
    [InlineData("/v1/sparklines?tokens=a&window=2h", HttpStatusCode.BadRequest, "window.unknown", "window")]
    [InlineData("/v1/sparklines?tokens=a&maxPoints=501", HttpStatusCode.BadRequest, "maxPoints.outOfRange", "maxPoints")]
    [InlineData("/v1/sparklines?tokens=a&by=return", HttpStatusCode.BadRequest, "query.unknown", "by")]
    [InlineData("/v1/sparklines?tokens=no-such-token", HttpStatusCode.NotFound, "token.unknown", "tokens")]
    public async Task What_is_asked_wrongly_is_named(string path, HttpStatusCode status, string code, string field)
    {
        Answer answer = await silo.Http.GetAnswerAsync(path);

        Assert.Equal((status, code, field), (answer.Status, answer["code"].GetString(), answer["field"].GetString()));
    }

    [Fact]
    public async Task More_tokens_than_are_taken_at_once_are_refused()
    {
        Answer answer = await silo.Http.GetAnswerAsync("/v1/sparklines?tokens=" + string.Join(',', Enumerable.Range(0, 101).Select(i => $"t{i}")));

        Assert.Equal((HttpStatusCode.BadRequest, "tokens.outOfRange"), (answer.Status, answer["code"].GetString()));
    }

    private static decimal[] Rates(JsonElement line) => [.. line.GetProperty("rate").EnumerateArray().Select(rate => rate.GetDecimal())];
}
