using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The calls about backfills.</summary>
internal static class BackfillsApi
{
    private const int MostTokens = 10_000;

    public static void MapBackfills(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder backfills = routes.MapGroup("/v1/backfills").WithTags("Backfills").RefuseUnknownQuery()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        backfills.MapPost("/", Start).RequireScope(Scope.Ingest).WithName("StartBackfill").WithSummary("Starts a backfill, or with kind reconciliation fetches a range again to correct and fill it; again fetches what was fetched before, too: what the source has otherwise is corrected, what it lacks is kept. The same request again answers the running one.");
        backfills.MapGet("/", List).RequireScope(Scope.Read).WithName("ListBackfills").WithSummary("Lists backfills and daily reconciliations, newest first.");
        backfills.MapGet("/{id}", Get).RequireScope(Scope.Read).WithName("GetBackfill").WithSummary("How far a backfill is.").ProducesProblem(StatusCodes.Status404NotFound);
        backfills.MapDelete("/{id}", Cancel).RequireScope(Scope.Ingest).WithName("CancelBackfill").WithSummary("Ends a backfill; what is done stays. With forget=true, by an admin and with confirm naming it once more, forgets one that has ended.").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        backfills.MapPost("/{id}/pause", Pause).RequireScope(Scope.Ingest).WithName("PauseBackfill").WithSummary("Holds a backfill.").ProducesProblem(StatusCodes.Status404NotFound);
        backfills.MapPost("/{id}/resume", Resume).RequireScope(Scope.Ingest).WithName("ResumeBackfill").WithSummary("Lets a held backfill go on.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Accepted<BackfillStatus>> Start([FromServices] IPnlClient client, [FromServices] TimeProvider time, [FromBody] BackfillBody? body, CancellationToken cancellation)
    {
        if (body is null)
        {
            throw ApiException.BadRequest("json.malformed", "The body is absent, or null.", "body", "an object with a source at least");
        }

        if (body.From >= body.To)
        {
            throw ApiException.BadRequest("range.reversed", "'from' is not before 'to'.", "from", "a time before 'to'");
        }

        if (body.From > time.GetUtcNow())
        {
            throw ApiException.BadRequest("time.inFuture", $"'from' ({body.From:u}) is later than now.", "from", "a time not later than now");
        }

        if (body.Order is not (null or "newest" or "oldest"))
        {
            throw ApiException.BadRequest("order.unknown", $"'{body.Order}' is no order.", "order", "newest or oldest");
        }

        if (body.Kind is not (null or "backfill" or "reconciliation"))
        {
            throw ApiException.BadRequest("kind.unknown", $"'{body.Kind}' is no kind.", "kind", "backfill or reconciliation");
        }

        if (body.Tokens?.Ids is { } ids)
        {
            if (ids.Length is 0 or > MostTokens)
            {
                throw ApiException.BadRequest("tokens.outOfRange", $"{ids.Length} tokens are named.", "tokens", $"\"all\", or 1 to {MostTokens} ids");
            }

            foreach (string id in ids)
            {
                TokenRules.Check(id, "tokens");
            }
        }

        if (string.IsNullOrEmpty(body.Source))
        {
            throw ApiException.BadRequest("source.missing", "No source is named.", "source", "the name of a source, such as binance or files");
        }

        BackfillStatus status = await client.StartBackfillAsync(
            new()
            {
                Tokens = body.Tokens?.Ids,
                From = body.From,
                To = body.To,
                Source = body.Source,
                OldestFirst = body.Order == "oldest",
                Kind = body.Kind == "reconciliation" ? BackfillKind.Reconciliation : BackfillKind.Backfill,
                Again = body.Again ?? false,
            },
            cancellation);
        return TypedResults.Accepted($"/v1/backfills/{status.Id}", status);
    }

    private static async Task<Ok<BackfillListAnswer>> List(
        [FromServices] IPnlClient client, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        int page = QueryText.Integer(limit, "limit", 1, Limits.TokensAPage) ?? 20;
        string[] ids = [.. (await client.ListBackfillsAsync(cancellation)).SkipWhile(id => cursor is not null && id != cursor).Skip(cursor is null ? 0 : 1)];
        List<BackfillStatus> items = [];
        List<UnreadableBackfill> unreadable = [];
        foreach (string id in ids.Take(page))
        {
            try
            {
                if (await client.GetBackfillAsync(id, cancellation) is { } status)
                {
                    items.Add(status);
                }
            }
            catch (Exception e) when (ProblemAnswers.Damage(e) is { } damage)
            {
                unreadable.Add(new(id, damage.Code, damage.Message)); // the others are answered all the same
            }
        }

        return TypedResults.Ok(new BackfillListAnswer(items, ids.Length > page ? ids[page - 1] : null, unreadable.Count > 0 ? unreadable : null));
    }

    private static async Task<Ok<BackfillStatus>> Get([FromServices] IPnlClient client, string id, CancellationToken cancellation) =>
        Known(id, IsId(id) ? await client.GetBackfillAsync(id, cancellation) : null);

    private static async Task<Results<Ok<BackfillStatus>, NoContent>> Cancel(
        HttpContext http, [FromServices] IPnlClient client, string id, [FromQuery] string? forget, [FromQuery] string? confirm, CancellationToken cancellation)
    {
        if (!QueryText.Flag(forget, "forget"))
        {
            return Known(id, IsId(id) ? await client.ControlBackfillAsync(id, BackfillControl.Cancel, cancellation) : null);
        }

        if (!http.User.May(Scope.Admin))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden, "access.forbidden", $"The key or token is not good for this: it lacks the scope '{Scope.Admin}'.", "Authorization", $"a key or token with the scope '{Scope.Admin}'");
        }

        Confirmation.Check(id, confirm);
        return (IsId(id) ? await client.ForgetBackfillAsync(id, cancellation) : BackfillForgetting.Unknown) switch
        {
            BackfillForgetting.Forgotten => TypedResults.NoContent(),
            BackfillForgetting.AtWork => throw new ApiException(StatusCodes.Status409Conflict, "backfill.atWork", $"The backfill '{id}' has not ended.", "id", "one that has ended: cancel it first"),
            _ => Known(id, null),
        };
    }

    private static async Task<Ok<BackfillStatus>> Pause([FromServices] IPnlClient client, string id, CancellationToken cancellation) =>
        Known(id, IsId(id) ? await client.ControlBackfillAsync(id, BackfillControl.Pause, cancellation) : null);

    private static async Task<Ok<BackfillStatus>> Resume([FromServices] IPnlClient client, string id, CancellationToken cancellation) =>
        Known(id, IsId(id) ? await client.ControlBackfillAsync(id, BackfillControl.Resume, cancellation) : null);

    // Of other ids there is none; and not every text may be a grain's key.
    private static bool IsId(string id) => TokenId.IsValid(id);

    private static Ok<BackfillStatus> Known(string id, BackfillStatus? status) => status is not null
        ? TypedResults.Ok(status)
        : throw new ApiException(StatusCodes.Status404NotFound, "backfill.unknown", $"There is no backfill '{id}'.", "id", "the id of a backfill");
}
