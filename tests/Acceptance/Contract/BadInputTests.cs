using System.Net;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>Whatever is sent, the answer says what is wrong with it, and what was there before is there afterwards.</summary>
public sealed class BadInputTests(QuietSilo silo)
{
    private const string Token = "bad-input";

    public static TheoryData<string> Requests => [.. BadRequest.All.Select(request => request.Name)];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_bad_request_is_answered_by_a_problem_and_changes_nothing(string name)
    {
        BadRequest request = BadRequest.All.Single(r => r.Name == name);
        string before = await StateAsync();

        Answer answer = await silo.Http.SendAsync(new(request.Method), request.Path.Replace("{id}", Token, StringComparison.Ordinal), request.Body());

        AssertProblem(answer, request.Status, request.Code, request.Field);
        Assert.Equal(before, await StateAsync());
    }

    [Theory]
    [InlineData("1621428000", "0", "rate.zero")]
    [InlineData("1621428000", "0.000", "rate.zero")]
    [InlineData("1621428000", "-1", "rate.negative")]
    [InlineData("1621428000", "\"NaN\"", "rate.malformed")]
    [InlineData("1621428000", "\"Infinity\"", "rate.malformed")]
    [InlineData("1621428000", "\"-Infinity\"", "rate.malformed")]
    [InlineData("1621428000", "\"1,5\"", "rate.malformed")]
    [InlineData("1621428000", "true", "rate.missing")]
    [InlineData("1621428000", "null", "rate.missing")]
    [InlineData("1621428000", "1e40", "rate.tooLarge")]
    [InlineData("1621428000", "1e999999999999", "rate.tooLarge")]
    [InlineData("1621428000", "0.00000000000000000123456789012", "rate.tooPrecise")] // 11 digits of it would be kept
    [InlineData("1621428000", "1e-29", "rate.tooPrecise")]
    [InlineData("1621428001", "5", "time.unaligned")]
    [InlineData("4102444800", "5", "time.inFuture")] // 2100
    [InlineData("-300", "5", "time.outOfRange")]
    [InlineData("99999999999999999999", "5", "time.outOfRange")]
    [InlineData("1621428000001", "5", "time.unaligned")] // milliseconds, of which one is too many
    [InlineData("1621428000.5", "5", "time.unaligned")]
    [InlineData("\"2021-05-19\"", "5", "time.isDate")] // a whole day
    [InlineData("\"2021-05-19T12:40:00\"", "5", "time.malformed")] // of which time zone?
    [InlineData("\"noon\"", "5", "time.malformed")]
    [InlineData("null", "5", "time.malformed")]
    public async Task A_bad_bar_is_rejected_by_itself_and_the_good_ones_of_its_batch_are_kept(string time, string rate, string code)
    {
        string token = "bad-bar-" + Guid.NewGuid().ToString("n");
        await silo.Http.RegisterAsync(token);

        Answer json = (await silo.Http.SendAsync(
            HttpMethod.Post, $"/v1/tokens/{token}/rates", Programs.Requests.Json($$"""{"time":[1621427700,{{time}},1621428300],"rate":[3,{{rate}},4]}"""))).Ok();

        Assert.Equal((2, 0, 0), (json["accepted"].GetInt32(), json["unchanged"].GetInt32(), json["corrected"].GetInt32()));
        JsonElement rejected = Assert.Single(json["rejected"].EnumerateArray());
        Assert.Equal((1, code), (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("code").GetString()));

        // The same as CSV, where nothing needs quotes and null is an empty field.
        string Field(string text) => text is "null" or "true" ? "" : text.Trim('"');
        if (!rate.Contains(',', StringComparison.Ordinal))
        {
            Answer csv = (await silo.Http.SendAsync(
                HttpMethod.Post, $"/v1/tokens/{token}/rates", Programs.Requests.Csv($"time,rate\n1621427700,3\n{Field(time)},{Field(rate)}\n1621428300,4\n"))).Ok();
            Assert.Equal(2, csv["unchanged"].GetInt32());
            Assert.Equal(code, Assert.Single(csv["rejected"].EnumerateArray()).GetProperty("code").GetString());
        }

        Answer kept = (await silo.Http.GetAnswerAsync($"/v1/tokens/{token}/rates")).Ok();
        Assert.Equal([1621427700, 1621428300], kept.Times());
        Assert.Equal([3m, 4m], kept.Decimals("close"));
        Assert.Equal(3, kept["revision"].GetInt64()); // registration and two bars
    }

    [Fact]
    public async Task A_row_of_CSV_that_is_none_is_rejected_by_itself()
    {
        const string Csv = "time,rate\n1621427700,3\n1621428000\n1621428000,5,6\n\n\"1621428300\",\"4\"\n\"1621428600,5\n1621428900,\"6\"\n";
        await silo.Http.RegisterAsync("bad-csv-rows");

        Answer answer = (await silo.Http.SendAsync(HttpMethod.Post, "/v1/tokens/bad-csv-rows/rates", Programs.Requests.Csv(Csv))).Ok();

        Assert.Equal(3, answer["accepted"].GetInt32());
        Assert.Equal(
            [(1, "row.malformed"), (2, "row.malformed"), (4, "time.malformed")],
            answer["rejected"].EnumerateArray().Select(bar => (bar.GetProperty("index").GetInt32(), bar.GetProperty("code").GetString()!)));
    }

