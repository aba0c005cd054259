using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Contract;

/// <summary>The OpenAPI document says what the API is, and live answers are as it says.</summary>
public sealed class OpenApiTests(QuietSilo silo)
{
    /// <summary>The token calls of the contract, with the parameters that each takes.</summary>
    public static TheoryData<string, string, string> Calls => new()
    {
        { "GET", "/v1/tokens", "search limit cursor" },
        { "PUT", "/v1/tokens/{id}", "id" },
        { "GET", "/v1/tokens/{id}", "id" },
        { "POST", "/v1/tokens/{id}/rates", "id coveredFrom coveredTo interval" },
        { "GET", "/v1/tokens/{id}/rates", "id from to interval maxPoints limit cursor" },
        { "GET", "/v1/tokens/{id}/pnl", "id from to quantity" },
        { "GET", "/v1/leaderboard", "window by order limit include" },
        { "GET", "/v1/stream", "tokens portfolio Last-Event-ID" },
        { "GET", "/v1/portfolios", "limit cursor" },
        { "GET", "/v1/audit", "who what limit cursor" },
        { "GET", "/v1/sparklines", "tokens window maxPoints" },
        { "PUT", "/v1/portfolios/{id}", "id" },
        { "DELETE", "/v1/portfolios/{id}", "id" },
        { "GET", "/v1/portfolios/{id}", "id" },
        { "POST", "/v1/portfolios/{id}/entries", "id decimal skipRefused" },
        { "GET", "/v1/portfolios/{id}/entries", "id limit cursor" },
        { "PUT", "/v1/portfolios/{id}/entries/{entryId}", "id entryId" },
        { "DELETE", "/v1/portfolios/{id}/entries/{entryId}", "id entryId" },
        { "PUT", "/v1/portfolios/{id}/entries", "id id" },
        { "DELETE", "/v1/portfolios/{id}/entries", "id id" },
        { "GET", "/v1/portfolios/{id}/pnl", "id at costBasis" },
        { "GET", "/v1/portfolios/{id}/pnl/series", "id from to interval limit cursor" },
        { "GET", "/v1/portfolios/{id}/lots", "id token limit cursor" },
        { "GET", "/v1/tokens/{id}/pnl/series", "id from to interval quantity maxPoints limit cursor" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Every_token_call_is_described_with_its_parameters(string method, string path, string parameters)
    {
        JsonElement document = await DocumentAsync();
        JsonElement call = document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());

        JsonElement[] described = [.. call.GetProperty("parameters").EnumerateArray()];
        Assert.Equal(parameters.Split(' '), described.Select(p => p.GetProperty("name").GetString()));
        Assert.All(described, p => Assert.NotEqual("", p.GetProperty("description").GetString()));
        Assert.NotEqual("", call.GetProperty("operationId").GetString());
        Assert.NotEqual("", call.GetProperty("summary").GetString());
        Assert.True(call.GetProperty("responses").TryGetProperty("400", out _));
    }

    [Fact]
    public async Task The_document_is_of_OpenAPI_3_1_and_describes_the_API_alone()
    {
        JsonElement document = await DocumentAsync();

        Assert.StartsWith("3.1.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.All(document.GetProperty("paths").EnumerateObject(), path => Assert.StartsWith("/v1/", path.Name, StringComparison.Ordinal));
        Assert.All(
            document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Where(call => call.Value.TryGetProperty("parameters", out _)),
            call => Assert.All(call.Value.GetProperty("parameters").EnumerateArray(), p => Assert.True(p.TryGetProperty("description", out _), $"{call.Value.GetProperty("operationId")}: {p}")));
        string[] ids = [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(call => call.Value.GetProperty("operationId").GetString()!)];
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public async Task Parameters_say_what_they_may_be()
    {
        JsonElement document = await DocumentAsync();
        JsonElement[] parameters = [.. document.GetProperty("paths").GetProperty("/v1/tokens/{id}/pnl/series").GetProperty("get").GetProperty("parameters").EnumerateArray()];
        JsonElement Schema(string name) => parameters.Single(p => p.GetProperty("name").GetString() == name).GetProperty("schema");

        Assert.Equal("^[a-z0-9][a-z0-9._-]{0,63}$", Schema("id").GetProperty("pattern").GetString());
        Assert.Equal(["5m", "15m", "1h", "4h", "1d", "1w", "1M"], Schema("interval").GetProperty("enum").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal("integer", Schema("maxPoints").GetProperty("type").GetString());
        Assert.Equal((4, 100_000), (Schema("maxPoints").GetProperty("minimum").GetInt32(), Schema("maxPoints").GetProperty("maximum").GetInt32()));
        Assert.Equal("number", Schema("quantity").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Times_are_date_times_and_decimals_are_numbers_that_promise_no_double()
    {
        JsonElement series = await SchemaAsync("PnlSeries");
        JsonElement properties = series.GetProperty("properties");

        Assert.Equal(("array", "string", "date-time"), (Type(properties, "time"), Type(properties, "time", "items"), properties.GetProperty("time").GetProperty("items").GetProperty("format").GetString()));
        Assert.Equal("date-time", properties.GetProperty("asOf").GetProperty("format").GetString());
        foreach (string column in (string[])["rate", "pnl", "cumulativePnl"])
        {
            Assert.Equal(("array", "number"), (Type(properties, column), Type(properties, column, "items")));
            Assert.False(properties.GetProperty(column).GetProperty("items").TryGetProperty("format", out _));
        }

        JsonElement window = (await SchemaAsync("WindowPnl")).GetProperty("properties");
        Assert.False(window.GetProperty("pnl").TryGetProperty("format", out _));
        Assert.Equal("double", window.GetProperty("volatility").GetProperty("format").GetString());

        static string? Type(JsonElement properties, string name, string? inner = null)
        {
            JsonElement schema = properties.GetProperty(name);
            return (inner is null ? schema : schema.GetProperty(inner)).GetProperty("type").GetString();
        }
    }

    [Theory]
    [InlineData("TokenInfo", "id symbol name quote firstBar lastBar bars status listed delisted stalenessSeconds sources revision listings interval")]
    [InlineData("TokenCoverage", "id symbol name quote firstBar lastBar bars status listed delisted stalenessSeconds sources revision coverage setAside listings formerListings life interval")]
    [InlineData("TokenRequest", "symbol name quote listed delisted stalenessSeconds sources listings")]
    [InlineData("ListingRequest", "source symbol quote interval from to")]
    [InlineData("TokenListing", "source symbol quote interval from to")]
    [InlineData("ListingState", "source symbol quote interval from to firstBar lastBar bars fetched neverFetched notConverted")]
    [InlineData("LifeRange", "from to source symbol quote interval bars")]
    [InlineData("BarCoverage", "fetched absent missing absentBars missingBars truncated")]
    [InlineData("IngestResult", "accepted unchanged corrected rejected revision rounded")]
    [InlineData("RejectedBar", "index time code")]
    [InlineData("TokenPnl", "token quote asOf rate stale ageSeconds revision complete windows")]
    [InlineData("WindowPnl", "from startRate pnl return high low maxDrawdown volatility bars expectedBars partial interval")]
    [InlineData("TokenWindow", "token quote asOf rate stale ageSeconds revision complete quantity from to startRate pnl return high low maxDrawdown volatility bars expectedBars partial interval")]
    [InlineData("PnlSeries", "token quote interval asOf revision complete quantity time rate pnl cumulativePnl nextCursor")]
    [InlineData("RateCandles", "token quote interval asOf revision complete time open high low close nextCursor")]
    [InlineData("Leaderboard", "asOf window by order revision complete tokens known items")]
    [InlineData("LeaderboardItem", "rank token symbol quote asOf rate return pnl volatility maxDrawdown partial stale")]
    [InlineData("SparklinesAnswer", "window items")]
    [InlineData("Sparkline", "token quote from asOf revision time rate interval")]
    [InlineData("LedgerAnswer", "accepted unchanged rejected revision")]
    [InlineData("ProblemDetails", "type title status detail instance code field expected traceId")]
    public async Task Types_have_the_properties_of_the_contract(string type, string properties)
    {
        JsonElement schema = await SchemaAsync(type);

        Assert.Equal(properties.Split(' '), schema.GetProperty("properties").EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData("/v1/tokens?search=openapi", "ListAnswerOfTokenInfo")]
    [InlineData("/v1/tokens/openapi", "TokenCoverage")]
    [InlineData("/v1/tokens/openapi/pnl", "TokenPnl")]
    [InlineData("/v1/tokens/openapi/pnl?quantity=2", "TokenWindow")]
    [InlineData("/v1/tokens/openapi/pnl?to=0", "TokenWindow")] // before the first bar: nearly all is null
    [InlineData("/v1/tokens/openapi/pnl/series", "PnlSeries")]
    [InlineData("/v1/tokens/openapi/rates?interval=1h", "RateCandles")]
    [InlineData("/v1/tokens/openapi-empty", "TokenCoverage")]
    [InlineData("/v1/tokens/openapi-empty/pnl", "TokenPnl")]
    [InlineData("/v1/tokens/openapi-empty/pnl?from=0", "TokenWindow")]
    [InlineData("/v1/tokens/openapi-empty/pnl/series", "PnlSeries")]
    [InlineData("/v1/tokens/openapi-empty/rates", "RateCandles")]
    [InlineData("/v1/leaderboard?include=all", "Leaderboard")]
    [InlineData("/v1/leaderboard?by=pnl&order=asc", "Leaderboard")]
    [InlineData("/v1/sparklines?tokens=openapi,openapi-empty&window=1y", "SparklinesAnswer")]
    [InlineData("/v1/tokens/BAD", "ProblemDetails")]
    [InlineData("/nothing", "ProblemDetails")]
    public async Task Live_answers_are_of_the_types_that_the_document_gives(string path, string type)
    {
        await silo.Http.RegisterAsync("openapi-empty");
        await silo.Http.RegisterAsync("openapi", """{"sources":{"binance":"OPENUSDT"},"listed":"2021-05-19","listings":[{"source":"files","symbol":"OPEN-USD","interval":"1d","to":"2021-05-19"}]}""");
        (await silo.Http.IngestAsync("openapi", (1621427700, 1.5m), (1621428000, 2m), (1621428900, 1m))).Ok();

        Answer answer = await silo.Http.GetAnswerAsync(path);

        JsonElement schemas = (await DocumentAsync()).GetProperty("components").GetProperty("schemas");
        AssertFits(answer.Json, schemas.GetProperty(type), schemas, type);
    }

    /// <summary>What a generator of clients stumbles over.</summary>
    [Fact]
    public async Task Every_schema_has_one_type_and_what_is_required_of_a_request_is_not_null()
    {
        JsonElement document = await DocumentAsync();
        List<string> wrong = [];
        foreach (JsonProperty schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            Walk(schema.Name, schema.Value);
            if (schema.Name.EndsWith("Request", StringComparison.Ordinal) || schema.Name.EndsWith("Body", StringComparison.Ordinal))
            {
                wrong.AddRange(Required(schema.Value).Where(name => Types(schema.Value.GetProperty("properties").GetProperty(name)).Contains("null")).Select(name => $"{schema.Name}.{name} is required and may be null"));
            }
        }

        foreach (JsonProperty call in document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()))
        {
            foreach (JsonElement parameter in call.Value.TryGetProperty("parameters", out JsonElement all) ? all.EnumerateArray().ToArray() : [])
            {
                Walk($"{call.Value.GetProperty("operationId")} {parameter.GetProperty("name")}", parameter.GetProperty("schema"));
            }
        }

        Assert.Empty(wrong);

        void Walk(string where, JsonElement schema)
        {
            if (schema.TryGetProperty("$ref", out _) || schema.TryGetProperty("oneOf", out _) || schema.TryGetProperty("anyOf", out _))
            {
                return;
            }

            string[] types = [.. Types(schema).Where(type => type != "null")];
            if (types.Length != 1)
            {
                wrong.Add($"{where} is {(types.Length == 0 ? "of no type" : string.Join(" or ", types))}: {schema.GetRawText()}");
            }

            foreach (JsonProperty member in schema.TryGetProperty("properties", out JsonElement members) ? members.EnumerateObject().ToArray() : [])
            {
                Walk($"{where}.{member.Name}", member.Value);
            }

            if (schema.TryGetProperty("items", out JsonElement items))
            {
                Walk(where + "[]", items);
            }
        }

        static string[] Types(JsonElement schema) => !schema.TryGetProperty("type", out JsonElement type) ? []
            : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(name => name.GetString()!)] : [type.GetString()!];

        static string[] Required(JsonElement schema) => schema.TryGetProperty("required", out JsonElement names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
    }

    [Fact]
    public async Task The_two_answers_of_pnl_are_told_apart_refusals_have_a_problem_as_body_and_events_are_described()
    {
        JsonElement paths = (await DocumentAsync()).GetProperty("paths");
        JsonElement pnl = paths.GetProperty("/v1/tokens/{id}/pnl").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        Assert.Equal(["#/components/schemas/TokenPnl", "#/components/schemas/TokenWindow"], pnl.GetProperty("oneOf").EnumerateArray().Select(one => one.GetProperty("$ref").GetString()));
        Assert.All(paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Where(call => call.Value.TryGetProperty("security", out _)), call => Assert.All((string[])["401", "403"], status =>
            Assert.Equal("#/components/schemas/ProblemDetails", call.Value.GetProperty("responses").GetProperty(status).GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString())));
        JsonElement events = paths.GetProperty("/v1/stream").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("text/event-stream").GetProperty("schema").GetProperty("x-events");
        Assert.Equal(["pnl", "deleted", "lagging"], events.EnumerateObject().Select(name => name.Name));
    }

    /// <summary>As much of JSON Schema as the document uses; a property that it does not name is a failure.</summary>
    private static void AssertFits(JsonElement value, JsonElement schema, JsonElement schemas, string where)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            string name = reference.GetString()!.Split('/')[^1];
            AssertFits(value, schemas.GetProperty(name), schemas, where);
            return;
        }

        if (schema.TryGetProperty("enum", out JsonElement names))
        {
            Assert.Contains(value.GetString(), names.EnumerateArray().Select(name => name.GetString()));
            return;
        }

        JsonElement types = schema.GetProperty("type");
        string[] allowed = types.ValueKind == JsonValueKind.Array ? [.. types.EnumerateArray().Select(t => t.GetString()!)] : [types.GetString()!];
        string actual = value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Number when allowed.Contains("integer") && value.TryGetInt64(out _) => "integer",
            _ => value.ValueKind.ToString().ToLowerInvariant(),
        };
        Assert.True(allowed.Contains(actual), $"{where} is {value.GetRawText()}, which is no {string.Join(" or ", allowed)}");
        switch (value.ValueKind)
        {
            case JsonValueKind.String when schema.TryGetProperty("format", out JsonElement format) && format.GetString() == "date-time":
                Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", value.GetString());
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    AssertFits(item, schema.GetProperty("items"), schemas, where + "[]");
                }

                break;
            case JsonValueKind.Object:
                bool isMap = schema.TryGetProperty("additionalProperties", out JsonElement additional) && additional.ValueKind == JsonValueKind.Object;
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    AssertFits(property.Value, isMap ? additional : schema.GetProperty("properties").GetProperty(property.Name), schemas, $"{where}.{property.Name}");
                }

                if (schema.TryGetProperty("required", out JsonElement required))
                {
                    Assert.All(required.EnumerateArray(), name => Assert.True(value.TryGetProperty(name.GetString()!, out _), $"{where} has no {name}"));
                }

                break;
        }
    }

    private async Task<JsonElement> DocumentAsync() => (await silo.Http.GetAnswerAsync("/openapi/v1.json")).Ok().Json;

    private async Task<JsonElement> SchemaAsync(string type) =>
        (await DocumentAsync()).GetProperty("components").GetProperty("schemas").GetProperty(type);
}
