using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// The entries of a request, as JSON or as <c>text/csv</c>: our own columns, or an export that <see cref="LedgerCsv"/> knows.
/// A row that gives no entry is put aside with the reason; the entries are taken all or none.
/// </summary>
internal sealed record LedgerBody(PortfolioEntry[] Entries, LedgerRejection[] Rejected)
{
    public static async Task<LedgerBody> ReadAsync(HttpRequest request, DateTimeOffset now, CancellationToken cancellation)
    {
        if (request.HasJsonContentType())
        {
            return new(PortfolioRules.Entries(await ReadJsonAsync(request, cancellation)), []);
        }

        if (request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() != "text/csv")
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "contentType.unsupported", $"Entries cannot be read from '{request.ContentType}'.", "Content-Type", "application/json or text/csv");
        }

        using StreamReader reader = new(request.Body, Encoding.UTF8);
        string text = await reader.ReadToEndAsync(cancellation);
        if (text.AsSpan().Count('\n') is var lines && lines > Limits.LedgerLines)
        {
            throw ApiException.BadRequest("entries.outOfRange", $"{lines} lines are given.", "body", $"at most {Limits.EntriesACall} entries in {Limits.LedgerLines} lines; more by more calls");
        }

        try
        {
            LedgerFile file = LedgerCsv.Read(new StringReader(text), now, "The body");
            return file.Entries.Length > Limits.EntriesACall
                ? throw ApiException.BadRequest("entries.outOfRange", $"{file.Entries.Length} entries are given.", "body", $"at most {Limits.EntriesACall} entries; more by more calls")
                : new([.. file.Entries.Select(PortfolioEntry.Of)], [.. file.Rejected.Select(row => row with { Field = Echo.Of(row.Field), Detail = Echo.Of(row.Detail) })]);
        }
        catch (LedgerFileException e)
        {
            throw ApiException.BadRequest("csv.malformed", e.Message, "body", "a header such as id,time,kind,token,quantity,price,currency,fees,note, or that of an export of Coinbase, Kraken or Binance");
        }
    }

    /// <summary>Counts the entries before any is made: the braces of five million fit into a body.</summary>
    private static async Task<EntriesRequest?> ReadJsonAsync(HttpRequest request, CancellationToken cancellation)
    {
        using MemoryStream body = new(); // as it comes: what its sender says of its length costs him nothing
        await request.Body.CopyToAsync(body, cancellation);
        int entries = Count(body.GetBuffer().AsSpan(0, (int)body.Length));
        if (entries > Limits.EntriesACall)
        {
            throw ApiException.BadRequest("entries.outOfRange", $"{entries} entries or more are given.", "entries", $"1 to {Limits.EntriesACall} entries");
        }

        request.Body = body;
        body.Position = 0;
        return await request.ReadFromJsonAsync<EntriesRequest>(cancellation);
    }

    private static int Count(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        int entries = 0;
        try
        {
            while (reader.Read() && entries <= Limits.EntriesACall)
            {
                entries += reader.CurrentDepth == 2 && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray or JsonTokenType.PropertyName) ? 1 : 0;
            }
        }
        catch (JsonException)
        {
            // Who reads it then says what is wrong, and where.
        }

        return entries;
    }
}