    [Fact]
    public async Task Milliseconds_RFC_3339_and_chunks_of_unknown_length_are_taken()
    {
        await silo.Http.RegisterAsync("lenient");
        using StreamContent chunked = new(new MemoryStream("""{"time":["2021-05-19T12:35:00Z",1621428000000,"2021-05-19T14:45:00+02:00"],"rate":["1.50",2,3e0]}"""u8.ToArray()));
        chunked.Headers.ContentType = new("application/json");
        chunked.Headers.ContentLength = null;

        Answer answer = (await silo.Http.SendAsync(HttpMethod.Post, "/v1/tokens/lenient/rates", chunked, ("Transfer-Encoding", "chunked"))).Ok();

        Assert.Equal(3, answer["accepted"].GetInt32());
        Answer kept = (await silo.Http.GetAnswerAsync("/v1/tokens/lenient/rates")).Ok();
        Assert.Equal([1621427700, 1621428000, 1621428300], kept.Times());
    }

    [Theory]
    [InlineData("text/csv")]
    [InlineData("text/html")]
    [InlineData("application/xml")]
    [InlineData("image/png, text/*;q=0.1")]
    public async Task A_problem_is_told_whatever_the_client_accepts(string accept)
    {
        AssertProblem(await silo.Http.GetAnswerAsync("/v1/tokens/nobody", ("Accept", accept)), HttpStatusCode.NotFound, "token.unknown", "id");
        AssertProblem(await silo.Http.GetAnswerAsync("/v1/tokens/BTC", ("Accept", accept)), HttpStatusCode.BadRequest, "id.malformed", "id");
        AssertProblem(await silo.Http.GetAnswerAsync("/nothing", ("Accept", accept)), HttpStatusCode.NotFound, "path.unknown", "path");
    }

    [Theory]
    [InlineData("1")]
    [InlineData("00000000:1")]
    [InlineData("{digest}:")]
    [InlineData("{digest}:1.2")]
    [InlineData("{digest}:-1")]
    [InlineData("{digest}:xyz")]
    [InlineData("{digest}:10000000000000000")]
    public async Task An_id_of_no_event_of_the_stream_is_refused(string id)
    {
        await StateAsync();
        await using Streams.EventReader reader = await Streams.EventReader.OpenAsync(silo.Http, Token);
        await reader.SnapshotAsync();
        string digest = reader.LastId!.Split(':')[0];

        Answer answer = await silo.Http.GetAnswerAsync($"/v1/stream?tokens={Token}", ("Last-Event-ID", id.Replace("{digest}", digest, StringComparison.Ordinal)));

        AssertProblem(answer, HttpStatusCode.BadRequest, "lastEventId.malformed", "Last-Event-ID");
    }

    [Fact]
    public async Task A_wrong_method_is_answered_by_those_that_are_right()
    {
        Answer answer = await silo.Http.SendAsync(HttpMethod.Post, "/v1/tokens/nobody");

        Assert.Equal("DELETE, GET, PUT", answer["expected"].GetString());
    }

    private static void AssertProblem(Answer answer, HttpStatusCode status, string code, string field)
    {
        Assert.True(answer.Status == status && answer.ContentType == "application/problem+json", $"{(int)answer.Status} {answer.ContentType}: {answer.Text}");
        Assert.Equal((int)status, answer["status"].GetInt32());
        Assert.Equal((code, field), (answer["code"].GetString(), answer["field"].GetString()));
        Assert.NotEqual("", answer["detail"].GetString());
        Assert.False(string.IsNullOrEmpty(answer["expected"].GetString()), answer.Text);
    }

    /// <summary>All that can be seen of the token, and of how many there are.</summary>
    private async Task<string> StateAsync()
    {
        Answer token = await silo.Http.GetAnswerAsync($"/v1/tokens/{Token}");
        if (token.Status == HttpStatusCode.NotFound)
        {
            await silo.Http.RegisterAsync(Token, """{"symbol":"BAD","name":"Bad input","quote":"usd"}""");
            (await silo.Http.IngestAsync(Token, (1621427700, 0.0000000123m), (1621428300, 20000m))).Ok();
            token = await silo.Http.GetAnswerAsync($"/v1/tokens/{Token}");
        }

        Answer rates = (await silo.Http.GetAnswerAsync($"/v1/tokens/{Token}/rates")).Ok();
        Answer others = (await silo.Http.GetAnswerAsync("/v1/tokens?search=nobody")).Ok();
        Answer backfills = (await silo.Http.GetAnswerAsync("/v1/backfills")).Ok();
        return $"{token.Ok().Text}\n{rates.Text}\n{others.Text}\n{backfills.Text}";
    }
}
