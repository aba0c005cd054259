using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Grains;

/// <summary>Tells the undertaker of connections between silos that have ended.</summary>
internal static class ConnectionEnds
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // a silo says who it is at once

    /// <summary>Of those that this silo makes.</summary>
    public static void TellOfOwn(IConnectionBuilder connection)
    {
        Undertaker undertaker = connection.ApplicationServices.GetRequiredService<Undertaker>();
        connection.Use(next => async context =>
        {
            try
            {
                await next(context);
            }
            finally
            {
                undertaker.Ended(context.RemoteEndPoint);
            }
        });
    }

    /// <summary>Of those that others make.</summary>
    public static void TellOfOthers(IConnectionBuilder connection)
    {
        Undertaker undertaker = connection.ApplicationServices.GetRequiredService<Undertaker>();
        connection.Use(next => async context =>
        {
            try
            {
                await next(context);
            }
            finally
            {
                undertaker.Ended();
            }
        });
    }

    /// <summary>
    /// Ends here what comes in and says nothing: that was a look at whether this silo is there (<see cref="SiloPort"/>). It is no silo's
    /// connection of which to tell, else each look would have others look in turn; nor one of which TLS is to warn that no certificate came.
    /// </summary>
    public static void EndLooks(IConnectionBuilder connection) => connection.Use(next => async context =>
    {
        if (await SaysAnythingAsync(context.Transport.Input))
        {
            await next(context);
        }
    });

    private static async Task<bool> SaysAnythingAsync(PipeReader input)
    {
        using CancellationTokenSource limit = new(Patience);
        try
        {
            ReadResult first = await input.ReadAsync(limit.Token);
            input.AdvanceTo(first.Buffer.Start); // nothing is taken: it is Orleans'
            return !first.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            return false;
        }
    }
}
