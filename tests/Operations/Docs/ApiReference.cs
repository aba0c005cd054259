using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pnl.Tests.Operations.Docs;

/// <summary>Makes a page of an OpenAPI document: each call with its parameters and answers, then what is in bodies.</summary>
internal static class ApiReference
{
    public static string Of(JsonElement document)
    {
        StringBuilder page = new();
        JsonElement info = document.GetProperty("info");
        page.AppendLine("# API").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Version {info.GetProperty("version").GetString()}. {info.GetProperty("description").GetString()} This page is made from `/openapi/v1.json`; by hand it is not to be changed:").AppendLine()
            .AppendLine("```").AppendLine(ApiReferenceTests.Command).AppendLine("```").AppendLine()
            .AppendLine("Times are RFC 3339 in UTC. Rates and money are JSON numbers with all their digits. What is not known is null. A refusal is a problem (RFC 9457) with a `code`")
            .AppendLine("that does not change, the `field` at fault and what was `expected`. What a scope is: [decision 17](decisions/0017-access.md).").AppendLine();
        var calls = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(call => (Tag: call.Value.GetProperty("tags")[0].GetString()!, Path: path.Name, Method: call.Name.ToUpperInvariant(), Call: call.Value)));
        foreach (var tag in calls.GroupBy(call => call.Tag))
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"## {tag.Key}").AppendLine();
            foreach ((_, string path, string method, JsonElement call) in tag)
            {
                Write(page, path, method, call);
            }
        }

        page.AppendLine("## What is in bodies").AppendLine();
        foreach (JsonProperty schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(schema => schema.Value.TryGetProperty("properties", out _)))
        {
            Write(page, schema.Name, schema.Value);
        }

        foreach (JsonProperty schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(schema => schema.Value.TryGetProperty("enum", out _)))
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"### {schema.Name}").AppendLine().AppendLine(string.Create(CultureInfo.InvariantCulture, $"{Text(schema.Value, "description")} One of {Kind(schema.Value)}.").TrimStart()).AppendLine();
        }

        return page.ToString().ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
    }

    private static void Write(StringBuilder page, string path, string method, JsonElement call)
    {
        string? scope = call.TryGetProperty("security", out JsonElement security) && security.GetArrayLength() > 0 ? security[0].EnumerateObject().First().Value[0].GetString() : null;
        page.AppendLine(CultureInfo.InvariantCulture, $"### {method} {path}").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{call.GetProperty("summary").GetString()}{(scope is null ? "" : $" Scope `{scope}`.")}").AppendLine();
        if (call.TryGetProperty("parameters", out JsonElement parameters) && parameters.GetArrayLength() > 0)
        {
            page.AppendLine("| parameter | in | may be | |").AppendLine("|---|---|---|---|");
            foreach (JsonElement parameter in parameters.EnumerateArray())
            {
                page.AppendLine(CultureInfo.InvariantCulture, $"| `{Text(parameter, "name")}` | {Text(parameter, "in")} | {Cell(Kind(parameter.GetProperty("schema")))} | {Cell(Text(parameter, "description"))} |");
            }

            page.AppendLine();
        }

        if (call.TryGetProperty("requestBody", out JsonElement body))
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"Body: {string.Join("; or ", body.GetProperty("content").EnumerateObject().Select(type => $"`{type.Name}`, {Kind(type.Value.GetProperty("schema"))}"))}.").AppendLine();
        }

        string[] answers = [.. call.GetProperty("responses").EnumerateObject().Where(answer => answer.Name[0] is '2' or '3').Select(answer =>
            answer.Value.TryGetProperty("content", out JsonElement content) ? $"{answer.Name} with {string.Join(" or ", content.EnumerateObject().Select(type => Kind(type.Value.GetProperty("schema"))))}" : answer.Name)];
        string[] problems = [.. call.GetProperty("responses").EnumerateObject().Select(answer => answer.Name).Where(status => status[0] is '4' or '5').Order(StringComparer.Ordinal)];
        page.AppendLine(CultureInfo.InvariantCulture, $"Answers {string.Join(", ", answers)}; problems {string.Join(", ", problems)}.").AppendLine();
    }

    private static void Write(StringBuilder page, string name, JsonElement schema)
    {
        page.AppendLine(CultureInfo.InvariantCulture, $"### {name}").AppendLine().AppendLine("| property | is | |").AppendLine("|---|---|---|");
        foreach (JsonProperty property in schema.GetProperty("properties").EnumerateObject())
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"| `{property.Name}` | {Cell(Kind(property.Value))} | {Cell(Text(property.Value, "description"))} |");
        }

        page.AppendLine();
    }

    /// <summary>What a value may be, in words.</summary>
    private static string Kind(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            string name = reference.GetString()!.Split('/')[^1];
            return $"[{name}](#{name.ToLowerInvariant()})";
        }

        foreach (string choice in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(choice, out JsonElement choices))
            {
                return string.Join(" or ", choices.EnumerateArray().Select(Kind));
            }
        }

        if (schema.TryGetProperty("enum", out JsonElement names))
        {
            return string.Join(", ", names.EnumerateArray().Select(name => $"`{name}`")) + Default(schema);
        }

        string[] types = !schema.TryGetProperty("type", out JsonElement type) ? ["null"] : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString()!)] : [type.GetString()!];
        string format = Text(schema, "format") == "date-time" ? "time" : "";
        return string.Join(" or ", types.Select(one => one switch
        {
            "array" => "list of " + Kind(schema.GetProperty("items")),
            "object" when schema.TryGetProperty("additionalProperties", out JsonElement more) && more.ValueKind == JsonValueKind.Object => "by name " + Kind(more),
            "string" when format.Length > 0 => format,
            "string" => "text",
            "integer" when schema.TryGetProperty("minimum", out JsonElement least) && schema.TryGetProperty("maximum", out JsonElement most) => $"{least} to {most}",
            "integer" when format.Length > 0 => "Unix seconds",
            "integer" => "whole number",
            _ => one,
        })) + Default(schema);
    }

    private static string Default(JsonElement schema) => schema.TryGetProperty("default", out JsonElement given) ? $"; `{given}` by default" : "";

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement text) ? text.GetString() ?? "" : "";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
