using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Small series of many tokens in one call: a list that draws a line a token would take a call a token otherwise.</summary>
internal static class SparklinesApi
{
    public const int MostPoints = 500;
    private const int PointsByDefault = 60;

    public static void MapSparklines(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/v1/sparklines").WithTags("Tokens").RefuseUnknownQuery()
            .MapGet("/", Get).RequireScope(Scope.Read).IsHeavy().WithName("GetSparklines").WithSummary("The rates of several tokens over a rolling window, thinned out for drawing.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<SparklinesAnswer>> Get(
        [FromServices] IPnlClient client, [FromQuery] string? tokens, [FromQuery] string? window, [FromQuery] string? maxPoints, CancellationToken cancellation)
    {
        HashSet<string> ids = TokenRules.Ids(
            tokens ?? throw ApiException.BadRequest("tokens.missing", "No tokens are named.", "tokens", "ids of tokens with commas between"), Limits.TokensAStream);
        string name = window is null ? "24h" : RollingWindow.Find(window)?.Name
            ?? throw ApiException.BadRequest("window.unknown", $"'{window}' is not taken as window.", "window", string.Join(", ", RollingWindow.All.Select(w => w.Name)));
        int most = QueryText.Integer(maxPoints, "maxPoints", 4, MostPoints) ?? PointsByDefault;
        try
        {
            return TypedResults.Ok(new SparklinesAnswer(name, await Task.WhenAll(ids.Select(id => SparklineAsync(client, id, name, most, cancellation)))));
        }
        catch (TokenUnknownException unknown)
        {
            throw TokenRules.Unknown(unknown);
        }
    }

    private static async Task<Sparkline> SparklineAsync(IPnlClient client, string token, string window, int most, CancellationToken cancellation)
    {
        TokenPnl pnl = await client.GetPnlAsync(token, cancellation);
        if (pnl.Windows.GetValueOrDefault(window)?.From is not { } from)
        {
            return new(token, pnl.Quote, null, pnl.AsOf, pnl.Revision, (long[])[], (decimal[])[], default);
        }

        // A window begins at an instant, of which the rate is the bar's that closed then: it opened one bar before.
        PnlSeries series = await client.GetSeriesAsync(token, new() { From = from.AddSeconds(-BarTime.SecondsPerBar), MaxPoints = most }, cancellation);
        return new(token, series.Quote, from, series.AsOf, series.Revision, series.Time, series.Rate, series.Interval);
    }
}

/// <summary>Small series of several tokens, in the order in which they were named.</summary>
internal sealed record SparklinesAnswer(string Window, Sparkline[] Items);

/// <summary>Rates since the start of a window, of bars that open at the times given, and the coarsest interval that they stand on; thinned out so that the extremes are kept.</summary>
internal sealed record Sparkline(string Token, string Quote, DateTimeOffset? From, DateTimeOffset? AsOf, long Revision, PlainColumn<long> Time, PlainColumn<decimal> Rate, Interval Interval);
