using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Bitstamp. Rows are objects of strings; both ends of the range asked for are included. Candles without trades are
/// written, with the rate carried and volume 0.
/// </summary>
internal sealed class BitstampDialect : ExchangeDialect
{
    private static readonly CandleColumns Columns = new(
        Time: 0, Open: 1, High: 2, Low: 3, Close: 4, Volume: 5, TicksASecond: 1,
        Names: ["timestamp", "open", "high", "low", "close", "volume"]);

    /// <inheritdoc/>
    public override string Name => "bitstamp";

    /// <inheritdoc/>
    public override Uri Address => new("https://www.bitstamp.net/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } =
        // 10,000 requests in 10 minutes, taken evenly: all of them at once would break its limit of a second.
        new(CandlesAPage: 1000, PermitsAWindow: 16, TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public override string? NameOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => "300",
        Interval.FifteenMinutes => "900",
        Interval.Hour => "3600",
        Interval.FourHours => "14400",
        Interval.Day => "86400",
        _ => null,
    };

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        $"api/v2/ohlc/{Escaped(pair.Symbol)}/?step={NameOf(pair.Interval)}&limit={Limits.CandlesAPage}"
        + $"&start={Seconds(page.From)}&end={Seconds(page.To - 1)}&exclude_current_candle=true";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page)
    {
        // Of which end it would cut off, its documentation says nothing for a request with both ends.
        CandleRows rows = CandleRows.OfJson(body, Columns, page, "data", "ohlc");
        return rows.ToPage(RowCap.OldestFirst(rows, page).Intersect(RowCap.NewestFirst(rows, page)));
    }

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) => "api/v2/trading-pairs-info/";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement pair in Items(document.RootElement))
        {
            if (Text(pair, "name")?.Split('/') is [string token, string quote])
            {
                Add(into, Text(pair, "url_symbol"), token, quote, Text(pair, "trading") is null or "Enabled");
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs)
    {
        yield return new(
            pairs.Count == 1 ? $"api/v2/ticker/{Escaped(pairs[0].Symbol)}/" : "api/v2/ticker/", Limits.LatestCost, pairs);
    }

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object)
        {
            Add(into, request.Pairs[0], Property(root, "last"));
            return;
        }

        foreach (JsonElement ticker in Items(root))
        {
            // "BTC/USD", which addresses write btcusd.
            string? symbol = Text(ticker, "pair")?.Replace("/", "", StringComparison.Ordinal).ToLowerInvariant();
            Add(into, request.Find(symbol), Property(ticker, "last"));
        }
    }

    /// <inheritdoc/>
    public override SourceException? Complaint(int status, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return status == 404 ? SymbolUnknown("404") : null;
        }

        using JsonDocument document = JsonDocument.Parse(body);
        string? message = Text(document.RootElement, "reason") ?? Text(document.RootElement, "error");
        return status == 404 ? SymbolUnknown(message)
            : status >= 400 && message?.Contains("rate limit", StringComparison.OrdinalIgnoreCase) == true ? Refused(message)
            : null;
    }
}
