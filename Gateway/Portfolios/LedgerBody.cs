using System.Text;
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
            return new(PortfolioRules.Entries(await request.ReadFromJsonAsync<EntriesRequest>(cancellation)), []);
        }

        if (request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() != "text/csv")
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "contentType.unsupported", $"Entries cannot be read from '{request.ContentType}'.", "Content-Type", "application/json or text/csv");
        }

        using StreamReader text = new(request.Body, Encoding.UTF8);
        try
        {
            LedgerFile file = LedgerCsv.Read(new StringReader(await text.ReadToEndAsync(cancellation)), now, "The body");
            return file.Entries.Length > Limits.EntriesACall
                ? throw ApiException.BadRequest("entries.outOfRange", $"{file.Entries.Length} entries are given.", "body", $"at most {Limits.EntriesACall} entries; more by more calls")
                : new([.. file.Entries.Select(PortfolioEntry.Of)], [.. file.Rejected]);
        }
        catch (LedgerFileException e)
        {
            throw ApiException.BadRequest("csv.malformed", e.Message, "body", "a header such as id,time,kind,token,quantity,price,currency,fees,note, or that of an export of Coinbase, Kraken or Binance");
        }
    }
}
