using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// Says of each call what its parameters may be. They arrive as text and are read by <see cref="QueryText"/>, so that a
/// problem can name them; the framework sees only text.
/// </summary>
internal static class DocumentedCalls
{
    public static async Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (OpenApiParameter parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            string name = parameter is { Name: "id", In: ParameterLocation.Query } ? "entryId" : parameter.Name!;
            if (Parameter(name, operation.OperationId ?? "") is (OpenApiSchema schema, string description))
            {
                (parameter.Schema, parameter.Description) = (schema, description);
            }
        }

        if (operation.RequestBody is OpenApiRequestBody body)
        {
            body.Required = true;
            if (body.Content?.TryGetValue("text/csv", out OpenApiMediaType? csv) == true)
            {
                csv.Schema = operation.OperationId == "IngestRates"
                    ? new OpenApiSchema { Type = JsonSchemaType.String, Description = "A header time,rate and a row a bar.", Examples = ["time,rate\n1621427700,0.0000123\n"] }
                    : new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Description = "Our own columns, or an export of Coinbase, Kraken or Binance: rows that give no entry are answered as rejected, with the reason.",
                        Examples = ["id,time,kind,token,quantity,price,currency,fees,note\n1,2024-02-01T12:00:00Z,buy,btc,0.5,42000,usd,,\n"],
                    };
            }
        }

        if (operation.OperationId == "Stream" && operation.Responses?["200"].Content?["text/event-stream"] is { } events)
        {
            events.Schema = Events();
        }

        if (operation.OperationId == "GetPnl" && operation.Responses?["200"].Content?["application/json"] is { } answer)
        {
            context.Document!.AddComponent(nameof(TokenWindow), await context.GetOrCreateSchemaAsync(typeof(TokenWindow), null, cancellation));
            answer.Schema = new OpenApiSchema
            {
                Description = "The rolling windows; with from, to or quantity one window. Only the first has windows, only the second has quantity.",
                OneOf = [answer.Schema!, new OpenApiSchemaReference(nameof(TokenWindow), context.Document)],
            };
        }
    }

    /// <summary>OpenAPI 3.1 has no word for the events of a stream: each is named with what its data is.</summary>
    private static OpenApiSchema Events() => new()
    {
        Type = JsonSchemaType.String,
        Description = """
            Server-sent events. The data of each is JSON of the type that x-events gives for its name. `pnl` tells how a token or the portfolio stands, first now and then after each change; `deleted`
            that a token was deleted; `lagging`, before a `pnl`, how many states in between were left out because they were read too slowly. The id of an event, sent as Last-Event-ID, resumes behind it.
            A comment comes when the stream is quiet.
            """,
        Extensions = new Dictionary<string, IOpenApiExtension>
        {
            ["x-events"] = new JsonNodeExtension(JsonNode.Parse("""
                {
                  "pnl": { "oneOf": [{ "$ref": "#/components/schemas/TokenPnl" }, { "$ref": "#/components/schemas/PortfolioReport" }] },
                  "deleted": {
                    "type": "object", "required": ["token", "revision"], "properties": { "token": { "type": "string" }, "revision": { "type": "integer", "format": "int64" } }
                  },
                  "lagging": {
                    "type": "object", "required": ["skipped"],
                    "properties": { "token": { "type": "string" }, "portfolio": { "type": "string" }, "skipped": { "type": "integer", "format": "int32" } }
                  }
                }
                """)!),
        },
    };

    private static (OpenApiSchema Schema, string Description)? Parameter(string name, string operation) => name switch
    {
        "id" when operation.Contains("Backfill", StringComparison.Ordinal) => (new() { Type = JsonSchemaType.String }, "The backfill's id."),
        "who" => (new() { Type = JsonSchemaType.String }, "Only entries with this in who asked, whatever the case."),
        "what" => (new() { Type = JsonSchemaType.String }, "Only entries with this in the method and path, such as DELETE or /v1/keys, whatever the case."),
        "limit" when operation == "ListAudit" => (Number(1, AuditApi.MostEntries), "Entries a page; 100 by default. A page may have fewer, and nextCursor all the same."),
        "id" when operation == "RevokeKey" => (new() { Type = JsonSchemaType.String }, "The key's id, as it is listed."),
        "limit" when operation == "ListBackfills" => (Number(1, Limits.TokensAPage), "Backfills a page; 20 by default."),
        "id" when operation.Contains("Portfolio", StringComparison.Ordinal) => (new() { Type = JsonSchemaType.String, Pattern = "^[a-z0-9][a-z0-9._-]{0,63}$" }, $"The portfolio's id: {TokenId.Rule}."),
        "entryId" => (new() { Type = JsonSchemaType.String }, "The entry's id; in a path percent-encoded, so that '/' is %2F."),
        "at" => (Time(), "Entries up to then and rates as of then: RFC 3339 or Unix seconds, not later than now. Without it: all entries, and the last known bar of each token."),
        "costBasis" => (new() { Type = JsonSchemaType.String, Enum = [.. Enum.GetValues<CostBasis>().Select(basis => (JsonNode)basis.Name())] }, "Another cost basis than the portfolio's."),
        "token" => (new() { Type = JsonSchemaType.String }, "Only lots of this token."),
        "from" when operation == "GetPortfolioSeries" => (Time(), "The first period is the one that holds it: RFC 3339 or Unix seconds. Without it: that of the first entry."),
        "to" when operation == "GetPortfolioSeries" => (Time(), "End, not included. Without it: up to the last bar or entry."),
        "limit" when operation == "GetPortfolioSeries" => (Number(1, PortfolioSeriesQuery.MaxLimit), "Points a page."),
        "limit" when operation == "ListSetAside" => (Number(1, SetAsideApi.MostRows), "Rows a page; 100 by default."),
        "limit" when operation == "ListPortfolios" => (Number(1, Limits.PortfoliosAPage), "Portfolios a page; 100 by default."),
        "limit" when operation == "ListPortfolioEntries" => (Number(1, Limits.EntriesACall), "Entries a page; 100 by default."),
        "limit" when operation == "ListPortfolioLots" => (Number(1, LotsQuery.MaxLimit), "Lots a page; 1000 by default."),
        "interval" when operation == "GetPortfolioSeries" => (Choice("1d", Enum.GetValues<Interval>().Select(interval => interval.Name())), "Length of a period, aligned to UTC; weeks start on Monday."),
        "id" => (new() { Type = JsonSchemaType.String, Pattern = "^[a-z0-9][a-z0-9._-]{0,63}$" }, $"The token's id: {TokenId.Rule}."),
        "from" => (Time(), "Start, included: RFC 3339 or Unix seconds. Without it: since the first bar."),
        "to" => (Time(), "End, not included for lists of bars: RFC 3339 or Unix seconds. Without it: up to the last bar."),
        "coveredFrom" => (Time(), "With coveredTo: the source was read to the end over the bars that open from here; what is not in the body is absent there."),
        "coveredTo" => (Time(), "End of that range, not included."),
        "interval" when operation == "IngestRates" => (
            Choice("5m", Enum.GetValues<Interval>().Where(interval => interval.IsOfBars()).Select(interval => interval.Name())),
            "Length of the period of each rate: times are openings of such periods, for 1d dates will do. A rate is the bar of the last 5 minutes of its period, and known once that has closed."),
        "interval" => (new()
        {
            Type = JsonSchemaType.String,
            Enum = [.. Enum.GetValues<Interval>().Select(interval => (JsonNode)interval.Name())],
            Default = default(Interval).Name(),
        }, "Length of a period, aligned to UTC; weeks start on Monday."),
        "maxPoints" when operation == "GetSparklines" => (Number(4, SparklinesApi.MostPoints), "The most points a token; 60 by default. First, last and extremes are kept."),
        "maxPoints" => (Number(4, SeriesQuery.MaxLimit), "Thin out to so many points at most, keeping the first, the last and the extremes. The PnL of a point is then that since the one kept before it."),
        "limit" when operation == "GetLeaderboard" => (Number(1, LeaderboardQuery.MaxLimit), "The most places; 100 by default."),
        "window" => (Choice("24h", RollingWindow.All.Select(window => window.Name)), "The rolling window, as of the last bar of each token."),
        "by" => (Choice("return", LeaderboardApi.Measures.Keys), "The figure by which tokens are ranked; PnL is of one unit in the token's own quote currency."),
        "order" => (Choice("desc", ["desc", "asc"]), "Whether the largest or the smallest comes first."),
        "include" => (new() { Type = JsonSchemaType.String, Enum = ["all"] }, "Ranks tokens too whose rate is stale, or whose window is partial or has no such figure; these come last."),
        "tokens" => (new() { Type = JsonSchemaType.String }, $"Ids of tokens with commas between, {Limits.TokensAStream} at most; or none, and a portfolio."),
        "portfolio" => (new() { Type = JsonSchemaType.String, Pattern = "^[a-z0-9][a-z0-9._-]{0,63}$" }, "Id of a portfolio, instead of tokens."),
        EventIds.Header => (new() { Type = JsonSchemaType.String }, "The id of the last event that was seen of the same tokens, or the same portfolio: what is newer follows."),
        "limit" when operation == "ListTokens" => (Number(1, Limits.TokensAPage), "Tokens a page; 100 by default."),
        "limit" => (Number(1, SeriesQuery.MaxLimit), "Points a page."),
        "cursor" => (new() { Type = JsonSchemaType.String }, "Where to go on: nextCursor of the page before, with all other parameters as they were."),
        "quantity" => (new() { Type = JsonSchemaType.Number, Default = 1 }, "Number of tokens, of at most 28 digits; negative for a short. The PnL has as many digits as the product needs."),
        "confirm" => (new() { Type = JsonSchemaType.String }, "The id of what is deleted, once more: it cannot be had back."),
        "force" => (new() { Type = JsonSchemaType.Boolean, Default = false }, "Deletes a token though portfolios hold it."),
        "forget" => (new() { Type = JsonSchemaType.Boolean, Default = false }, "Forgets a backfill that has ended, instead of ending one."),
        "decimal" => (new() { Type = JsonSchemaType.String, Enum = [".", ","] }, "Of CSV: the decimal mark of all its numbers. Without it, that of each column is found from all of its rows, and a number that can be read in two ways is rejected with both."),
        "skipRefused" => (new() { Type = JsonSchemaType.Boolean, Default = false }, "Of CSV: leaves out rows whose entries the ledger refuses, such as a sale of more than is held, and answers them as rejected. Without it nothing is taken."),
        "search" => (new() { Type = JsonSchemaType.String }, "Only tokens with this in id, symbol or name."),
        _ => null,
    };

    private static OpenApiSchema Time() => new() { Type = JsonSchemaType.String, Format = "date-time" };

    private static OpenApiSchema Choice(string byDefault, IEnumerable<string> names) => new()
    {
        Type = JsonSchemaType.String,
        Enum = [.. names.Select(name => (JsonNode)name)],
        Default = byDefault,
    };

    private static OpenApiSchema Number(int least, int most) => new()
    {
        Type = JsonSchemaType.Integer,
        Minimum = least.ToString(CultureInfo.InvariantCulture),
        Maximum = most.ToString(CultureInfo.InvariantCulture),
    };
}
