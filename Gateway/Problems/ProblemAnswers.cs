using System.Diagnostics;
using System.Globalization;
using System.Net.Mime;
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
internal sealed class ProblemAnswers(GatewayMeter meter, TimeProvider time, ILogger<ProblemAnswers> log) : IExceptionHandler
{
    private const int RetrySeconds = 2;
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(1);

    private long _told; // when the log was last told of what cannot be answered

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested && exception is OperationCanceledException && !httpContext.Response.HasStarted)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        ApiException problem = Problem(Cause(exception), httpContext.Request);
        Tell(exception, problem, httpContext.Request);

        httpContext.Response.StatusCode = problem.Status;
        if (problem.RetryAfterSeconds is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>Explains a status that nothing has explained, such as that of a path that does not exist.</summary>
    public static Task WriteUnexplainedAsync(HttpContext http) => WriteAsync(http, Unexplained(http));

    /// <summary>
    /// What fails is logged as it is. What is refused, or cannot be answered now, comes by the thousand: it is counted, and of the second
    /// kind a second has one line.
    /// </summary>
    private void Tell(Exception exception, ApiException problem, HttpRequest request)
    {
        if (problem.Status < 500 && problem.Status != StatusCodes.Status429TooManyRequests)
        {
            return;
        }

        if (exception is not ApiException && !Unavailability.Is(exception))
        {
            log.LogError(exception, "{Method} {Path} failed", request.Method, request.Path);
            return;
        }

        meter.RequestRefused(problem.Code);
        long told = Interlocked.Read(ref _told);
        if (exception is not ApiException && (told == 0 || time.GetElapsedTime(told) >= BetweenLines) && Interlocked.CompareExchange(ref _told, time.GetTimestamp(), told) == told)
        {
            log.LogError("{Method} {Path} could not be answered; others of this second are only counted (pnl.requests.refused): {Reason}", request.Method, request.Path, exception.Message);
        }
    }

    private static ApiException Unexplained(HttpContext http)
    {
        int status = http.Response.StatusCode;
        return status switch
        {
            StatusCodes.Status401Unauthorized => new(
                status, "access.unknown", "Nothing that was shown says who you are: no API key or token was, or one that does not hold.", "Authorization", "an API key as 'Bearer pnl_…' or in X-Api-Key, or a token of the issuer that is trusted here"),
            StatusCodes.Status403Forbidden => new(
                status, "access.forbidden", $"The key or token is not good for this: it lacks the scope '{AccessControl.ScopeOf(http)}'.", "Authorization", $"a key or token with the scope '{AccessControl.ScopeOf(http)}'"),
            StatusCodes.Status404NotFound => new(
                status, "path.unknown", "There is nothing at this path.", "path", "a path that /openapi/v1.json lists"),
            StatusCodes.Status405MethodNotAllowed => new(
                status, "method.notAllowed", $"This path does not take {http.Request.Method}.", "method", http.Response.Headers.Allow),
            StatusCodes.Status413PayloadTooLarge => ApiException.BodyTooLarge(),
            StatusCodes.Status415UnsupportedMediaType => ContentTypeUnsupported(http.Request),
            StatusCodes.Status429TooManyRequests => new(
                status, CallerShares.RefusalCode(http),
                CallerShares.RefusalCode(http) == "server.full" ? "More requests of all callers are under way than are worked on at once." : "You have more requests under way, or in a second, than one caller may.",
                null, "the same request again after Retry-After"),
            StatusCodes.Status504GatewayTimeout => new(
                status, "request.timeout", $"The request took longer than {Limits.RequestTime.TotalSeconds} s and was given up.", null, "a request of a shorter range"),
            _ => new(status, "http." + status.ToString(CultureInfo.InvariantCulture), ReasonPhrases.GetReasonPhrase(status)),
        };
    }

    private static ApiException ContentTypeUnsupported(HttpRequest request) => new(
        StatusCodes.Status415UnsupportedMediaType, "contentType.unsupported", $"A body of type '{request.ContentType}' is not taken here.", "Content-Type", "application/json, or text/csv for rates");

    // Not by the framework's problem service: that writes nothing to a client that accepts only CSV or HTML, and the status is lost with it.
    public static Task WriteAsync(HttpContext http, ApiException problem)
    {
        ProblemDetails details = new()
        {
            Type = "about:blank", // the code tells one problem from another
            Status = problem.Status,
            Title = ReasonPhrases.GetReasonPhrase(problem.Status),
            Detail = problem.Message,
        };
        details.Extensions["code"] = problem.Code;
        details.Extensions["field"] = problem.Field;
        details.Extensions["expected"] = problem.Expected;
        foreach ((string name, object? value) in problem.More)
        {
            details.Extensions[name] = value;
        }

        details.Extensions["traceId"] = Activity.Current?.Id ?? http.TraceIdentifier;
        return http.Response.WriteAsJsonAsync(details, options: null, MediaTypeNames.Application.ProblemJson);
    }

    /// <summary>What the store said, where Orleans or the client wrapped it: damage does not pass by asking again.</summary>
    private static Exception Cause(Exception exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is StoreDamagedException or LaterReleaseException)
            {
                return inner;
            }
        }

        return exception;
    }

    private static ApiException Stored(Exception cause) => cause switch
    {
        LaterReleaseException later => new(StatusCodes.Status500InternalServerError, "store.later", $"A release that is newer than the one that was asked has written what is stored: {later.Message}"),
        _ => new(StatusCodes.Status500InternalServerError, "store.damaged", $"What is stored is damaged and is not answered: {cause.Message}. 'pnl check' lists what is damaged, 'pnl repair' mends what can be; in a cluster the silo's command 'check' lists it (docs/operations.md, Damage)."),
    };

    /// <summary>What damage is answered as; null for another exception.</summary>
    internal static ApiException? Damage(Exception exception) => Cause(exception) is (StoreDamagedException or LaterReleaseException) and var cause ? Stored(cause) : null;

    private static ApiException Problem(Exception exception, HttpRequest request) => exception switch
    {
        ApiException api => api,
        TokenUnknownException unknown => new(
            StatusCodes.Status404NotFound, "token.unknown", $"There is no token '{unknown.Token}'. Register it with PUT /v1/tokens/{unknown.Token}.", "id", "the id of a registered token"),
        PortfolioUnknownException unknown => new(
            StatusCodes.Status404NotFound, "portfolio.unknown", $"There is no portfolio '{unknown.Portfolio}'. Set it up with PUT /v1/portfolios/{unknown.Portfolio}.", "id", "the id of a portfolio"),
        LedgerRefusedException { Refused: { } refused } => PortfolioRules.Problem(refused, isBatch: false),
        QuoteConflictException conflict => new(
            StatusCodes.Status409Conflict, "quote.conflict", $"{conflict.Message}. Register the other pair under an id of its own.", "quote", conflict.Token?.Quote),
        CircularListingException circular => new(
            StatusCodes.Status409Conflict, "listing.circular", $"Rates would be converted in a circle: {circular.Message}. Give one of these tokens listings in its own quote alone.", "listings", "listings that are not converted by the token's own rates"),
        SeriesChangedException changed => new(
            StatusCodes.Status409Conflict, "series.changed", $"What is before this page has changed since the pages before it were answered, and they no longer go together: {changed.Message}.", "cursor", "the first page again, without a cursor"),
        SourceUnknownException unknown => ApiException.BadRequest("source.unknown", $"{unknown.Message}.", "source", $"one of {string.Join(", ", unknown.Known)}"),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ApiException.BodyTooLarge(),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => ContentTypeUnsupported(request),
        BadHttpRequestException { InnerException: JsonException json } => JsonMalformed(json),
        BadHttpRequestException bad => new(bad.StatusCode, "request.malformed", bad.Message, "request", "a request of HTTP"),
        JsonException json => JsonMalformed(json),
        OverflowException => ApiException.BadRequest("quantity.tooLarge", "The PnL of so large a quantity is beyond what a decimal holds.", "quantity", "a quantity of which the PnL has at most 28 digits"),
        LaterReleaseException or StoreDamagedException => Stored(exception),
        SegmentCorruptException corrupt => new(StatusCodes.Status500InternalServerError, "segment.corrupt", $"Stored bars are damaged and are not answered: {corrupt.Message}. 'pnl check' lists what is damaged, 'pnl repair' mends what can be; in a cluster the silo's command 'check' lists it (docs/operations.md, Damage)."),
        OrleansException or TimeoutException or IOException => new(
            StatusCodes.Status503ServiceUnavailable, "cluster.unavailable", $"The engine cannot answer now: {exception.Message}") { RetryAfterSeconds = RetrySeconds },
        _ => new(StatusCodes.Status500InternalServerError, "internal", "Something went wrong here; the log says what."),
    };

    private static ApiException JsonMalformed(JsonException json) => ApiException.BadRequest(
        "json.malformed", $"The body is no JSON of the form expected here: {json.Message}", Field(json.Path), "the form that /openapi/v1.json gives");

    // "$.sources.binance" is the field sources.binance; "$" is the body.
    private static string Field(string? path) => path is { Length: > 2 } && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";
}
