using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The ranking of tokens.</summary>
internal static class LeaderboardApi
{
    /// <summary>The figures by which tokens are ranked, by their names.</summary>
    public static IReadOnlyDictionary<string, Measure> Measures { get; } = new Dictionary<string, Measure>
    {
        ["return"] = Measure.Return,
        ["pnl"] = Measure.Pnl,
        ["volatility"] = Measure.Volatility,
        ["maxDrawdown"] = Measure.MaxDrawdown,
    };

    public static void MapLeaderboard(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/v1/leaderboard").WithTags("Leaderboard").RefuseUnknownQuery()
            .MapGet("/", Get).RequireScope(Scope.Read).WithName("GetLeaderboard").WithSummary("Ranks all tokens by a figure of a rolling window.")
            .Produces<Leaderboard>().Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> Get(
        HttpContext http, [FromServices] IPnlClient client, [FromServices] LeaderboardAnswers answers,
        [FromQuery] string? window, [FromQuery] string? by, [FromQuery] string? order, [FromQuery] string? limit, [FromQuery] string? include,
        CancellationToken cancellation)
    {
        LeaderboardQuery byDefault = new(), query = new()
        {
            Window = window is null ? byDefault.Window : RollingWindow.Find(window)?.Name ?? throw Unknown("window", window, string.Join(", ", RollingWindow.All.Select(w => w.Name))),
            By = by is null ? byDefault.By : Measures.TryGetValue(by, out Measure measure) ? measure : throw Unknown("by", by, string.Join(", ", Measures.Keys)),
            Ascending = order switch { null or "desc" => false, "asc" => true, _ => throw Unknown("order", order, "desc or asc") },
            Limit = QueryText.Integer(limit, "limit", 1, LeaderboardQuery.MaxLimit) ?? byDefault.Limit,
            IncludeAll = include switch { null => false, "all" => true, _ => throw Unknown("include", include, "all") },
        };
        Leaderboard board = await client.GetLeaderboardAsync(query, cancellation);
        (ReadOnlyMemory<byte> json, string digest) = answers.Of(query, board);
        return http.IsUnchanged(board.Revision, digest) ? EntityTags.NotModified() : TypedResults.Bytes(json, "application/json; charset=utf-8");
    }

    private static ApiException Unknown(string field, string value, string expected) =>
        ApiException.BadRequest(field + ".unknown", $"'{value}' is not taken as {field}.", field, expected);
}
