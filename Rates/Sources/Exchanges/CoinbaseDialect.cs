using System.Globalization;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Coinbase Exchange. Its rows are [seconds, LOW, HIGH, open, close, volume], newest first, and a request for more than 300
/// of them is an error. Intervals without a trade have no row. There is no request for the newest rates of many pairs.
/// </summary>
internal sealed class CoinbaseDialect : ExchangeDialect
{
    private static readonly CandleColumns Columns = new(Time: 0, Open: 3, High: 2, Low: 1, Close: 4, Volume: 5, TicksASecond: 1);

    /// <inheritdoc/>
    public override string Name => "coinbase";

    /// <inheritdoc/>
    public override Uri Address => new("https://api.exchange.coinbase.com/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } = new(CandlesAPage: 300, PermitsAWindow: 10, TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public override string? NameOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => "300",
        Interval.FifteenMinutes => "900",
        Interval.Hour => "3600",
        Interval.Day => "86400",
        _ => null,
    };

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        // Both ends are included.
        $"products/{Escaped(pair.Symbol)}/candles?granularity={NameOf(pair.Interval)}&start={Iso(page.From)}&end={Iso(page.To - 1)}";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page)
    {
        CandleRows rows = CandleRows.OfJson(body, Columns, page);
        return rows.ToPage(RowCap.NewestFirst(rows, page));
    }

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) => "products";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement product in Items(document.RootElement))
        {
            bool isTrading = Text(product, "status") == "online"
                && !(product.TryGetProperty("trading_disabled", out JsonElement disabled) && disabled.ValueKind == JsonValueKind.True);
            Add(into, Text(product, "id"), Text(product, "base_currency"), Text(product, "quote_currency"), isTrading);
        }

        return null;
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs) =>
        pairs.Select(p => new LatestRequest($"products/{Escaped(p.Symbol)}/ticker", Limits.LatestCost, [p]));

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        Add(into, request.Pairs[0], Property(document.RootElement, "price"));
    }

    /// <inheritdoc/>
    public override SourceException? Complaint(int status, ReadOnlyMemory<byte> body)
    {
        if (status != 404 || body.IsEmpty)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(body);
        return SymbolUnknown(Text(document.RootElement, "message"));
    }

    private static string Iso(int slot) => BarTime.Open(slot).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
