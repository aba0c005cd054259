using System.Buffers.Text;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Kraken. It gives the newest 720 candles and no older ones, whatever is asked for; the row behind <c>last</c> is still
/// open. Errors come with status 200. Bitcoin is XBT and Dogecoin XDG, and pairs have names such as XXBTZUSD. Candles
/// without trades are written, with the rate carried and volume 0.
/// </summary>
internal sealed class KrakenDialect : ExchangeDialect
{
    private const int MostRows = 720;
    private static readonly CandleColumns Columns = new(Time: 0, Open: 1, High: 2, Low: 3, Close: 4, Volume: 6, TicksASecond: 1);

    /// <summary>Names of its own, and those that the world has since given to another token.</summary>
    private static readonly Dictionary<string, string> CommonNames = new(StringComparer.Ordinal)
    {
        ["XBT"] = "btc",
        ["XDG"] = "doge",
        ["LUNA"] = "lunc",
        ["LUNA2"] = "luna",
        ["UST"] = "ustc",
        ["REPV2"] = "rep",
        ["REP"] = "repv1",
    };

    /// <inheritdoc/>
    public override string Name => "kraken";

    /// <inheritdoc/>
    public override Uri Address => new("https://api.kraken.com/");

    /// <inheritdoc/>
    public override SourceLimits Limits { get; } =
        new(CandlesAPage: MostRows, PermitsAWindow: 1, TimeSpan.FromSeconds(1), SlotsBack: MostRows);

    /// <inheritdoc/>
    public override string? NameOf(Interval interval) => interval switch
    {
        Interval.FiveMinutes => "5",
        Interval.FifteenMinutes => "15",
        Interval.Hour => "60",
        Interval.FourHours => "240",
        Interval.Day => "1440",
        _ => null,
    };

    /// <inheritdoc/>
    public override string CandlesPath(SourcePair pair, SlotRange page) =>
        // Rows behind 'since' come; a second less, so that the first slot is one of them.
        $"0/public/OHLC?pair={Escaped(pair.Symbol)}&interval={NameOf(pair.Interval)}&since={BarTime.OpenSeconds(page.From) - 1}";

    /// <inheritdoc/>
    public override CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page)
    {
        CandleRows rows = CandleRows.OfJson(body, Columns, page, "result", JsonPath.AnyArray);
        Utf8JsonReader last = JsonPath.To(body.Span, "result", "last");
        if (last.TokenType is not (JsonTokenType.Number or JsonTokenType.String)
            || !Utf8Parser.TryParse(last.ValueSpan, out long lastClosed, out int read) || read != last.ValueSpan.Length
            || lastClosed < 0 || lastClosed > BarTime.CloseSeconds(BarTime.MaxSlot))
        {
            throw new JsonException("'last' is no time.");
        }

        rows.FirstOpen = BarTime.SlotAtSeconds(lastClosed) + 1;
        return rows.ToPage(rows.Count >= MostRows && rows.First is { } first && first > page.From
            // The rows are cut off at their old end: of what lies before the first one nothing is known.
            ? page with { From = Math.Min(first, page.To) }
            : RowCap.NewestFirst(rows, page));
    }

    /// <inheritdoc/>
    public override string PairsPath(string? cursor) => "0/public/AssetPairs";

    /// <inheritdoc/>
    public override string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement result = Property(document.RootElement, "result");
        foreach (JsonProperty pair in result.EnumerateObject())
        {
            // "XBT/USD"; 'base' and 'quote' carry the old X and Z in front, and not always.
            if (Text(pair.Value, "wsname")?.Split('/') is [string token, string quote])
            {
                Add(into, pair.Name, Common(token), Common(quote), Text(pair.Value, "status") is null or "online");
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs)
    {
        // Without a list come all pairs; a list of some fails as a whole if one of them is delisted.
        string pair = pairs.Count == 1 ? $"?pair={Escaped(pairs[0].Symbol)}" : "";
        yield return new($"0/public/Ticker{pair}", Limits.LatestCost, pairs);
    }

    /// <inheritdoc/>
    public override void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        foreach (JsonProperty ticker in Property(document.RootElement, "result").EnumerateObject())
        {
            // One pair may be asked for by another of its names (XBTUSD) than the answer has (XXBTZUSD).
            SourcePair? pair = request.Pairs.Count == 1 ? request.Pairs[0] : request.Find(ticker.Name);
            Add(into, pair, Items(Property(ticker.Value, "c")).FirstOrDefault());
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
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("error", out JsonElement errors)
            || errors.ValueKind != JsonValueKind.Array || errors.GetArrayLength() == 0)
        {
            return null;
        }

        string error = Text(errors[0]);
        return error switch
        {
            "EQuery:Unknown asset pair" => SymbolUnknown(error),
            "EAPI:Rate limit exceeded" or "EGeneral:Too many requests" or "EGeneral:Temporary lockout" => Refused(error),
            _ when error.StartsWith("EService:", StringComparison.Ordinal) => Unavailable(error),
            "EGeneral:Internal error" => Unavailable(error),
            _ => Rejected(error),
        };
    }

    private static string Common(string name) => CommonNames.TryGetValue(name, out string? common) ? common : name;
}
