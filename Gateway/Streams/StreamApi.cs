using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>Server-sent events.</summary>
internal static class StreamApi
{
    public static void MapStream(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/v1/stream").WithTags("Stream").RefuseUnknownQuery()
            .MapGet("/", Listen).WithName("Stream").WithSummary("The PnL of tokens now and after each change, as server-sent events.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .DisableRequestTimeout();

    private static async Task<IResult> Listen(
        [FromServices] IPnlClient client, [FromServices] ListenerSlots slots, [FromServices] SnapshotJson json, [FromServices] TimeProvider time,
        [FromServices] IHostApplicationLifetime host, [FromQuery] string? tokens, [FromHeader(Name = EventIds.Header)] string? lastEventId, CancellationToken cancellation)
    {
        SortedDictionary<string, long> seen = EventIds.Read(lastEventId, TokenRules.Ids(tokens, Limits.TokensAStream));
        IDisposable slot = slots.Take();
        try
        {
            return new PnlEventStream(await client.WatchPnlAsync(seen, cancellation), seen, slot, json, time, host.ApplicationStopping);
        }
        catch (TokenUnknownException unknown)
        {
            slot.Dispose();
            throw TokenRules.Unknown(unknown);
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }
}
