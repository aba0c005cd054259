using System.Net;

namespace Pnl.Cli.Server;

/// <summary>The server did not do what it was asked for. The message can be shown as it is.</summary>
internal sealed class ServerException(string message, HttpStatusCode? status = null, Problem? problem = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What it said, if it spoke at all.</summary>
    public Problem? Problem { get; } = problem;

    /// <summary>Whether it understood the request and declined: asking for other things may well succeed.</summary>
    public bool IsRefusal => status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
        and not HttpStatusCode.TooManyRequests;
}
