using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Says of the types in bodies what cannot be seen in C#: how times are written, and that decimals are exact.</summary>
internal static class DocumentedTypes
{
    private const string DateTime = "date-time";

    /// <summary>What is sent, with the members that must be there; of answers all are.</summary>
    private static readonly Dictionary<Type, string[]> Requests = new()
    {
        [typeof(TokenRequest)] = [],
        [typeof(ListingRequest)] = ["source"],
        [typeof(TokensApi.RatesRequest)] = ["time", "rate"],
        [typeof(PortfolioRequest)] = ["baseCurrency"],
        [typeof(EntriesRequest)] = ["entries"],
        [typeof(EntryBody)] = ["id", "time", "kind", "token"],
        [typeof(FeeBody)] = ["amount", "currency"],
        [typeof(BackfillBody)] = ["source"],
        [typeof(KeyRequest)] = ["name", "owner", "scopes"],
    };

    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        Type type = context.JsonTypeInfo.Type;
        JsonPropertyInfo? member = context.JsonPropertyInfo;
        JsonSchemaType orNull = Nullable.GetUnderlyingType(type) is not null ? JsonSchemaType.Null : default;
        switch (Nullable.GetUnderlyingType(type) ?? type)
        {
            case var time when time == typeof(DateTimeOffset) || member?.CustomConverter is SecondsConverter:
                schema.Type = JsonSchemaType.String | orNull;
                schema.Format = DateTime;
                break;
            case var order when order == typeof(bool) && member?.CustomConverter is OrderConverter:
                schema.Type = JsonSchemaType.String;
                schema.Enum = ["asc", "desc"];
                break;
            case var interval when interval == typeof(Interval):
                schema.Type = JsonSchemaType.String | orNull;
                schema.Enum = [.. Enum.GetValues<Interval>().Select(name => (JsonNode)name.Name())];
                break;
            case { IsEnum: true }:
                schema.Type = JsonSchemaType.String | orNull;
                break;
            case var listing when listing == typeof(ListingRequest):
                Choose(schema, "interval", [.. Enum.GetValues<Interval>().Where(name => name <= Interval.Day).Select(name => name.Name())]);
                break;
            case var times when times == typeof(PlainColumn<long>):
                Column(schema, new() { Type = JsonSchemaType.String, Format = DateTime });
                break;
            case var decimals when decimals == typeof(PlainColumn<decimal>):
                Column(schema, new() { Type = JsonSchemaType.Number });
                break;
            case var exactColumn when exactColumn == typeof(MoneyRuns):
                Column(schema, new() { Type = JsonSchemaType.Number });
                break;
            case var doubles when doubles == typeof(PlainColumn<double?>):
                Column(schema, new() { Type = JsonSchemaType.Number | JsonSchemaType.Null, Format = "double" });
                break;
            case var exact when exact == typeof(decimal):
                schema.Type = JsonSchemaType.Number | orNull;
                schema.Format = null; // by default it would promise a double, which loses digits
                break;
            case var amount when amount == typeof(Amount):
                schema.Type = JsonSchemaType.Number | orNull;
                schema.Description ??= "With as many digits as it needs: they may be more than a decimal or a double holds.";
                break;
            case var portfolio when portfolio == typeof(PortfolioRequest):
                Choose(schema, "costBasis", [.. Enum.GetValues<CostBasis>().Select(basis => basis.Name())]);
                break;
            case var entry when entry == typeof(EntryBody):
                schema.Properties!["kind"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Enum.GetValues<EntryKind>().Select(kind => (JsonNode)kind.Name())] };
                break;
            case var problem when problem == typeof(ProblemDetails):
                DescribeProblem(schema);
                break;
            case var tokens when tokens == typeof(BackfillIds):
                schema.AnyOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["all"] },
                    new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                ];
                break;
            case var backfill when backfill == typeof(BackfillBody):
                Choose(schema, "order", "newest", "oldest");
                Choose(schema, "kind", "backfill", "reconciliation");
                break;
            case var answer when (answer.Assembly == typeof(DocumentedTypes).Assembly || answer.Assembly == typeof(TokenPnl).Assembly) && !Requests.ContainsKey(answer):
                if (schema.Properties is { } properties)
                {
                    schema.Required = new HashSet<string>(properties.Keys); // absent values are null, never left out
                    schema.AdditionalPropertiesAllowed = true; // a later release may tell more
                }

                break;
        }

        if (Requests.TryGetValue(type, out string[]? required) && required.Length > 0)
        {
            schema.Required = new HashSet<string>(required);
        }

        if (member is not null && Requests.TryGetValue(member.DeclaringType, out string[]? needed) && needed.Contains(member.Name))
        {
            schema.Type &= ~JsonSchemaType.Null; // it may be absent in C# alone, so that a problem can name it
        }

        return Task.CompletedTask;
    }

    private static void Column(OpenApiSchema schema, OpenApiSchema items) => (schema.Type, schema.Items) = (JsonSchemaType.Array, items);

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.AdditionalPropertiesAllowed = true;
        schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
        schema.Properties["code"] = Text(JsonSchemaType.String, "What is wrong, by a name that does not change, such as range.reversed.");
        schema.Properties["field"] = Text(JsonSchemaType.String | JsonSchemaType.Null, "The parameter, property or header that is wrong.");
        schema.Properties["expected"] = Text(JsonSchemaType.String | JsonSchemaType.Null, "What it may be.");
        schema.Properties["traceId"] = Text(JsonSchemaType.String, "Names the request in the log.");
        schema.Properties["status"] = Text(JsonSchemaType.Integer, "The HTTP status.");
        schema.Required = new HashSet<string> { "status", "code", "field", "expected" };
    }

    private static void Choose(OpenApiSchema schema, string property, params string[] values) =>
        schema.Properties![property] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. values.Select(value => (JsonNode)value)], Default = values[0] };

    private static OpenApiSchema Text(JsonSchemaType type, string description) => new() { Type = type, Description = description };
}
