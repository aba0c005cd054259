using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>Calls at random, of tokens and portfolios that there are and some that there are not, whose answers do not depend on the hour.</summary>
internal static partial class Calls
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static readonly string[] Tokens = ["a", "b", "c"];
    private static readonly Gen<string> Token = Gen.OneOf(Array.ConvertAll(Tokens, token => Gen.Const(token)));
    private static readonly Gen<DateTimeOffset?> Bound = Gen.Int[-500, 2500].Nullable().Select(bar => bar is { } at ? DateTimeOffset.FromUnixTimeSeconds(Start + 300L * at) : (DateTimeOffset?)null);
    private static readonly Gen<decimal> Quantity = Gen.OneOf(Gen.Const(1m), Gen.Const(0.37m), Gen.Const(-12m));

    private static readonly TokenListing[] Listings =
    [
        new("api", "", "usd"), new("binance", "ABCUSDT", "usdt", From: DateTimeOffset.FromUnixTimeSeconds(Start + 600)), new("files", "ABC-USD", "usd", Interval.Day, To: DateTimeOffset.FromUnixTimeSeconds(Start + 86_400)),
    ];

    private static readonly Gen<BarBatch> Batch =
        from first in Gen.Int[0, 2000]
        from rates in Gen.Int[0, 100_000].Array[1, 60]
        select new BarBatch
        {
            Time = rates.Select((_, i) => Start + 300L * (first + i * (1 + i % 3)) + (i == 17 ? 1 : 0)).ToArray(),
            Rate = rates.Select(rate => rate / 1000m).ToArray(),
        };

    private static readonly Gen<SeriesQuery> Series =
        from bounds in Gen.Select(Bound, Bound)
        from interval in Gen.Enum<Interval>()
        from quantity in Quantity
        from limit in Gen.OneOf(Gen.Int[1, 20], Gen.Const(SeriesQuery.MaxLimit))
        select new SeriesQuery { From = bounds.Item1 < bounds.Item2 ? bounds.Item1 : null, To = bounds.Item2, Interval = interval, Quantity = quantity, Limit = limit };

    private static readonly Gen<PortfolioEntry> Entry =
        from id in Gen.Int[0, 9]
        from kind in Gen.OneOf(Gen.Const(EntryKind.Buy), Gen.Const(EntryKind.Buy), Gen.Const(EntryKind.Sell))
        from token in Token
        from quantity in Gen.Int[0, 400]
        from price in Gen.Int[1, 90_000]
        from bar in Gen.Int[0, 2500]
        select new PortfolioEntry
        {
            Id = $"e{id}", Kind = kind, Token = token, Quantity = quantity / 10m, Price = price / 1000m, Currency = "usd", Time = DateTimeOffset.FromUnixTimeSeconds(Start + 300L * bar + 7),
            Fees = id % 3 == 0 ? [new(0.25m, "usd")] : [],
        };

    /// <summary>Calls that only the SDK has.</summary>
    private static readonly Gen<Call> OfSdk = Gen.OneOf(
        from token in Token from query in Series select new Call($"StreamSeries {token} {query}", async (client, prefix) => await PagesAsync(client.StreamSeriesAsync(prefix + token, query))),
        from token in Token from revision in Gen.Long[0, 300] select new Call($"GetChangedFrom {token} {revision}", async (client, prefix) => await client.GetChangedFromAsync(prefix + token, revision)));

    private static readonly Gen<Call> OfTokens = Gen.OneOf(
        from token in Token from quote in Gen.OneOf(Gen.Const((string?)null), Gen.Const((string?)"usd"), Gen.Const((string?)"eur")) from staleness in Gen.Int[300, 900].Nullable()
        select new Call($"Register {token} {quote} {staleness}", async (client, prefix) => await client.RegisterTokenAsync(prefix + token, new() { Quote = quote, StalenessSeconds = staleness, Name = "Nämé" })),
        from token in Token from listings in Gen.Int[0, 3].Nullable()
        select new Call($"List {token} {listings}", async (client, prefix) => await client.RegisterTokenAsync(prefix + token, new() { Listings = listings is { } most ? Listings[..most] : null })),
        from token in Token from batch in Batch select new Call($"Ingest {token} {string.Join(' ', batch.Time.ToArray())} {string.Join(' ', batch.Rate.ToArray())}", async (client, prefix) => await client.IngestAsync(prefix + token, batch)),
        from token in Token from batch in Batch select new Call($"Ingest {token} {string.Join(' ', batch.Time.ToArray())} {string.Join(' ', batch.Rate.ToArray())}", async (client, prefix) => await client.IngestAsync(prefix + token, batch)),
        from token in Token select new Call($"Get {token}", async (client, prefix) => await client.GetTokenAsync(prefix + token)),
        from token in Token select new Call($"GetCoverage {token}", async (client, prefix) => await client.GetCoverageAsync(prefix + token)),
        from token in Token select new Call($"GetPnl {token}", async (client, prefix) => await client.GetPnlAsync(prefix + token)),
        from token in Token from bounds in Gen.Select(Bound, Bound) from quantity in Quantity
        select new Call($"GetWindow {token} {bounds} {quantity}", async (client, prefix) => await client.GetWindowAsync(prefix + token, new(bounds.Item1 < bounds.Item2 ? bounds.Item1 : null, bounds.Item2, quantity))),
        from token in Token from query in Series select new Call($"GetSeries {token} {query}", async (client, prefix) => await client.GetSeriesAsync(prefix + token, query)),
        from token in Token from query in Series select new Call($"GetSeries {token} thinned {query}", async (client, prefix) => await client.GetSeriesAsync(prefix + token, query with { MaxPoints = 7, Limit = SeriesQuery.MaxLimit })),
        from token in Token from query in Series select new Call($"GetRates {token} {query}", async (client, prefix) => await client.GetRatesAsync(prefix + token, query)));

    private static readonly Gen<Call> OfPortfolios = Gen.OneOf(
        from basis in Gen.Enum<CostBasis>() from shorts in Gen.Bool
        select new Call($"PutPortfolio {basis} {shorts}", async (client, prefix) => await client.PutPortfolioAsync(prefix + "p", new() { BaseCurrency = "usd", CostBasis = basis, AllowShorts = shorts })),
        from entries in Entry.Array[1, 4] select new Call($"Post {string.Join(' ', entries.Select(entry => entry.ToString()))}", async (client, prefix) => await client.PostEntriesAsync(prefix + "p", [.. entries.Select(entry => Of(entry, prefix))])),
        from entry in Entry select new Call($"Correct {entry}", async (client, prefix) => await client.CorrectEntryAsync(prefix + "p", Of(entry, prefix))),
        from id in Gen.Int[0, 9] select new Call($"Delete e{id}", async (client, prefix) => await client.DeleteEntryAsync(prefix + "p", $"e{id}")),
        Gen.Const(new Call("GetPortfolio", async (client, prefix) => await client.GetPortfolioAsync(prefix + "p"))),
        from limit in Gen.Int[1, 5] select new Call($"GetEntries {limit}", async (client, prefix) => await AllEntriesAsync(client, prefix + "p", limit)),
        from at in Bound from basis in Gen.Enum<CostBasis>().Nullable() select new Call($"GetPortfolioPnl {at} {basis}", async (client, prefix) => await client.GetPortfolioPnlAsync(prefix + "p", new(at, basis))),
        from query in Series select new Call($"GetPortfolioSeries {query}", async (client, prefix) =>
            await client.GetPortfolioSeriesAsync(prefix + "p", new() { From = query.From, To = query.To, Interval = query.Interval, Limit = query.Limit })),
        from skip in Gen.Int[0, 3] select new Call($"GetLots {skip}", async (client, prefix) => await client.GetLotsAsync(prefix + "p", new(Skip: skip, Limit: 5))));

    /// <summary>A run of calls, so that something has been registered when something is asked.</summary>
    public static Gen<Call[]> Any(bool ofSdk) =>
        from begin in Begin
        from calls in (ofSdk ? Gen.OneOf(OfTokens, OfPortfolios, OfSdk) : Gen.OneOf(OfTokens, OfPortfolios)).Array[8, 20]
        select (Call[])[.. begin, .. calls];

    private static Gen<Call[]> Begin =>
        from batch in Batch
        select (Call[])
        [
            new("Register a", async (client, prefix) => await client.RegisterTokenAsync(prefix + "a", new())),
            new("Ingest a", async (client, prefix) => await client.IngestAsync(prefix + "a", batch)),
            new("PutPortfolio", async (client, prefix) => await client.PutPortfolioAsync(prefix + "p", new() { BaseCurrency = "usd" })),
        ];

    /// <summary>What a client makes of a call: the answer or the exception, as text, without what passes with the time and what HTTP has not.</summary>
    public static async Task<string> AnswerAsync(this Call call, IPnlClient client, string prefix)
    {
        try
        {
            object? answer = await call.Ask(client, prefix);
            return Age().Replace(JsonSerializer.Serialize(answer, JsonOptions), "");
        }
        catch (Exception e) when (e is TokenUnknownException or PortfolioUnknownException or QuoteConflictException or LedgerRefusedException or ArgumentException)
        {
            RefusedEntry? refused = (e as LedgerRefusedException)?.Refused;
            return $"{e.GetType().Name} {refused?.EntryId} {refused?.Code} {refused?.Field} {refused?.Detail} {refused?.Held} {(e as TokenUnknownException)?.Token}{(e as PortfolioUnknownException)?.Portfolio}";
        }
    }

    private static readonly JsonSerializerOptions JsonOptions = new() { Converters = { new AmountAsText() } };

    private static PortfolioEntry Of(PortfolioEntry entry, string prefix) => entry with { Token = prefix + entry.Token };

    private static async Task<List<PnlSeries>> PagesAsync(IAsyncEnumerable<PnlSeries> pages)
    {
        List<PnlSeries> all = [];
        await foreach (PnlSeries page in pages)
        {
            all.Add(page);
        }

        return all;
    }

    private static async Task<List<PortfolioEntry>> AllEntriesAsync(IPnlClient client, string portfolio, int limit)
    {
        List<PortfolioEntry> all = [];
        EntryPlace? next = null;
        do
        {
            EntriesPage page = await client.GetEntriesAsync(portfolio, next, limit);
            all.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return all;
    }

    [GeneratedRegex("\"(AgeSeconds|HoldingPeriodSeconds)\":\\d+,?|\"ValuedAt\":\\[[^\\]]*\\],")]
    private static partial Regex Age();

    private sealed class AmountAsText : System.Text.Json.Serialization.JsonConverter<Amount>
    {
        public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Amount.Parse(reader.GetString());

        public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

/// <summary>A call, with the names of tokens and portfolios behind a prefix.</summary>
internal sealed record Call(string Name, Func<IPnlClient, string, Task<object?>> Ask)
{
    public override string ToString() => Name;
}
