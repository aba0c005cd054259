using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>
/// Writes what a watch tells as server-sent events, as fast as the client reads. Not by <c>TypedResults.ServerSentEvents</c>:
/// that writes no comments, by which a quiet stream shows that it is there, and serialises each snapshot for each listener.
/// </summary>
/// <typeparam name="TPnl">What tells a state.</typeparam>
/// <param name="watch">What to tell.</param>
/// <param name="kind">What is followed: <c>token</c> or <c>portfolio</c>.</param>
/// <param name="seen">What the client has seen of it.</param>
/// <param name="slot">What is given back at the end.</param>
/// <param name="json">The states as JSON.</param>
/// <param name="epoch">The life of the store in which the ids of events hold.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Ends the stream.</param>
internal sealed class PnlEventStream<TPnl>(
    PnlWatch<TPnl> watch, string kind, SortedDictionary<string, long> seen, IDisposable slot, SnapshotJson json, StoreEpoch epoch, TimeProvider time, CancellationToken stopping) : IResult
    where TPnl : class
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using IDisposable listening = slot;
        using PnlWatch<TPnl> watching = watch;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (httpContext.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // What waits for a listener is never more than a buffer, and he has a slot of his own share: he may read more slowly than who asks for an answer.
            rate.MinDataRate = new(Limits.SlowestBytesASecond, Limits.SlowTime);
        }

        httpContext.Response.ContentType = "text/event-stream";
        httpContext.Response.Headers.CacheControl = "no-cache,no-store";
        PipeWriter body = httpContext.Response.BodyWriter;
        try
        {
            await httpContext.Response.StartAsync(end.Token);
            await body.FlushAsync(end.Token);
            Task<PnlUpdate<TPnl>>? next = null;
            while (true)
            {
                next ??= watch.NextAsync(end.Token).AsTask();
                try
                {
                    PnlUpdate<TPnl> update = await next.WaitAsync(Limits.Heartbeat, time, end.Token);
                    next = null;
                    Write(body, update);
                }
                catch (TimeoutException)
                {
                    body.Write(": heartbeat\n\n"u8);
                }

                await body.FlushAsync(end.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException && end.IsCancellationRequested)
        {
            // The client went, or the gateway goes: the client resumes from the last id that it saw.
        }
        catch (PortfolioUnknownException)
        {
            // It was deleted: a client that comes back is told so.
        }
    }

    private void Write(PipeWriter body, PnlUpdate<TPnl> update)
    {
        if (update.Skipped > 0)
        {
            Write(body, string.Create(CultureInfo.InvariantCulture, $"event: lagging\ndata: {{\"{kind}\":\"{update.Id}\",\"skipped\":{update.Skipped}}}\n\n"));
        }

        seen[update.Id] = update.Revision;
        Write(body, $"id: {EventIds.Of(epoch, kind, seen)}\n");
        if (update.IsDeleted)
        {
            Write(body, string.Create(CultureInfo.InvariantCulture, $"event: deleted\ndata: {{\"{kind}\":\"{update.Id}\",\"revision\":{update.Revision}}}\n\n"));
            return;
        }

        Write(body, "event: pnl\ndata: ");
        body.Write(json.Of(update.Pnl));
        body.Write("\n\n"u8);
    }

    private static void Write(PipeWriter body, string text) => Encoding.UTF8.GetBytes(text, body);
}
