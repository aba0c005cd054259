using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The audit log, to be asked.</summary>
internal static class AuditApi
{
    public const int MostEntries = 1000;
    private const int EntriesByDefault = 100;

    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/v1/audit").WithTags("Keys").RefuseUnknownQuery()
            .MapGet("/", List).RequireScope(Scope.Admin).WithName("ListAudit").WithSummary("Changes that somebody known asked for, newest first; none where access is open.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<ListAnswer<AuditAnswer>>> List(
        [FromServices] AuditTrail audit, [FromQuery] string? who, [FromQuery] string? what, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        AuditResult result = await audit.FindAsync(new()
        {
            Who = Part(who, "who"),
            What = Part(what, "what"),
            Before = cursor is null ? null
                : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out long before) ? before
                : throw ApiException.BadRequest("cursor.malformed", $"'{cursor}' is no cursor.", "cursor", "the nextCursor of the answer before"),
            Limit = QueryText.Integer(limit, "limit", 1, MostEntries) ?? EntriesByDefault,
        }, cancellation);
        return TypedResults.Ok(new ListAnswer<AuditAnswer>(Array.ConvertAll(result.Items, AuditAnswer.Of), result.Next?.ToString(CultureInfo.InvariantCulture)));
    }

    private static string? Part(string? text, string field) => text != "" ? text
        : throw ApiException.BadRequest(field + ".malformed", $"'{field}' has no value.", field, "a part of what the entries have there");
}

/// <summary>A change that somebody asked for.</summary>
internal sealed record AuditAnswer(long Number, DateTimeOffset Time, string Who, string Address, string What, int Status, string Request)
{
    public static AuditAnswer Of(AuditEntry entry) => new(entry.Number, entry.Time, entry.Who, entry.Address, entry.What, entry.Status, entry.Request);
}
