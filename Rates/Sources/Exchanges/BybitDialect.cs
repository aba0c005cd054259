using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Bybit spot. Rows come newest first; a request whose range has more of them than its limit answers the newest, so each
/// asks for no more than a page. Errors come with status 200 and a <c>retCode</c>; 403 means that the address is locked
/// out for a while. Candles without trades are written, with the rate carried and volume 0.
/// </summary>
internal sealed class BybitDialect : ExchangeDialect
{
    private static readonly CandleColumns Columns = new(Time: 0, Open: 1, High: 2, Low: 3, Close: 4, Volume: 5, TicksASecond: 1000);

    /// <inheritdoc/>
    public override string Name => "bybit";

    /// <inheritdoc/>
    public override Uri Address => new("https://api.bybit.com/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } = new(CandlesAPage: 1000, PermitsAWindow: 600, TimeSpan.FromSeconds(5));

    /// <inheritdoc/>
    public override string? NameOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => "5",
        Interval.FifteenMinutes => "15",
        Interval.Hour => "60",
        Interval.FourHours => "240",
        Interval.Day => "D",
        _ => null,
    };

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        $"v5/market/kline?category=spot&symbol={Escaped(pair.Symbol)}&interval={NameOf(pair.Interval)}&limit={Limits.CandlesAPage}"
        + $"&start={Milliseconds(page.From)}&end={Milliseconds(page.To - 1)}";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page)
    {
        CandleRows rows = CandleRows.OfJson(body, Columns, page, "result", "list");
        return rows.ToPage(RowCap.NewestFirst(rows, page));
    }

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) =>
        $"v5/market/instruments-info?category=spot&limit=1000{(cursor is null ? "" : $"&cursor={Escaped(cursor)}")}";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement result = Property(document.RootElement, "result");
        foreach (JsonElement instrument in Items(Property(result, "list")))
        {
            Add(
                into, Text(instrument, "symbol"), Text(instrument, "baseCoin"), Text(instrument, "quoteCoin"),
                Text(instrument, "status") == "Trading");
        }

        return Text(result, "nextPageCursor");
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs)
    {
        string symbol = pairs.Count == 1 ? $"&symbol={Escaped(pairs[0].Symbol)}" : "";
        yield return new($"v5/market/tickers?category=spot{symbol}", Limits.LatestCost, pairs);
    }

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement ticker in Items(Property(Property(document.RootElement, "result"), "list")))
        {
            Add(into, request.Find(Text(ticker, "symbol")), Property(ticker, "lastPrice"));
        }
    }

    /// <inheritdoc/>
    public override SourceException? Complaint(int status, ReadOnlyMemory<byte> body)
    {
        if (status == 403)
        {
            // The lock lasts ten minutes, and says so nowhere in the answer.
            return new("source.refused", "The source has locked this address out.", true, null, TimeSpan.FromMinutes(10));
        }

        if (body.IsEmpty)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(body);
        string? message = Text(document.RootElement, "retMsg");
        return Text(document.RootElement, "retCode") switch
        {
            null or "0" => null,
            "10006" or "10018" => Refused(message),
            "10000" or "10016" => Unavailable(message),
            "10001" when message?.Contains("symbol", StringComparison.OrdinalIgnoreCase) == true => SymbolUnknown(message),
            _ => Rejected(message),
        };
    }
}
