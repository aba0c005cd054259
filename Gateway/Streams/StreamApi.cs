using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Server-sent events.</summary>
internal static class StreamApi
{
    public static void MapStream(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/v1/stream").WithTags("Stream").RefuseUnknownQuery()
            .MapGet("/", Listen).RequireScope(Scope.Read).WithName("Stream").WithSummary("The PnL of tokens, or of a portfolio, now and after each change, as server-sent events.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .DisableRequestTimeout();

    private static async Task<IResult> Listen(
        HttpContext http, [FromKeyedServices(AccessControl.Own)] IPnlClient client, [FromServices] StreamAccess access, [FromServices] ListenerSlots slots, [FromServices] SnapshotJson json, [FromServices] StoreEpoch epoch, [FromServices] TimeProvider time,
        [FromServices] IHostApplicationLifetime host, [FromQuery] string? tokens, [FromQuery] string? portfolio,
        [FromHeader(Name = EventIds.Header)] string? lastEventId, CancellationToken cancellation)
    {
        if (tokens is not null && portfolio is not null)
        {
            throw ApiException.BadRequest("stream.ambiguous", "Both tokens and a portfolio are named.", "portfolio", "'tokens' or 'portfolio'; each by a stream of its own");
        }

        string kind = portfolio is null ? EventIds.Token : EventIds.Portfolio;
        SortedDictionary<string, long> seen = EventIds.Read(epoch, lastEventId, kind, portfolio is null ? Ids(tokens) : [Portfolio(portfolio)]);
        IDisposable slot = slots.Take(CallerShares.CallerOf(http));
        CancellationToken end = access.Until(http, host.ApplicationStopping);
        try
        {
            return portfolio is null
                ? new PnlEventStream<TokenPnl>(await client.WatchPnlAsync(seen, cancellation), kind, seen, slot, json, epoch, time, end)
                : new PnlEventStream<PortfolioReport>(await client.WatchPortfolioPnlAsync(portfolio, seen[portfolio], cancellation), kind, seen, slot, json, epoch, time, end);
        }
        catch (TokenUnknownException unknown)
        {
            slot.Dispose();
            throw TokenRules.Unknown(unknown);
        }
        catch (PortfolioUnknownException)
        {
            slot.Dispose();
            throw new ApiException(StatusCodes.Status404NotFound, "portfolio.unknown", $"There is no portfolio '{portfolio}'.", "portfolio", "the id of a portfolio that was set up");
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }

    private static string Portfolio(string id) => TokenId.IsValid(id) ? id
        : throw ApiException.BadRequest("portfolio.malformed", $"'{id}' is no portfolio id.", "portfolio", TokenId.Rule);

    private static HashSet<string> Ids(string? tokens) => TokenRules.Ids(
        tokens ?? throw ApiException.BadRequest("tokens.missing", "Neither tokens nor a portfolio are named.", "tokens", "ids of tokens with commas between; or 'portfolio'"), Limits.TokensAStream);
}
