using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Grains;

/// <summary>Tells the failure detector when a connection between silos has ended.</summary>
internal static class ConnectionMonitor
{
    private static readonly TimeSpan FirstByteTimeout = TimeSpan.FromSeconds(10); // a silo sends its address at once

    /// <summary>Watches the connections that this silo makes.</summary>
    public static void WatchOutbound(IConnectionBuilder connection)
    {
        SiloFailureDetector detector = connection.ApplicationServices.GetRequiredService<SiloFailureDetector>();
        connection.Use(next => async context =>
        {
            try
            {
                await next(context);
            }
            finally
            {
                detector.OutboundConnectionEnded(context.RemoteEndPoint);
            }
        });
    }

    /// <summary>Watches the connections that other silos make to this one.</summary>
    public static void WatchInbound(IConnectionBuilder connection)
    {
        SiloFailureDetector detector = connection.ApplicationServices.GetRequiredService<SiloFailureDetector>();
        connection.Use(next => async context =>
        {
            try
            {
                await next(context);
            }
            finally
            {
                detector.InboundConnectionEnded();
            }
        });
    }

    /// <summary>
    /// Ends connections that send nothing. They are tests of <see cref="SiloReachability"/> and no silo's: their end must not start further
    /// tests, and TLS must not warn that they bring no certificate.
    /// </summary>
    public static void EndTests(IConnectionBuilder connection) => connection.Use(next => async context =>
    {
        if (await SendsAnythingAsync(context.Transport.Input))
        {
            await next(context);
        }
    });

    private static async Task<bool> SendsAnythingAsync(PipeReader input)
    {
        using CancellationTokenSource limit = new(FirstByteTimeout);
        try
        {
            ReadResult first = await input.ReadAsync(limit.Token);
            input.AdvanceTo(first.Buffer.Start); // consumes nothing: the bytes are for Orleans
            return !first.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            return false;
        }
    }
}
