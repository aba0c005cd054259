using Microsoft.AspNetCore.Http;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>Checks what a registration says.</summary>
internal static class TokenRules
{
    /// <summary>The quote of a token that is registered without one.</summary>
    public const string DefaultQuote = "usd";

    public static string Check(string id, string field = "id") => TokenId.IsValid(id) ? id
        : throw ApiException.BadRequest("id.malformed", $"'{id}' is no token id.", field, TokenId.Rule);

    /// <summary>Reads a list of ids with commas between.</summary>
    public static HashSet<string> Ids(string tokens, int most)
    {
        const string Expected = "ids of tokens with commas between";
        HashSet<string> ids = [.. tokens.Split(',')];
        foreach (string id in ids)
        {
            if (!TokenId.IsValid(id))
            {
                throw ApiException.BadRequest("tokens.malformed", $"'{id}' is no token id.", "tokens", $"{Expected}; an id is {TokenId.Rule}");
            }
        }

        return ids.Count <= most ? ids
            : throw ApiException.BadRequest("tokens.outOfRange", $"{ids.Count} tokens are more than are taken at once.", "tokens", $"1 to {most} ids; more by more requests");
    }

    /// <summary>That one of a list of tokens is unknown.</summary>
    public static ApiException Unknown(TokenUnknownException unknown) =>
        new(StatusCodes.Status404NotFound, "token.unknown", $"There is no token '{unknown.Token}'.", "tokens", "ids of registered tokens");

    public static void Check(TokenRequest request)
    {
        CheckText(request.Symbol, "symbol", 32);
        CheckText(request.Name, "name", 128);
        if (request.Quote is { } quote && !TokenId.IsValid(quote))
        {
            throw ApiException.BadRequest("quote.malformed", $"'{quote}' is no currency.", "quote", TokenId.Rule);
        }

        if (request.StalenessSeconds is { } seconds && seconds is < BarTime.SecondsPerBar or > 31_536_000)
        {
            throw ApiException.BadRequest("stalenessSeconds.outOfRange", $"{seconds} is not taken.", "stalenessSeconds", "300 to 31536000");
        }

        if (request.Delisted < request.Listed)
        {
            throw ApiException.BadRequest("range.reversed", "'delisted' is before 'listed'.", "delisted", "a time not before 'listed'");
        }

        if (request.Sources?.Count > Limits.Sources)
        {
            throw ApiException.BadRequest("sources.outOfRange", $"{request.Sources.Count} sources are named.", "sources", $"at most {Limits.Sources}");
        }

        foreach ((string source, string? symbol) in request.Sources ?? [])
        {
            if (!TokenId.IsValid(source))
            {
                throw ApiException.BadRequest("sources.malformed", $"'{source}' is no name of a source.", "sources", TokenId.Rule);
            }

            CheckText(symbol ?? "", "sources." + source, 64);
        }
    }

    private static void CheckText(string? text, string field, int most)
    {
        if (text is not null && (text.Length < 1 || text.Length > most || text.Any(char.IsControl)))
        {
            throw ApiException.BadRequest(field.Split('.')[0] + ".malformed", $"'{field}' has {text.Length} characters or holds control characters.", field, $"1 to {most} characters");
        }
    }
}
