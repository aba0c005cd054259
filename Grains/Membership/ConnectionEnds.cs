using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Grains;

/// <summary>Tells the undertaker of connections between silos that have ended.</summary>
internal static class ConnectionEnds
{
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

    /// <summary>
    /// Of those that others make. One by which nothing came was a look at whether this silo is there (<see cref="SiloPort"/>), and
    /// its end tells nothing: else each look would have others look in turn.
    /// </summary>
    public static void TellOfOthers(IConnectionBuilder connection)
    {
        Undertaker undertaker = connection.ApplicationServices.GetRequiredService<Undertaker>();
        connection.Use(next => async context =>
        {
            if (!await SaysAnythingAsync(context.Transport.Input))
            {
                return;
            }

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

    private static async Task<bool> SaysAnythingAsync(PipeReader input)
    {
        try
        {
            ReadResult first = await input.ReadAsync();
            input.AdvanceTo(first.Buffer.Start); // nothing is taken: it is Orleans'
            return !first.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            return false;
        }
    }
}
