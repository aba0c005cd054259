using Pnl.Grains;

namespace Pnl.Client.Http;

/// <summary>The gateway refused a call by problem details (RFC 9457) for which the client has no exception of its own.</summary>
public sealed class PnlProblemException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PnlProblemException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public PnlProblemException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public PnlProblemException(string message, Exception inner)
        : base(message, inner)
    {
    }

    internal PnlProblemException(int status, Problem problem)
        : base($"{problem.Detail ?? problem.Title ?? "the gateway refused it"} ({status}{(problem.Code is null ? "" : ", " + problem.Code)}{(problem.Field is null ? "" : $"; '{problem.Field}' may be {problem.Expected}")})") =>
        (Status, Code, Field, Expected, Reason, Letter) = (status, problem.Code, problem.Field, problem.Expected, problem.Reason, problem.Letter);

    /// <summary>A second code, of what led to it, where the first one names the call's failure alone; else null.</summary>
    public string? Reason { get; }

    internal DeadLetterInfo? Letter { get; }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The stable code of the problem, such as <c>access.unknown</c>; null if none was given.</summary>
    public string? Code { get; }

    /// <summary>The field that is at fault; null if none is.</summary>
    public string? Field { get; }

    /// <summary>What it may be.</summary>
    public string? Expected { get; }
}
