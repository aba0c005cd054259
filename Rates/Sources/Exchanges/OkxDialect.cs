using System.Globalization;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// OKX spot. Rows come newest first, those <c>after</c> a time being older than it and those <c>before</c> it newer; the
/// last field is 0 until the candle is complete. The history endpoint gives all of the past. A page has 100 rows: its limit
/// was raised to 300, but where it still is 100 the oldest rows of a larger page would be cut off.
/// </summary>
internal sealed class OkxDialect : ExchangeDialect
{
    private static readonly CandleColumns Columns =
        new(Time: 0, Open: 1, High: 2, Low: 3, Close: 4, Volume: 5, TicksASecond: 1000, Confirm: 8);

    /// <inheritdoc/>
    public override string Name => "okx";

    /// <inheritdoc/>
    public override Uri Address => new("https://www.okx.com/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } = new(CandlesAPage: 100, PermitsAWindow: 20, TimeSpan.FromSeconds(2));

    /// <inheritdoc/>
    public override string? NameOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => "5m",
        Interval.FifteenMinutes => "15m",
        Interval.Hour => "1H",
        Interval.FourHours => "4H",
        Interval.Day => "1Dutc", // 1D begins at 16:00 UTC
        _ => null,
    };

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        $"api/v5/market/history-candles?instId={Escaped(pair.Symbol)}&bar={NameOf(pair.Interval)}&limit={Limits.CandlesAPage}"
        + $"&after={Milliseconds(page.To)}&before={BarTime.OpenSeconds(page.From) * 1000 - 1}";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page)
    {
        CandleRows rows = CandleRows.OfJson(body, Columns, page, "data");
        return rows.ToPage(RowCap.NewestFirst(rows, page));
    }

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) => "api/v5/public/instruments?instType=SPOT";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement instrument in Items(Property(document.RootElement, "data")))
        {
            DateTimeOffset? listed = long.TryParse(
                Text(instrument, "listTime"), NumberStyles.None, CultureInfo.InvariantCulture, out long time)
                && time < 253_402_300_799_000
                    ? DateTimeOffset.FromUnixTimeMilliseconds(time)
                    : null;
            Add(
                into, Text(instrument, "instId"), Text(instrument, "baseCcy"), Text(instrument, "quoteCcy"),
                Text(instrument, "state") == "live", listed);
        }

        return null;
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs)
    {
        yield return pairs.Count == 1
            ? new($"api/v5/market/ticker?instId={Escaped(pairs[0].Symbol)}", Limits.LatestCost, pairs)
            : new("api/v5/market/tickers?instType=SPOT", Limits.LatestCost, pairs);
    }

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement ticker in Items(Property(document.RootElement, "data")))
        {
            Add(into, request.Find(Text(ticker, "instId")), Property(ticker, "last"));
        }
    }

    /// <inheritdoc/>
    public override SourceException? Complaint(int status, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(body);
        string? message = Text(document.RootElement, "msg");
        return Text(document.RootElement, "code") switch
        {
            null or "0" => null,
            "51001" or "51015" => SymbolUnknown(message),
            "50011" or "50040" or "50061" => Refused(message),
            "50001" or "50004" or "50013" or "50026" => Unavailable(message),
            _ => Rejected(message),
        };
    }
}
