using System.Globalization;
using System.Net;
using System.Text.Json;
using Pnl.Grains;

namespace Pnl.Client.Http;

/// <summary>Problem details as the gateway writes them.</summary>
internal sealed record Problem(string? Title, string? Detail, string? Code, string? Field, string? Expected, string? Entry, Amount? Held, int? Portfolios = null, string? Reason = null, DeadLetterInfo? Letter = null)
{
    /// <summary>What to throw for an answer that is none of success.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="id">Of what the call was: a token's or a portfolio's.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<Exception> ExceptionAsync(HttpResponseMessage answer, string id, CancellationToken cancellation)
    {
        Problem problem = new($"{answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode} {answer.ReasonPhrase}", null, null, null, null, null, null);
        try
        {
            problem = JsonSerializer.Deserialize<Problem>(await answer.Content.ReadAsStringAsync(cancellation), Wire.Json) ?? problem;
        }
        catch (JsonException)
        {
            // Of a proxy on the way, which writes what it likes.
        }

        return (problem.Code, answer.StatusCode) switch
        {
            ("token.unknown", _) => new TokenUnknownException(Quoted(problem.Detail) ?? id),
            ("portfolio.unknown", _) => new PortfolioUnknownException(id),
            ("quote.conflict", _) => new QuoteConflictException(problem.Detail ?? "it has bars in another quote currency"),
            ("listing.circular", _) => new CircularListingException(problem.Detail ?? "a listing would be converted by the token's own rates"),
            ("token.held", _) => problem.Portfolios is { } portfolios ? new TokenHeldException(id, portfolios) : new TokenHeldException(problem.Detail ?? "portfolios hold it"),
            ("series.changed", _) => answer.RequestMessage?.RequestUri?.AbsolutePath.Contains("/portfolios/", StringComparison.Ordinal) == true
                ? SeriesChangedException.OfPortfolio(id, DateTimeOffset.UnixEpoch) : new SeriesChangedException(id, DateTimeOffset.UnixEpoch),
            ("source.unknown", _) => new SourceUnknownException(problem.Detail ?? "there is no such source"),
            _ when problem.Entry is { } entry => new LedgerRefusedException(new RefusedEntry(
                entry, Index(problem.Field), problem.Code ?? "", problem.Field?[(problem.Field.IndexOf("].", StringComparison.Ordinal) is var end && end < 0 ? 0 : end + 2)..] ?? "", problem.Expected ?? "", problem.Held)),
            (_, HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout) =>
                new PnlUnavailableException($"the gateway cannot answer now: {problem.Detail ?? problem.Title} ({(int)answer.StatusCode})"),
            _ => new PnlProblemException((int)answer.StatusCode, problem),
        };
    }

    // Of several tokens it names the one: "There is no token 'btc'. …"
    private static string? Quoted(string? detail) => detail?.Split('\'') is [_, var name, _, ..] ? name : null;

    // "entries[3].quantity" is of the fourth entry that was sent.
    private static int? Index(string? field) =>
        field?.Split('[', ']') is ["entries", var place, ..] && int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;
}
