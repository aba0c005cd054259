using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>
/// Writes what a watch tells as server-sent events, as fast as the client reads. Not by <c>TypedResults.ServerSentEvents</c>:
/// that writes no comments, by which a quiet stream shows that it is there, and serialises each snapshot for each listener.
/// </summary>
internal sealed class PnlEventStream(
    PnlWatch watch, SortedDictionary<string, long> seen, IDisposable slot, SnapshotJson json, TimeProvider time, CancellationToken stopping) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using IDisposable listening = slot;
        using PnlWatch watching = watch;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        httpContext.Response.ContentType = "text/event-stream";
        httpContext.Response.Headers.CacheControl = "no-cache,no-store";
        PipeWriter body = httpContext.Response.BodyWriter;
        try
        {
            await httpContext.Response.StartAsync(end.Token);
            await body.FlushAsync(end.Token);
            Task<PnlUpdate>? next = null;
            while (true)
            {
                next ??= watch.NextAsync(end.Token).AsTask();
                try
                {
                    PnlUpdate update = await next.WaitAsync(Limits.Heartbeat, time, end.Token);
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
    }

    private void Write(PipeWriter body, PnlUpdate update)
    {
        if (update.Skipped > 0)
        {
            Write(body, string.Create(CultureInfo.InvariantCulture, $"event: lagging\ndata: {{\"token\":\"{update.Pnl.Token}\",\"skipped\":{update.Skipped}}}\n\n"));
        }

        seen[update.Pnl.Token] = update.Pnl.Revision;
        Write(body, $"id: {EventIds.Of(seen)}\nevent: pnl\ndata: ");
        body.Write(json.Of(update.Pnl));
        body.Write("\n\n"u8);
    }

    private static void Write(PipeWriter body, string text) => Encoding.UTF8.GetBytes(text, body);
}
