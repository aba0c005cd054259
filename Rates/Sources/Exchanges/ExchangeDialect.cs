using System.Globalization;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// How one API is spoken to: which path asks for what, and what its bodies mean. Pure: it neither sends anything nor knows
/// the time, so that every body can be tried by itself.
/// </summary>
internal abstract class ExchangeDialect
{
    /// <summary>The name of the source.</summary>
    public abstract string Name { get; }

    /// <summary>Where the API is, unless settings say otherwise.</summary>
    public abstract Uri Address { get; }

    /// <summary>What the API allows to a caller without a key.</summary>
    public abstract SourceLimits Limits { get; }

    /// <summary>Slots before now that the API may still change or not show yet, so that they are not read.</summary>
    public virtual int UnsettledSlots => 0;

    /// <summary>What the API calls the interval of candles; null if it has none of it.</summary>
    public virtual string? NameOf(Interval interval) => interval == Interval.FiveMinutes ? "5m" : null;

    /// <summary>The slots that one request for candles asks for, from the beginning of a range.</summary>
    public virtual SlotRange Page(SlotRange range, Interval interval = Interval.FiveMinutes) =>
        range with { To = (int)Math.Min(range.To, range.From + (long)Limits.CandlesAPage * interval.Slots()) };

    /// <summary>The path that asks for candles of the pair's interval, of which there is a name.</summary>
    public abstract string CandlesPath(SourcePair pair, SlotRange page);

    /// <summary>Reads candles, of any interval: each at the slot at which its period opens.</summary>
    /// <param name="body">The body that came.</param>
    /// <param name="page">The slots that were asked for, without those that are not closed.</param>
    /// <exception cref="JsonException">The body has another shape.</exception>
    public abstract CandlePage Candles(ReadOnlyMemory<byte> body, SlotRange page);

    /// <summary>The path that asks for pairs.</summary>
    /// <param name="cursor">Null for the beginning, else what the last answer said.</param>
    public abstract string PairsPath(string? cursor);

    /// <summary>Reads pairs. Those whose token or currency has a name that can be no id are left out.</summary>
    /// <param name="body">The body that came.</param>
    /// <param name="into">Takes the pairs.</param>
    /// <returns>The cursor to go on with; null at the end.</returns>
    /// <exception cref="JsonException">The body has another shape.</exception>
    public abstract string? Pairs(ReadOnlyMemory<byte> body, ICollection<SourcePair> into);

    /// <summary>The requests for the newest rates of pairs.</summary>
    public abstract IEnumerable<LatestRequest> LatestRequests(IReadOnlyList<SourcePair> pairs);

    /// <summary>Reads newest rates. A pair without a usable one is left out.</summary>
    /// <param name="body">The body that came.</param>
    /// <param name="request">The request that it answers.</param>
    /// <param name="into">Takes the rates of the pairs of the request.</param>
    /// <exception cref="JsonException">The body has another shape.</exception>
    public abstract void Latest(ReadOnlyMemory<byte> body, LatestRequest request, ICollection<LatestRate> into);

    /// <summary>What the API says went wrong; null if nothing did, or nothing but what the status tells.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">One JSON value, or empty.</param>
    public virtual SourceException? Complaint(int status, ReadOnlyMemory<byte> body) => null;

    /// <summary>How long a ban lasts, where the API says so in the body alone.</summary>
    public virtual TimeSpan? BannedFor(ReadOnlyMemory<byte> body, DateTimeOffset now) => null;

    /// <summary>The permits of the present window that the API says are used; null if it does not say.</summary>
    public virtual int? Used(HttpResponseMessage answer) => null;

    /// <summary>A symbol as part of a path or query.</summary>
    protected static string Escaped(string text) => Uri.EscapeDataString(text);

    /// <summary>The open time of a slot in milliseconds.</summary>
    protected static string Milliseconds(int slot) => (BarTime.OpenSeconds(slot) * 1000).ToString(CultureInfo.InvariantCulture);

    /// <summary>The open time of a slot in seconds.</summary>
    protected static string Seconds(int slot) => BarTime.OpenSeconds(slot).ToString(CultureInfo.InvariantCulture);

    /// <summary>Adds a pair unless its names can be no ids.</summary>
    protected static void Add(
        ICollection<SourcePair> into, string? symbol, string? token, string? quote, bool isTrading = true, DateTimeOffset? listed = null)
    {
        if (!string.IsNullOrEmpty(symbol) && token?.ToLowerInvariant() is { } t && quote?.ToLowerInvariant() is { } q
            && TokenId.IsValid(t) && TokenId.IsValid(q))
        {
            into.Add(new(symbol, t, q, listed, isTrading));
        }
    }

    /// <summary>Adds a rate if it is one.</summary>
    protected static void Add(ICollection<LatestRate> into, SourcePair? pair, JsonElement rate)
    {
        if (pair is not null && RateText.Parse(Text(rate), out decimal value) == BarDefect.None)
        {
            into.Add(new(pair, value));
        }
    }

    /// <summary>The text of a string or number exactly as it stands in the body; empty for all else.</summary>
    protected static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => "",
    };

    /// <summary>The text of a property; null if there is none.</summary>
    protected static string? Text(JsonElement of, string property) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(property, out JsonElement value) && Text(value) is { Length: > 0 } text
            ? text
            : null;

    /// <summary>A property that must be there.</summary>
    protected static JsonElement Property(JsonElement of, string property) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(property, out JsonElement value)
            ? value
            : throw new JsonException($"The body has no '{property}'.");

    /// <summary>The members of an array that must be one.</summary>
    protected static JsonElement.ArrayEnumerator Items(JsonElement array) => array.ValueKind == JsonValueKind.Array
        ? array.EnumerateArray()
        : throw new JsonException($"An array was expected, there is {array.ValueKind}.");

    /// <summary>The source does not know the pair.</summary>
    protected static SourceException SymbolUnknown(string? said) => new("symbol.unknown", $"The source does not know the symbol: {said}", isTransient: false);

    /// <summary>The source cannot answer at present.</summary>
    protected static SourceException Unavailable(string? said) => new("source.unavailable", $"The source cannot answer: {said}", isTransient: true);

    /// <summary>The source was asked too often.</summary>
    protected static SourceException Refused(string? said) => new("source.refused", $"The source was asked too often: {said}", isTransient: true);

    /// <summary>The source will not answer such a request.</summary>
    protected static SourceException Rejected(string? said) => new("source.rejected", $"The source rejects the request: {said}", isTransient: false);
}
