using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Checks what is said of portfolios, and explains what their ledgers refuse.</summary>
internal static class PortfolioRules
{
    public static string Check(string id) => TokenId.IsValid(id) ? id
        : throw ApiException.BadRequest("id.malformed", $"'{id}' is no portfolio id.", "id", TokenId.Rule);

    /// <summary>The id of an entry that a query names.</summary>
    public static string EntryId(string? id) => id is { Length: > 0 } ? id
        : throw ApiException.BadRequest("id.missing", "No entry is named.", "id", "the id of an entry, in the query as id=, or as the last part of the path");

    public static PortfolioDetails Details(PortfolioRequest? request)
    {
        if (request is null)
        {
            throw ApiException.BadRequest("json.malformed", "The body is absent, or null.", "body", """an object such as {"baseCurrency":"usd","costBasis":"fifo"}""");
        }

        return new()
        {
            BaseCurrency = request.BaseCurrency is { } currency && TokenId.IsValid(currency) ? currency
                : throw ApiException.BadRequest("baseCurrency.malformed", $"'{request.BaseCurrency}' is no currency.", "baseCurrency", TokenId.Rule),
            CostBasis = CostBasis(request.CostBasis) ?? default,
            AllowShorts = request.AllowShorts,
            TrackCash = request.TrackCash,
        };
    }

    public static CostBasis? CostBasis(string? name) =>
        name is null ? null
        : CostBases.TryParse(name, out CostBasis basis) ? basis
        : throw ApiException.BadRequest("costBasis.unknown", $"'{name}' is no cost basis.", "costBasis", CostBases.AllNames);

    public static PortfolioEntry[] Entries(EntriesRequest? request)
    {
        if (request is null)
        {
            throw ApiException.BadRequest("json.malformed", "The body is absent, or null.", "body", """{"entries":[…]}""");
        }

        if (request.Entries is not { } entries)
        {
            throw ApiException.BadRequest("json.malformed", "There are no entries.", "entries", "a list of entries");
        }

        if (entries.Length is 0 or > Limits.EntriesACall)
        {
            throw ApiException.BadRequest("entries.outOfRange", $"{entries.Length} entries are given.", "entries", $"1 to {Limits.EntriesACall} entries");
        }

        return [.. entries.Select((entry, i) => (entry ?? throw ApiException.BadRequest("json.malformed", "An entry is null.", $"entries[{i}]", "an entry")).Entry($"entries[{i}]."))];
    }

    /// <summary>What a ledger refused, as a problem that names the entry, its line in a file, and, where too little is held, how much is.</summary>
    public static ApiException Problem(RefusedEntry refused, bool isBatch, long? line = null)
    {
        string row = line is { } number ? string.Create(CultureInfo.InvariantCulture, $" of line {number}") : "";
        int status = refused.Code switch
        {
            EntryCodes.IdConflict or EntryCodes.IdDuplicate or EntryCodes.NotHeld or EntryCodes.LedgerFull => StatusCodes.Status409Conflict,
            EntryCodes.IdUnknown => StatusCodes.Status404NotFound,
            _ => StatusCodes.Status400BadRequest,
        };
        ProblemText detail = refused.Code switch // each arm by itself: together they would be plain text
        {
            EntryCodes.NotHeld => (ProblemText)$"The entry '{refused.EntryId}'{row} gives away more than is held, and the portfolio allows no shorts: {refused.Detail}.{(line is null ? "" : " What comes in before it may be lacking; with skipRefused=true the other rows are taken.")}",
            EntryCodes.LedgerFull => (ProblemText)$"The ledger would be too long; nothing was taken: {refused.Detail}.",
            EntryCodes.IdUnknown => (ProblemText)$"The ledger has no entry '{refused.EntryId}'.",
            _ => (ProblemText)$"The entry '{refused.EntryId}'{row} cannot be taken; nothing was.",
        };
        Dictionary<string, object?> more = new() { ["entry"] = Echo.Of(refused.EntryId) };
        if (line is not null)
        {
            more["line"] = line;
        }

        if (refused.Held is { } held)
        {
            more["held"] = held;
        }

        return new(status, refused.Code, detail, isBatch && refused.Index is { } i ? $"entries[{i}].{refused.Field}" : refused.Field, refused.Detail) { More = more };
    }
}
