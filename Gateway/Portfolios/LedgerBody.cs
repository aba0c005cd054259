using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// The entries of a request, as JSON or as <c>text/csv</c>: our own columns, or an export that <see cref="LedgerCsv"/> knows.
/// A row that gives no entry is put aside with the reason; the entries are taken all or none.
/// </summary>
internal static class LedgerBody
{
    /// <summary>Whether the body is CSV; if not, it is JSON.</summary>
    /// <exception cref="ApiException">It is neither.</exception>
    public static bool IsCsv(HttpRequest request) =>
        !request.HasJsonContentType()
        && (request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() == "text/csv" ? true : throw new ApiException(
            StatusCodes.Status415UnsupportedMediaType, "contentType.unsupported", $"Entries cannot be read from '{request.ContentType}'.", "Content-Type", "application/json or text/csv"));

    /// <summary>The entries of JSON.</summary>
    public static async Task<PortfolioEntry[]> ReadJsonAsync(HttpRequest request, CancellationToken cancellation) => PortfolioRules.Entries(await ReadEntriesAsync(request, cancellation));

    /// <summary>What a CSV brings to a ledger.</summary>
    public static async Task<LedgerUpload> ReadCsvAsync(HttpRequest request, IPnlClient client, string portfolio, string? decimalMark, DateTimeOffset now, CancellationToken cancellation)
    {
        LedgerReading reading = new() { DecimalMark = Mark(decimalMark) };
        using StreamReader reader = new(request.Body, Encoding.UTF8);
        string text = await reader.ReadToEndAsync(cancellation);
        if (text.AsSpan().Count('\n') is var lines && lines > Limits.LedgerLines)
        {
            throw ApiException.BadRequest("entries.outOfRange", $"{lines} lines are given.", "body", $"at most {Limits.EntriesACall} entries in {Limits.LedgerLines} lines; more by more calls");
        }

        LedgerUpload upload = new(client, portfolio);
        try
        {
            await upload.ReadAsync(how => LedgerCsv.Read(new StringReader(text), now, "The body", how), reading, cancellation);
        }
        catch (LedgerFileException e)
        {
            throw ApiException.BadRequest("csv.malformed", e.Message, "body", "a header such as id,time,kind,token,quantity,price,currency,fees,note, or that of an export of Coinbase, Kraken or Binance");
        }

        return upload.File.Entries.Length > Limits.EntriesACall
            ? throw ApiException.BadRequest("entries.outOfRange", $"{upload.File.Entries.Length} entries are given.", "body", $"at most {Limits.EntriesACall} entries; more by more calls")
            : upload;
    }

    private static DecimalMark? Mark(string? text) => text switch
    {
        null => null,
        "." => DecimalMark.Point,
        "," => DecimalMark.Comma,
        _ => throw ApiException.BadRequest("decimal.unknown", $"'{text}' is no decimal mark.", "decimal", "'.' or ','; or none, to find that of each column from its rows"),
    };

    /// <summary>Counts the entries before any is made: the braces of five million fit into a body.</summary>
    private static async Task<EntriesRequest?> ReadEntriesAsync(HttpRequest request, CancellationToken cancellation)
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
