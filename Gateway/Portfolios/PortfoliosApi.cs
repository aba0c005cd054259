using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The calls about portfolios.</summary>
internal static class PortfoliosApi
{
    public static void MapPortfolios(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder portfolios = routes.MapGroup("/v1/portfolios").WithTags("Portfolios").RefuseUnknownQuery()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        portfolios.MapPut("/{id}", Put).RequireScope(Scope.Portfolio).WithName("PutPortfolio").WithSummary("Sets a portfolio up, or puts its ledger on other terms.").ProducesProblem(StatusCodes.Status409Conflict);
        portfolios.MapGet("/", ListPortfolios).RequireScope(Scope.Read).WithName("ListPortfolios").WithSummary("Lists portfolios in the order of their ids.");
        RouteGroupBuilder portfolio = portfolios.MapGroup("/{id}").ProducesProblem(StatusCodes.Status404NotFound);
        portfolio.MapGet("/", Get).RequireScope(Scope.Read).WithName("GetPortfolio").WithSummary("One portfolio.").Produces(StatusCodes.Status304NotModified);
        portfolio.MapDelete("/", Remove).RequireScope(Scope.Portfolio).WithName("DeletePortfolio").WithSummary("Deletes a portfolio with its ledger.");
        portfolio.MapPost("/entries", Post).RequireScope(Scope.Portfolio).IsHeavy().WithName("PostPortfolioEntries").WithSummary("Adds ledger entries, all or none; answers once they are durable. What is there already changes nothing; of an export, whichever program has saved it since.")
            .Accepts<EntriesRequest>("application/json", "text/csv")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        portfolio.MapGet("/entries", List).RequireScope(Scope.Read).IsHeavy().WithName("ListPortfolioEntries").WithSummary("The ledger, in the order in which entries count: by time, kind and id.").Produces(StatusCodes.Status304NotModified);
        portfolio.MapPut("/entries/{entryId}", Correct).RequireScope(Scope.Portfolio).WithName("CorrectPortfolioEntry").WithSummary("Corrects an entry; what follows is computed anew.").ProducesProblem(StatusCodes.Status409Conflict);
        portfolio.MapDelete("/entries/{entryId}", Delete).RequireScope(Scope.Portfolio).WithName("DeletePortfolioEntry").WithSummary("Deletes an entry; what follows is computed anew.").ProducesProblem(StatusCodes.Status409Conflict);
        portfolio.MapPut("/entries", CorrectById).RequireScope(Scope.Portfolio).WithName("CorrectPortfolioEntryById").WithSummary("Corrects the entry with the id of the query: also one whose id an address does not keep, such as '..'.").ProducesProblem(StatusCodes.Status409Conflict);
        portfolio.MapDelete("/entries", DeleteById).RequireScope(Scope.Portfolio).WithName("DeletePortfolioEntryById").WithSummary("Deletes the entry with the id of the query: also one whose id an address does not keep, such as '..'.").ProducesProblem(StatusCodes.Status409Conflict);
        portfolio.MapGet("/pnl", Pnl).RequireScope(Scope.Read).IsHeavy().WithName("GetPortfolioPnl").WithSummary("Profit and loss of the portfolio and of each position.").Produces(StatusCodes.Status304NotModified);
        portfolio.MapGet("/pnl/series", Series).RequireScope(Scope.Read).IsHeavy().WithName("GetPortfolioSeries").WithSummary("Value and profit period by period.").Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status409Conflict);
        portfolio.MapGet("/lots", Lots).RequireScope(Scope.Read).IsHeavy().WithName("ListPortfolioLots").WithSummary("Closed and open lots, token by token.").Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<PortfolioInfo>, Created<PortfolioInfo>>> Put(
        HttpContext http, [FromServices] NewNames names, [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, [FromBody] PortfolioRequest? body, CancellationToken cancellation)
    {
        PortfolioRules.Check(id);
        PortfolioDetails details = PortfolioRules.Details(body);
        await names.CheckPortfolioAsync(http, client, id, cancellation);
        PutPortfolioResult result = await client.PutPortfolioAsync(id, details, cancellation);
        return result.Created ? TypedResults.Created($"/v1/portfolios/{id}", result.Portfolio) : TypedResults.Ok(result.Portfolio);
    }

    private static async Task<Results<Ok<PortfolioInfo>, StatusCodeHttpResult>> Get(HttpContext http, [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, CancellationToken cancellation)
    {
        PortfolioInfo portfolio = await client.GetPortfolioAsync(PortfolioRules.Check(id), cancellation);
        return http.IsUnchanged(portfolio.Revision, "") ? EntityTags.NotModified() : TypedResults.Ok(portfolio);
    }

    private static async Task<Ok<ListAnswer<PortfolioListing>>> ListPortfolios(
        [FromKeyedServices(AccessControl.Own)] IPnlClient client, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        int page = QueryText.Integer(limit, "limit", 1, Limits.PortfoliosAPage) ?? 100;
        IReadOnlyList<PortfolioListing> items = await client.ListPortfoliosAsync(Cursor.Token(cursor), page + 1, cancellation);
        return items.Count > page
            ? TypedResults.Ok(new ListAnswer<PortfolioListing>([.. items.Take(page)], items[page - 1].Id))
            : TypedResults.Ok(new ListAnswer<PortfolioListing>(items, null));
    }

    private static async Task<NoContent> Remove([FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, CancellationToken cancellation)
    {
        await client.DeletePortfolioAsync(PortfolioRules.Check(id), cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<LedgerAnswer>> Post(
        HttpRequest request, [FromKeyedServices(AccessControl.Own)] IPnlClient client, [FromServices] TimeProvider time, string id,
        [FromQuery(Name = "decimal")] string? decimalMark, [FromQuery] string? skipRefused, CancellationToken cancellation)
    {
        PortfolioRules.Check(id);
        bool skips = QueryText.Flag(skipRefused, "skipRefused");
        if (LedgerBody.IsCsv(request))
        {
            return await ImportAsync(await LedgerBody.ReadCsvAsync(request, client, id, decimalMark, time.GetUtcNow(), cancellation), client, id, skips, cancellation);
        }

        if (skips || decimalMark is not null)
        {
            throw ApiException.BadRequest("parameter.notApplicable", "decimal and skipRefused are of CSV.", skips ? "skipRefused" : "decimal", "a body of text/csv, or none of these");
        }

        try
        {
            return Changed(await client.PostEntriesAsync(id, await LedgerBody.ReadJsonAsync(request, cancellation), cancellation));
        }
        catch (LedgerRefusedException e) when (e.Refused is { } refused)
        {
            throw PortfolioRules.Problem(refused, isBatch: true);
        }
    }

    private static async Task<Ok<LedgerAnswer>> ImportAsync(LedgerUpload upload, IPnlClient client, string id, bool skips, CancellationToken cancellation)
    {
        try
        {
            await upload.PostAsync(Limits.EntriesACall, skips, cancellation);
        }
        catch (LedgerRefusedException e) when (e.Refused is { } refused)
        {
            throw PortfolioRules.Problem(refused, isBatch: true, upload.File.LineOf(refused.EntryId));
        }

        LedgerRejection[] rejected = [.. upload.File.Rejected.Concat(upload.Refused).OrderBy(row => row.Line).Select(row => row with { Field = Echo.Of(row.Field), Detail = Echo.Of(row.Detail) })];
        return TypedResults.Ok(new LedgerAnswer(upload.Accepted, upload.Unchanged, rejected, upload.Revision ?? (await client.GetPortfolioAsync(id, cancellation)).Revision));
    }

    private static Task<Ok<LedgerAnswer>> Correct(
        HttpRequest request, [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, string entryId, [FromBody] EntryBody? body, CancellationToken cancellation) =>
        CorrectAsync(client, id, Addresses.LastName(request, entryId), body, cancellation);

    private static Task<Ok<LedgerAnswer>> CorrectById(
        [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, [FromQuery(Name = "id")] string? entry, [FromBody] EntryBody? body, CancellationToken cancellation) =>
        CorrectAsync(client, id, PortfolioRules.EntryId(entry), body, cancellation);

    private static async Task<Ok<LedgerAnswer>> CorrectAsync(IPnlClient client, string id, string entryId, EntryBody? body, CancellationToken cancellation)
    {
        PortfolioRules.Check(id);
        EntryBody entry = body ?? throw ApiException.BadRequest("json.malformed", "The body is absent, or null.", "body", "an entry");
        if (entry.Id is not null && entry.Id != entryId)
        {
            throw ApiException.BadRequest("id.other", $"The body is of the entry '{entry.Id}', the address of '{entryId}'.", "id", "the id of the address, or none");
        }

        return Changed(await client.CorrectEntryAsync(id, (entry with { Id = entryId }).Entry(""), cancellation));
    }

    private static Task<Ok<LedgerAnswer>> Delete(
        HttpRequest request, [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, string entryId, CancellationToken cancellation) =>
        DeleteAsync(client, id, Addresses.LastName(request, entryId), cancellation);

    private static Task<Ok<LedgerAnswer>> DeleteById(
        [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, [FromQuery(Name = "id")] string? entry, CancellationToken cancellation) =>
        DeleteAsync(client, id, PortfolioRules.EntryId(entry), cancellation);

    private static async Task<Ok<LedgerAnswer>> DeleteAsync(IPnlClient client, string id, string entryId, CancellationToken cancellation) =>
        Changed(await client.DeleteEntryAsync(PortfolioRules.Check(id), entryId, cancellation));

    private static async Task<Results<Ok<ListAnswer<PortfolioEntry>>, StatusCodeHttpResult>> List(
        HttpContext http, [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        PortfolioRules.Check(id);
        EntriesPage page = await client.GetEntriesAsync(id, Cursor.Entry(cursor), QueryText.Integer(limit, "limit", 1, Limits.EntriesACall) ?? 100, cancellation);
        return http.IsUnchanged(page.Revision, "")
            ? EntityTags.NotModified()
            : TypedResults.Ok(new ListAnswer<PortfolioEntry>(page.Items, Cursor.Of(page.Next)));
    }

    private static async Task<Results<Ok<PortfolioReport>, StatusCodeHttpResult>> Pnl(
        HttpContext http, [FromKeyedServices(AccessControl.Own)] IPnlClient client, [FromServices] TimeProvider time, string id,
        [FromQuery] string? at, [FromQuery] string? costBasis, CancellationToken cancellation)
    {
        PortfolioRules.Check(id);
        PortfolioQuery query = new(QueryText.Time(at, "at"), PortfolioRules.CostBasis(costBasis));
        if (query.At > time.GetUtcNow())
        {
            throw ApiException.BadRequest("time.inFuture", $"'at' ({at}) is later than now.", "at", "a time not later than now");
        }

        PortfolioReport report = await client.GetPortfolioPnlAsync(id, query, cancellation);
        int stale = report.Positions.Count(position => position.Stale); // while nothing else changes, more of them become so
        return http.IsUnchanged(report.Revision, stale == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"stale{stale}")) ? EntityTags.NotModified() : TypedResults.Ok(report);
    }

    private static async Task<Results<Ok<PortfolioSeries>, StatusCodeHttpResult>> Series(
        HttpContext http, [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id,
        [FromQuery] string? from, [FromQuery] string? to, [FromQuery] string? interval, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        PortfolioRules.Check(id);
        (DateTimeOffset? start, DateTimeOffset? end) = QueryText.Range(from, to);
        PortfolioSeries series = await client.GetPortfolioSeriesAsync(id, new()
        {
            From = Cursor.Read(cursor)?.Next is { } next && !(next < start) ? next : start,
            RangeFrom = Cursor.RangeFrom(cursor, start),
            To = end,
            Interval = interval is null ? Interval.Day : QueryText.Interval(interval),
            Limit = QueryText.Integer(limit, "limit", 1, PortfolioSeriesQuery.MaxLimit) ?? PortfolioSeriesQuery.MaxLimit,
            SeenRevision = Cursor.Read(cursor)?.Revision,
        }, cancellation);
        return http.IsUnchanged(series.Revision, "") ? EntityTags.NotModified() : TypedResults.Ok(series with { NextCursor = Cursor.Of(series.Next, Amount.Zero, series.Revision) });
    }

    private static async Task<Results<Ok<LotsPage>, StatusCodeHttpResult>> Lots(
        HttpContext http, [FromKeyedServices(AccessControl.Own)] IPnlClient client, string id,
        [FromQuery] string? token, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        PortfolioRules.Check(id);
        if (token is not null && !TokenId.IsValid(token))
        {
            throw ApiException.BadRequest("token.malformed", $"'{token}' is no token id.", "token", TokenId.Rule);
        }

        (int skip, long? seen) = Cursor.Counted(cursor);
        LotsPage page = await client.GetLotsAsync(id, new(token, skip, QueryText.Integer(limit, "limit", 1, LotsQuery.MaxLimit) ?? 1000) { SeenRevision = seen }, cancellation);
        return http.IsUnchanged(page.Revision, "")
            ? EntityTags.NotModified()
            : TypedResults.Ok(page with { NextCursor = page.HasMore ? Cursor.Of(skip + page.Items.Length, page.Revision) : null });
    }

    private static Ok<LedgerAnswer> Changed(LedgerResult result) => TypedResults.Ok(new LedgerAnswer(result.Accepted, result.Unchanged, [], result.Revision));
}
