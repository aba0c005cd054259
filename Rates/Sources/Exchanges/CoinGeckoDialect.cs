using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// CoinGecko: rates over all exchanges, as points in time that lie on no grid (see <see cref="RatePoints"/>). Points five
/// minutes apart reach back one day; with a key of an Enterprise plan (<c>interval=5m</c>) to the beginning, ten days a
/// request. Answers are cached for up to five minutes, so that the newest two slots are not read. A token is called by
/// CoinGecko's id, because its symbols are not unique: which token of ours that is, its registration says.
/// </summary>
/// <param name="wholeHistory">Whether the key allows points five minutes apart of any time.</param>
internal sealed class CoinGeckoDialect(bool wholeHistory) : ExchangeDialect
{
    /// <inheritdoc/>
    public override string Name => "coingecko";

    /// <inheritdoc/>
    public override Uri Address => new(wholeHistory ? "https://pro-api.coingecko.com/api/v3/" : "https://api.coingecko.com/api/v3/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } = wholeHistory
        ? new(CandlesAPage: 10 * BarTime.BarsPerDay, PermitsAWindow: 500, TimeSpan.FromMinutes(1))
        : new(CandlesAPage: BarTime.BarsPerDay, PermitsAWindow: 5, TimeSpan.FromMinutes(1), SlotsBack: BarTime.BarsPerDay - 1);

    /// <inheritdoc/>
    public override int UnsettledSlots => 2;

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        $"coins/{Escaped(pair.Symbol)}/market_chart/range?vs_currency={Escaped(pair.Quote)}&precision=full"
        + $"&from={Seconds(page.From)}&to={Seconds(page.To)}{(wholeHistory ? "&interval=5m" : "")}";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page) => RatePoints.OfJson(body, page, "prices");

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) => "coins/list";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement coin in Items(document.RootElement))
        {
            Add(into, Text(coin, "id"), Text(coin, "id"), "usd");
        }

        return null;
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs) =>
        from quote in pairs.GroupBy(p => p.Quote)
        from chunk in quote.Chunk(250)
        select new LatestRequest(
            $"simple/price?vs_currencies={Escaped(quote.Key)}&precision=full"
            + $"&ids={Escaped(string.Join(',', chunk.Select(p => p.Symbol)))}",
            Limits.LatestCost,
            chunk);

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("An object of coins was expected.");
        }

        foreach (JsonProperty coin in document.RootElement.EnumerateObject())
        {
            if (request.Find(coin.Name) is { } pair && coin.Value.ValueKind == JsonValueKind.Object
                && coin.Value.TryGetProperty(pair.Quote, out JsonElement rate))
            {
                Add(into, pair, rate);
            }
        }
    }

    /// <inheritdoc/>
    public override SourceException? Complaint(int status, ReadOnlyMemory<byte> body)
    {
        if (status != 404 || body.IsEmpty)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(body);
        return SymbolUnknown(Text(document.RootElement, "error"));
    }
}
