using Microsoft.AspNetCore.Http;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>A request that is answered by a problem: what is wrong, by a stable code, in which field, and what it may be.</summary>
internal sealed class ApiException(int status, string code, ProblemText detail, string? field = null, string? expected = null) : Exception(detail.ToString())
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Field { get; } = field is null ? null : Echo.Of(field);

    public string? Expected { get; } = expected;

    public int? RetryAfterSeconds { get; init; }

    /// <summary>What else a client may want to know, by name.</summary>
    public IReadOnlyDictionary<string, object?> More { get; init; } = new Dictionary<string, object?>();

    public static ApiException BadRequest(string code, ProblemText detail, string field, string expected) =>
        new(StatusCodes.Status400BadRequest, code, detail, field, expected);

    public static ApiException BodyTooLarge() => new(
        StatusCodes.Status413PayloadTooLarge, "body.tooLarge", "The body is too large, and nothing of it was taken. Send it in parts; each bar counts once however often it is sent.",
        "body", $"at most {BarBatch.MaxLength} bars and {Limits.BodyBytes} bytes");
}
