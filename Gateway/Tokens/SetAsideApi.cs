using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The call about rows that were not taken as bars.</summary>
internal static class SetAsideApi
{
    public const int MostRows = 1000;

    public static void MapSetAside(this IEndpointRouteBuilder token) => token.MapGet("/setaside", List).RequireScope(Scope.Read).WithName("ListSetAside")
        .ProducesProblem(StatusCodes.Status409Conflict).WithSummary("Rows of sources that were not taken as bars, by source and time; what they are of is not covered. Text has 200 characters at most.");

    private static async Task<Ok<ListAnswer<SetAsideAnswer>>> List(
        [FromServices] IPnlClient client, string id, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        TokenRules.Check(id);
        int page = QueryText.Integer(limit, "limit", 1, MostRows) ?? 100;
        (int after, long? total) = Cursor.Counted(cursor);
        SetAsideRows rows = await client.GetSetAsideAsync(id, after, page, cancellation);
        if (total is { } before && before != rows.Total)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, "setaside.changed", "Rows have been put aside, or taken back, since the pages before were answered: they no longer go together.", "cursor", "the first page again, without a cursor");
        }

        int end = after + rows.Rows.Length;
        return TypedResults.Ok(new ListAnswer<SetAsideAnswer>(
            Array.ConvertAll(rows.Rows, SetAsideAnswer.Of), rows.Rows.Length > 0 && end < rows.Total ? Cursor.Of(end, rows.Total) : null));
    }
}

/// <summary>A row of a source that was not taken as a bar: its time if it could be read, as it came, and why.</summary>
internal sealed record SetAsideAnswer(
    string Source, string Symbol, string Quote, Interval Interval, DateTimeOffset? Time, string Text, string Reason, DateTimeOffset FetchedAt)
{
    public static SetAsideAnswer Of(SetAsideRow row) => new(row.Source, row.Symbol, row.Quote, row.Interval, row.Time, row.Text, row.Reason, row.FetchedAt);
}
