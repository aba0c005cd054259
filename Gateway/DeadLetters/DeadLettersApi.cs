using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The calls about events that could not be taken.</summary>
internal static class DeadLettersApi
{
    private const int MostLetters = 1000, LongestId = 100;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder letters = routes.MapGroup("/v1/deadletters").WithTags("Dead letters").RefuseUnknownQuery()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        letters.MapGet("/", List).RequireScope(Scope.Read).WithName("ListDeadLetters").WithSummary("Lists events that could not be taken, newest first, each with its reason. The newest 100,000 are kept.");
        letters.MapPost("/{id}/replay", Replay).RequireScope(Scope.Ingest).WithName("ReplayDeadLetter")
            .WithSummary("Hands an event that was put aside to its token again, once its reason is gone: the token is registered, say. If it is taken, it is kept no longer.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<ListAnswer<DeadLetterInfo>>> List([FromServices] IPnlClient client, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        int page = QueryText.Integer(limit, "limit", 1, MostLetters) ?? 100;
        IReadOnlyList<DeadLetterInfo> letters = await client.ListDeadLettersAsync(Id(cursor, "cursor"), page + 1, cancellation);
        return TypedResults.Ok(letters.Count > page ? new ListAnswer<DeadLetterInfo>([.. letters.Take(page)], letters[page - 1].Id) : new ListAnswer<DeadLetterInfo>(letters, null));
    }

    private static async Task<Ok<DeadLetterInfo>> Replay([FromServices] IPnlClient client, string id, CancellationToken cancellation)
    {
        DeadLetterReplay replay = await client.ReplayDeadLetterAsync(Id(id, "id")!, cancellation)
            ?? throw new ApiException(StatusCodes.Status404NotFound, "deadletter.unknown", $"There is no dead letter '{id}': it was taken, or is one of the oldest that are not kept.", "id", "an id of GET /v1/deadletters");
        return replay.Reason is null ? TypedResults.Ok(replay.Letter) : throw new ApiException(
            StatusCodes.Status409Conflict, "deadletter.refused",
            replay.Reason == DeadLetterReplay.Unreadable
                ? $"What was put aside of '{replay.Letter.Token}' cannot be read as a bar. Let its producer send it again, mended."
                : $"'{replay.Letter.Token}' does not take it this time either: {replay.Reason}.",
            "id", "a dead letter whose reason is gone")
        {
            More = new Dictionary<string, object?> { ["reason"] = replay.Reason, ["letter"] = replay.Letter },
        };
    }

    private static string? Id(string? text, string field) => text is null || (text.Length is > 0 and <= LongestId && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) ? text
        : throw ApiException.BadRequest("id.malformed", $"'{text}' is no id of a dead letter.", field, "an id of GET /v1/deadletters");
}
