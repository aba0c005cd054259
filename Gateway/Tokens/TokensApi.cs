using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The calls about tokens.</summary>
internal static class TokensApi
{
    private const int CoverageRanges = 1000;

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder tokens = routes.MapGroup("/v1/tokens").WithTags("Tokens").RefuseUnknownQuery()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        tokens.MapGet("/", List).RequireScope(Scope.Read).WithName("ListTokens").WithSummary("Lists tokens in the order of their ids.");
        RouteGroupBuilder token = tokens.MapGroup("/{id}").ProducesProblem(StatusCodes.Status404NotFound);
        tokens.MapPut("/{id}", Register).RequireScope(Scope.Ingest).WithName("RegisterToken").WithSummary("Registers a token, or updates what is registered.").ProducesProblem(StatusCodes.Status409Conflict);
        token.MapGet("/", Get).RequireScope(Scope.Read).WithName("GetToken").WithSummary("One token with its coverage, its listings and whose rates it has.").Produces(StatusCodes.Status304NotModified);
        token.MapPost("/rates", Ingest).RequireScope(Scope.Ingest).IsHeavy().WithName("IngestRates").WithSummary("Ingests bars; answers once they are durable.")
            .Accepts<RatesRequest>("application/json", "text/csv")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        token.MapGet("/rates", Rates).RequireScope(Scope.Read).IsHeavy().WithName("GetRates").WithSummary("Rates period by period.").Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status409Conflict);
        token.MapDelete("/", Delete).RequireScope(Scope.Admin).WithName("DeleteToken").WithSummary("Deletes a token with all of its bars; confirm names it once more. One that is registered under the id later begins anew. Where portfolios hold it, it is refused unless force is true; they say then that its rate is missing.").ProducesProblem(StatusCodes.Status409Conflict);
        token.MapDelete("/rates", DeleteRates).RequireScope(Scope.Admin).WithName("DeleteRates").WithSummary("Deletes the bars that open in [from, to), also such as lie ahead of now; confirm names the token once more. That time counts as read by nobody then.");
        token.MapGet("/pnl", Pnl).RequireScope(Scope.Read).WithName("GetPnl").WithSummary("PnL over the rolling windows; with from or to, over one window between any two times.")
            .Produces<TokenPnl>().Produces(StatusCodes.Status304NotModified);
        token.MapGet("/pnl/series", Series).RequireScope(Scope.Read).IsHeavy().WithName("GetPnlSeries").WithSummary("Rate and PnL period by period.").Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status409Conflict);
        token.MapSetAside();
    }

    /// <summary>The body of an ingest call, for the OpenAPI document; it is read without passing through doubles.</summary>
    internal sealed record RatesRequest(long[] Time, decimal[] Rate);

    private static async Task<Ok<ListAnswer<TokenInfo>>> List(
        [FromServices] IPnlClient client, [FromQuery] string? search, [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        int page = QueryText.Integer(limit, "limit", 1, Limits.TokensAPage) ?? 100;
        IReadOnlyList<TokenInfo> items = await client.ListTokensAsync(search, Cursor.Token(cursor), page + 1, cancellation);
        return items.Count > page
            ? TypedResults.Ok(new ListAnswer<TokenInfo>([.. items.Take(page)], items[page - 1].Id))
            : TypedResults.Ok(new ListAnswer<TokenInfo>(items, null));
    }

    private static async Task<Results<Ok<TokenInfo>, Created<TokenInfo>>> Register(
        HttpContext http, [FromServices] IPnlClient client, [FromServices] NewNames names, string id, [FromBody] TokenRequest? body, CancellationToken cancellation)
    {
        TokenRules.Check(id);
        TokenRules.Check(body ?? throw ApiException.BadRequest("json.malformed", "The body is absent, or null.", "body", "an object, {} at least"));
        await names.CheckTokenAsync(http, id, cancellation);
        RegisterResult result = await client.RegisterTokenAsync(id, new()
        {
            Symbol = body.Symbol,
            Name = body.Name,
            Quote = body.Quote,
            Listed = body.Listed,
            Delisted = body.Delisted,
            StalenessSeconds = body.StalenessSeconds,
            Sources = body.Sources,
            Listings = body.Listings is { } listings ? ListingRules.Read(id, listings, await QuoteAsync(client, id, body, listings, cancellation)) : null,
        }, cancellation);
        return result.Created ? TypedResults.Created($"/v1/tokens/{id}", result.Token) : TypedResults.Ok(result.Token);
    }

    /// <summary>The quote that listings without one of their own are in: what the body says, what is registered, or the default.</summary>
    private static async Task<string> QuoteAsync(IPnlClient client, string id, TokenRequest body, ListingRequest?[] listings, CancellationToken cancellation)
    {
        if (body.Quote is { } said)
        {
            return said;
        }

        if (Array.TrueForAll(listings, listing => listing?.Quote is not null))
        {
            return TokenRules.DefaultQuote; // which none needs
        }

        try
        {
            return (await client.GetTokenAsync(id, cancellation)).Quote;
        }
        catch (TokenUnknownException)
        {
            return TokenRules.DefaultQuote;
        }
    }

    private static async Task<Results<Ok<TokenCoverage>, StatusCodeHttpResult>> Get(
        HttpContext http, [FromServices] IPnlClient client, string id, CancellationToken cancellation)
    {
        TokenCoverage token = await client.GetCoverageAsync(TokenRules.Check(id), CoverageRanges, cancellation);
        long? setAside = await client.CountSetAsideAsync(id, cancellation);
        return http.IsUnchanged(token.Revision, setAside > 0 ? string.Create(CultureInfo.InvariantCulture, $"{token.Status}-{setAside}") : token.Status.ToString())
            ? EntityTags.NotModified() : TypedResults.Ok(token with { SetAside = setAside });
    }

    private static async Task<Ok<TokenRemoval>> Delete(
        [FromServices] IPnlClient client, string id, [FromQuery] string? confirm, [FromQuery] string? force, CancellationToken cancellation)
    {
        Confirmation.Check(TokenRules.Check(id), confirm);
        bool isForced = QueryText.Flag(force, "force");
        try
        {
            return TypedResults.Ok(await client.DeleteTokenAsync(id, isForced, cancellation));
        }
        catch (TokenHeldException held)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, "token.held", $"'{id}' is held: it is in the ledgers of {held.Portfolios} {(held.Portfolios == 1 ? "portfolio" : "portfolios")}, and its rate would be missing there.", "force", "true, if it is to be deleted all the same")
            {
                More = new Dictionary<string, object?> { ["portfolios"] = held.Portfolios },
            };
        }
    }

    private static async Task<Ok<TokenRemoval>> DeleteRates(
        [FromServices] IPnlClient client, string id, [FromQuery] string? from, [FromQuery] string? to, [FromQuery] string? confirm, CancellationToken cancellation)
    {
        TokenRules.Check(id);
        if (QueryText.Range(from, to) is not (DateTimeOffset start, DateTimeOffset end))
        {
            throw ApiException.BadRequest("range.missing", "Which bars are to be deleted is not said.", from is null ? "from" : "to", "both 'from' and 'to'");
        }

        Confirmation.Check(id, confirm);
        return TypedResults.Ok(await client.DeleteRatesAsync(id, start, end, cancellation));
    }

    private static async Task<Ok<IngestResult>> Ingest(
        HttpRequest request, [FromServices] IPnlClient client, [FromServices] GatewayMeter meter, string id,
        [FromQuery] string? coveredFrom, [FromQuery] string? coveredTo, [FromQuery] string? interval, CancellationToken cancellation)
    {
        TokenRules.Check(id);
        Interval ofBars = QueryText.BarInterval(interval);
        (DateTimeOffset? from, DateTimeOffset? to) = (QueryText.Time(coveredFrom, "coveredFrom"), QueryText.Time(coveredTo, "coveredTo"));
        if (from is null != to is null || from > to)
        {
            throw ApiException.BadRequest("range.reversed", "'coveredFrom' and 'coveredTo' go together, the first not after the second.", from is null ? "coveredFrom" : "coveredTo", "both, or none");
        }

        RateBody body = await RateBody.ReadAsync(request, ofBars, cancellation);
        if (body.Currency is { } currency && (await client.GetTokenAsync(id, cancellation)).Quote is var quote && quote != currency)
        {
            throw ApiException.BadRequest("quote.mismatch", $"The column of rates is in {currency}, '{id}' is in {quote}.", "body", $"rates in {quote}, or a column that does not name another currency");
        }

        IngestResult result = await client.IngestAsync(id, body.Batch(from, to), cancellation);
        foreach ((string code, int bars) in body.Rejected.CountBy(bar => bar.Code))
        {
            meter.Refused(code, bars);
        }

        return TypedResults.Ok(result with { Rejected = body.AllRejected(result.Rejected), Rounded = result.Rounded + body.Rounded(result.Rejected) });
    }

    private static async Task<Results<Ok<RateCandles>, StatusCodeHttpResult>> Rates(
        HttpContext http, [FromServices] IPnlClient client, string id,
        [FromQuery] string? from, [FromQuery] string? to, [FromQuery] string? interval, [FromQuery] string? maxPoints,
        [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        TokenRules.Check(id);
        RateCandles rates = await client.GetRatesAsync(id, Query(from, to, interval, null, maxPoints, limit, cursor), cancellation);
        await CheckPagesAsync(client, id, cursor, rates.Revision, cancellation);
        return http.IsUnchanged(rates.Revision, "") ? EntityTags.NotModified() : TypedResults.Ok(rates with { NextCursor = Cursor.Of(rates.Next, Amount.Zero, rates.Revision) });
    }

    private static async Task<IResult> Pnl(
        HttpContext http, [FromServices] IPnlClient client, [FromServices] TimeProvider time, string id,
        [FromQuery] string? from, [FromQuery] string? to, [FromQuery] string? quantity, CancellationToken cancellation)
    {
        TokenRules.Check(id);
        if (from is null && to is null && quantity is null)
        {
            TokenPnl pnl = await client.GetPnlAsync(id, cancellation);
            return http.IsUnchanged(pnl.Revision, pnl.Stale ? "stale" : "") ? EntityTags.NotModified() : TypedResults.Ok(pnl);
        }

        (DateTimeOffset? start, DateTimeOffset? end) = QueryText.Range(from, to);
        if (start > time.GetUtcNow())
        {
            throw ApiException.BadRequest("time.inFuture", $"'from' ({from}) is later than now.", "from", "a time not later than now");
        }

        TokenWindow window = await client.GetWindowAsync(id, new(start, end, QueryText.Quantity(quantity)), cancellation);
        return http.IsUnchanged(window.Revision, window.To?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) ?? "")
            ? EntityTags.NotModified()
            : TypedResults.Ok(window);
    }

    private static async Task<Results<Ok<PnlSeries>, StatusCodeHttpResult>> Series(
        HttpContext http, [FromServices] IPnlClient client, string id,
        [FromQuery] string? from, [FromQuery] string? to, [FromQuery] string? interval, [FromQuery] string? quantity, [FromQuery] string? maxPoints,
        [FromQuery] string? limit, [FromQuery] string? cursor, CancellationToken cancellation)
    {
        TokenRules.Check(id);
        SeriesQuery query = Query(from, to, interval, quantity, maxPoints, limit, cursor);
        PnlSeries series = await client.GetSeriesAsync(id, query, cancellation);
        await CheckPagesAsync(client, id, cursor, series.Revision, cancellation);
        return http.IsUnchanged(series.Revision, "") ? EntityTags.NotModified() : TypedResults.Ok(Page(series, Cursor.Read(cursor)?.CumulativePnl ?? Amount.Zero));
    }

    /// <summary>A page of a series, whose running total goes on where that of the pages before ended.</summary>
    private static PnlSeries Page(PnlSeries series, Amount before)
    {
        MoneyColumn cumulative = before.IsZero ? series.CumulativePnl : series.CumulativePnl.Select(pnl => before + pnl);
        return series with { CumulativePnl = cumulative, NextCursor = Cursor.Of(series.Next, cumulative.Length > 0 ? cumulative[cumulative.Length - 1] : before, series.Revision) };
    }

    /// <summary>Whether the page goes with those before it: no bar of these may have changed since.</summary>
    private static async Task CheckPagesAsync(IPnlClient client, string id, string? cursor, long revision, CancellationToken cancellation)
    {
        if (Cursor.Read(cursor) is { Revision: { } seen } page && seen != revision
            && await client.GetChangedFromAsync(id, seen, cancellation) is { } changed && changed < page.Next)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, "series.changed", $"Bars before this page have changed, or come, since the pages before it were answered: they no longer go together.", "cursor", "the first page again, without a cursor");
        }
    }

    private static SeriesQuery Query(string? from, string? to, string? interval, string? quantity, string? maxPoints, string? limit, string? cursor)
    {
        (DateTimeOffset? start, DateTimeOffset? end) = QueryText.Range(from, to);
        return new()
        {
            From = Cursor.Read(cursor)?.Next is { } next && !(next < start) ? next : start,
            RangeFrom = Cursor.RangeFrom(cursor, start),
            To = end,
            Interval = QueryText.Interval(interval),
            Quantity = QueryText.Quantity(quantity),
            MaxPoints = QueryText.Integer(maxPoints, "maxPoints", 4, SeriesQuery.MaxLimit),
            Limit = QueryText.Integer(limit, "limit", 1, SeriesQuery.MaxLimit) ?? SeriesQuery.MaxLimit,
        };
    }
}
