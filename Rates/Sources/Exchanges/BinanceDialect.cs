using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Binance spot. A request answers the first 1,000 candles at or after a time, so that years before a listing cost one
/// request. What requests weigh counts, and the answers say how much is used; whoever goes on after 429 is banned (418).
/// Candles without trades are written, with the rate carried and volume 0; during outages there are none.
/// </summary>
internal sealed class BinanceDialect : ExchangeDialect
{
    private static readonly CandleColumns Columns = new(Time: 0, Open: 1, High: 2, Low: 3, Close: 4, Volume: 5, TicksASecond: 1000);

    /// <inheritdoc/>
    public override string Name => "binance";

    /// <inheritdoc/>
    public override Uri Address => new("https://api.binance.com/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } =
        new(CandlesAPage: 1000, PermitsAWindow: 6000, TimeSpan.FromMinutes(1), CandlesCost: 2, LatestCost: 4, ListCost: 20);

    /// <inheritdoc/>
    public override SlotRange Page(SlotRange range, Interval interval = Interval.FiveMinutes) => range;

    /// <inheritdoc/>
    public override string? NameOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => "5m",
        Interval.FifteenMinutes => "15m",
        Interval.Hour => "1h",
        Interval.FourHours => "4h",
        Interval.Day => "1d",
        _ => null,
    };

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        $"api/v3/klines?symbol={Escaped(pair.Symbol)}&interval={NameOf(pair.Interval)}&limit={Limits.CandlesAPage}"
        + $"&startTime={Milliseconds(page.From)}&endTime={Milliseconds(page.To - 1)}";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page)
    {
        CandleRows rows = CandleRows.OfJson(body, Columns, page);
        return rows.ToPage(RowCap.OldestFirst(rows, page));
    }

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) => "api/v3/exchangeInfo?permissions=SPOT&showPermissionSets=false";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement symbol in Items(Property(document.RootElement, "symbols")))
        {
            Add(into, Text(symbol, "symbol"), Text(symbol, "baseAsset"), Text(symbol, "quoteAsset"), Text(symbol, "status") == "TRADING");
        }

        return null;
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs)
    {
        // All pairs weigh as much as two. A list of some would fail as a whole if one of them were delisted.
        string symbol = pairs.Count == 1 ? $"?symbol={Escaped(pairs[0].Symbol)}" : "";
        yield return new($"api/v3/ticker/price{symbol}", pairs.Count == 1 ? 2 : Limits.LatestCost, pairs);
    }

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object)
        {
            Add(into, request.Find(Text(root, "symbol")), Property(root, "price"));
            return;
        }

        foreach (JsonElement ticker in Items(root))
        {
            Add(into, request.Find(Text(ticker, "symbol")), Property(ticker, "price"));
        }
    }

    /// <inheritdoc/>
    public override SourceException? Complaint(int status, ReadOnlyMemory<byte> body)
    {
        if (status < 400 || body.IsEmpty)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(body);
        string? message = Text(document.RootElement, "msg");
        return Text(document.RootElement, "code") switch
        {
            "-1121" => SymbolUnknown(message),
            "-1003" or "-1015" => Refused(message),
            "-1000" or "-1001" or "-1007" or "-1016" => Unavailable(message),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override TimeSpan? BannedFor(ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        // "... IP banned until 1573206000123. Please use the websocket ..."
        const string Mark = "banned until ";
        string text = Encoding.UTF8.GetString(body.Span);
        int at = text.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        string digits = new([.. text[(at + Mark.Length)..].TakeWhile(char.IsAsciiDigit)]);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            && until < 253_402_300_799_000 && DateTimeOffset.FromUnixTimeMilliseconds(until) is var end && end > now
            ? end - now
            : null;
    }

    /// <inheritdoc/>
    public override int? Used(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-mbx-used-weight-1m", out IEnumerable<string>? values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out int used)
            ? used
            : null;
}
