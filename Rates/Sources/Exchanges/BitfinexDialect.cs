using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Bitfinex. Its rows are [milliseconds, open, CLOSE, HIGH, LOW, volume], and intervals without a trade have none; asked
/// for in ascending order, a request answers the first 10,000 at or after a time. Errors are arrays that begin with
/// "error", mostly with status 500. Some of its names are its own: UST is Tether.
/// </summary>
internal sealed class BitfinexDialect : ExchangeDialect
{
    private const int MostRows = 10_000;
    private const int LastPrice = 7;
    private static readonly CandleColumns Columns = new(Time: 0, Open: 1, High: 3, Low: 4, Close: 2, Volume: 5, TicksASecond: 1000);

    /// <inheritdoc/>
    public override string Name => "bitfinex";

    /// <inheritdoc/>
    public override Uri Address => new("https://api-pub.bitfinex.com/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } = new(CandlesAPage: MostRows, PermitsAWindow: 30, TimeSpan.FromMinutes(1));

    /// <inheritdoc/>
    public override SlotRange Page(SlotRange range, Interval interval = Interval.FiveMinutes) => range;

    /// <inheritdoc/>
    public override string? NameOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => "5m",
        Interval.FifteenMinutes => "15m",
        Interval.Hour => "1h",
        Interval.Day => "1D",
        _ => null,
    };

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        $"v2/candles/{Escaped($"trade:{NameOf(pair.Interval)}:{pair.Symbol}")}/hist?sort=1&limit={MostRows}"
        + $"&start={Milliseconds(page.From)}&end={Milliseconds(page.To - 1)}";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page)
    {
        CandleRows rows = CandleRows.OfJson(body, Columns, page);
        return rows.ToPage(RowCap.OldestFirst(rows, page));
    }

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) => "v2/conf/pub:list:pair:exchange,pub:map:currency:sym";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        // [["BTCUSD","BTCUST","DOGE:USD"],[["UST","USDt"],["DSH","DASH"]]]
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement[] lists = [.. Items(document.RootElement)];
        if (lists.Length != 2)
        {
            throw new JsonException($"Two lists were expected, there are {lists.Length}.");
        }

        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (JsonElement item in Items(lists[1]))
        {
            JsonElement[] name = [.. Items(item)];
            if (name.Length == 2)
            {
                names[Text(name[0])] = Text(name[1]);
            }
        }

        foreach (JsonElement item in Items(lists[0]))
        {
            string pair = Text(item);
            (string token, string quote) = pair.Split(':') is [string t, string q] ? (t, q)
                : pair.Length == 6 ? (pair[..3], pair[3..])
                : ("", "");
            Add(into, $"t{pair}", names.GetValueOrDefault(token, token), names.GetValueOrDefault(quote, quote));
        }

        return null;
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs)
    {
        // The address of a request may have some 8,000 characters.
        foreach (SourcePair[] chunk in pairs.Chunk(200))
        {
            yield return new($"v2/tickers?symbols={Escaped(string.Join(',', chunk.Select(p => p.Symbol)))}", Limits.LatestCost, chunk);
        }
    }

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonElement ticker in Items(document.RootElement))
        {
            JsonElement[] values = [.. Items(ticker)];
            if (values.Length > LastPrice)
            {
                Add(into, request.Find(Text(values[0])), values[LastPrice]);
            }
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
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object && Text(root, "error") is { } limit)
        {
            return limit == "ERR_RATE_LIMIT" ? Refused(limit) : Rejected(limit);
        }

        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() < 3
            || root[0].ValueKind != JsonValueKind.String || root[0].GetString() != "error")
        {
            return null;
        }

        string message = Text(root[2]);
        return Text(root[1]) switch
        {
            "10020" when message.Contains("symbol", StringComparison.OrdinalIgnoreCase) => SymbolUnknown(message),
            "10020" => Rejected(message),
            "11010" => Refused(message),
            "20060" => Unavailable(message), // maintenance
            _ => Unavailable(message),
        };
    }
}
