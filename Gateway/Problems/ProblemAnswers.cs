using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>Turns whatever goes wrong into problem details (RFC 9457) with a stable code.</summary>
internal sealed class ProblemAnswers(IProblemDetailsService problems, ILogger<ProblemAnswers> log) : IExceptionHandler
{
    private const int RetrySeconds = 2;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested && exception is OperationCanceledException && !httpContext.Response.HasStarted)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        ApiException problem = Problem(exception);
        if (problem.Status >= 500)
        {
            log.LogError(exception, "{Method} {Path} failed", httpContext.Request.Method, httpContext.Request.Path);
        }

        httpContext.Response.StatusCode = problem.Status;
        if (problem.RetryAfterSeconds is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return await problems.TryWriteAsync(new() { HttpContext = httpContext, ProblemDetails = Details(problem) });
    }

    /// <summary>The problem for a status that nothing has explained, such as a path that does not exist.</summary>
    public static ProblemDetails Unexplained(int status) => Details(status switch
    {
        StatusCodes.Status404NotFound => new(status, "path.unknown", "There is nothing at this path; /openapi/v1.json lists what there is."),
        StatusCodes.Status405MethodNotAllowed => new(status, "method.notAllowed", "This path does not take this method; /openapi/v1.json lists those that it takes."),
        StatusCodes.Status415UnsupportedMediaType => new(status, "contentType.unsupported", "The content type of the body is not taken here.", "Content-Type", "application/json, or text/csv for rates"),
        _ => new(status, "http." + status.ToString(System.Globalization.CultureInfo.InvariantCulture), ReasonPhrases.GetReasonPhrase(status)),
    });

    private static ApiException Problem(Exception exception) => exception switch
    {
        ApiException api => api,
        TokenUnknownException unknown => new(
            StatusCodes.Status404NotFound, "token.unknown", $"There is no token '{unknown.Token}'. Register it with PUT /v1/tokens/{unknown.Token}.", "id", "the id of a registered token"),
        QuoteConflictException conflict => new(
            StatusCodes.Status409Conflict, "quote.conflict", $"{conflict.Message}. Register the other pair under an id of its own.", "quote", conflict.Token?.Quote),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ApiException.TooLarge(
            "body.tooLarge", "The body is too large. Send it in parts; each bar counts once however often it is sent.", "body", $"at most {Limits.BodyBytes} bytes and {Grains.BarBatch.MaxLength} bars"),
        BadHttpRequestException bad => new(bad.StatusCode, "request.malformed", bad.Message, "request"),
        JsonException json => ApiException.BadRequest(
            "json.malformed", $"The body is no JSON of the form expected here: {json.Message}", json.Path ?? "body", "see /openapi/v1.json"),
        OverflowException => ApiException.BadRequest("quantity.tooLarge", "The PnL of so large a quantity is beyond what a decimal holds.", "quantity", "a quantity of which the PnL has at most 28 digits"),
        SegmentCorruptException corrupt => new(StatusCodes.Status500InternalServerError, "segment.corrupt", $"Stored bars are damaged and are not answered: {corrupt.Message}"),
        OrleansException or TimeoutException or IOException => new(
            StatusCodes.Status503ServiceUnavailable, "cluster.unavailable", $"The engine cannot answer now: {exception.Message}") { RetryAfterSeconds = RetrySeconds },
        _ => new(StatusCodes.Status500InternalServerError, "internal", "Something went wrong here; the log says what."),
    };

    private static ProblemDetails Details(ApiException problem)
    {
        ProblemDetails details = new()
        {
            Status = problem.Status,
            Title = ReasonPhrases.GetReasonPhrase(problem.Status),
            Detail = problem.Message,
        };
        details.Extensions["code"] = problem.Code;
        details.Extensions["field"] = problem.Field;
        details.Extensions["expected"] = problem.Expected;
        return details;
    }
}
