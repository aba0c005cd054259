using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Client.Http;

/// <summary>JSON as the gateway reads and writes it. Where an answer has the shape of a message it is read as that; the others are below.</summary>
internal static class Wire
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new TimeText(), new Numbers(), new ReadAs<WindowPnlWire, WindowPnl>(wire => wire.Message), new ReadAs<PlaceWire, LeaderboardItem>(wire => wire.Item), new IntervalName(),
            new JsonStringEnumConverter(JsonNamingPolicy.CamelCase),
        },
    };

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    /// <summary>Every digit of money where a decimal does not hold them all; else null.</summary>
    public static string? Digits(Amount? money) => money is { } amount && !amount.TryToDecimal(out _) ? amount.ToString() : null;

    public static long[] Seconds(DateTimeOffset[] times) => Array.ConvertAll(times, time => time.ToUnixTimeSeconds());

    private sealed class TimeText : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));
    }

    /// <summary>Reads what is shaped otherwise on the wire than as a message.</summary>
    private sealed class ReadAs<TWire, T>(Func<TWire, T> read) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => read(JsonSerializer.Deserialize<TWire>(ref reader, options)!);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => throw new NotSupportedException("it is answered, never sent");
    }

    /// <summary>Reads an array of numbers of any length: decimals, and where one has more digits, every digit beside.</summary>
    private sealed class Numbers : JsonConverter<MoneyColumn>
    {
        private static readonly AmountJsonConverter Number = new();

        public override MoneyColumn Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException("a list of numbers is wanted");
            }

            List<decimal> nearest = [];
            List<Amount>? exact = null;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Amount value = Number.Read(ref reader, typeof(Amount), options);
                bool holds = value.TryToDecimal(out decimal same);
                if (!holds)
                {
                    exact ??= [.. nearest.Select(static known => (Amount)known)];
                }

                nearest.Add(holds ? same : value.ToNearestDecimal());
                exact?.Add(value);
            }

            return new([.. nearest], exact?.ToArray());
        }

        public override void Write(Utf8JsonWriter writer, MoneyColumn value, JsonSerializerOptions options) => throw new NotSupportedException("columns are answered, never sent");
    }

    private sealed class IntervalName : JsonConverter<Interval>
    {
        public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Intervals.TryParse(reader.GetString() ?? "", out Interval interval) ? interval : throw new JsonException($"an interval is one of {Intervals.AllNames}");

        public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name());
    }
}

internal sealed record DeletedWire(string Token, long Revision);

internal sealed record ListWire<T>([property: JsonRequired] T[] Items, string? NextCursor);

internal sealed record RatesBody(ReadOnlyMemory<long> Time, ReadOnlyMemory<decimal> Rate);

internal sealed record EntriesBody(IReadOnlyList<PortfolioEntry> Entries);

internal sealed record BackfillBody(object Tokens, DateTimeOffset? From, DateTimeOffset? To, string Source, string? Order, string? Kind, bool? Again);

internal sealed record KeyBody(string Name, string Owner, IReadOnlyList<string> Scopes);

internal sealed record CoverageWire(TimeRange[] Fetched, TimeRange[] Absent, TimeRange[] Missing, long AbsentBars, long MissingBars, bool Truncated);

internal sealed record ListingWire(
    string Source, string Symbol, string Quote, Interval Interval, DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset? FirstBar, DateTimeOffset? LastBar, long Bars, TimeRange[]? Fetched, bool NeverFetched, string? NotConverted = null)
{
    public ListingState State => new(new(Source, Symbol, Quote, Interval, From, To), FirstBar, LastBar, Bars, Fetched ?? [], !NeverFetched) { NotConverted = NotConverted };
}

internal sealed record CoveredWire(CoverageWire Coverage, ListingWire[]? Listings, ListingWire[]? FormerListings, LifeRange[]? Life)
{
    public ListingState[] States => [.. (Listings ?? []).Concat(FormerListings ?? []).Select(listing => listing.State)];
}

internal sealed record RejectedWire(int Index, DateTimeOffset? Time, string Code);

internal sealed record IngestWire(int Accepted, int Unchanged, int Corrected, RejectedWire[] Rejected, long Revision, int Rounded = 0)
{
    public IngestResult Result => new(Accepted, Unchanged, Corrected, Array.ConvertAll(Rejected, bar => new RejectedBar(bar.Index, bar.Time?.ToUnixTimeSeconds(), bar.Code)), Revision) { Rounded = Rounded };
}

internal sealed record WindowWire(
    string Token, string Quote, DateTimeOffset? AsOf, decimal? Rate, bool Stale, long? AgeSeconds, long Revision, bool Complete, decimal Quantity, DateTimeOffset? From, DateTimeOffset? To,
    decimal? StartRate, Amount? Pnl, double? Return, decimal? High, decimal? Low, double? MaxDrawdown, double? Volatility, int Bars, int ExpectedBars, bool Partial, Interval Interval = default)
{
    public TokenWindow Window => new()
    {
        Token = Token, Quote = Quote, AsOf = AsOf, Rate = Rate, Stale = Stale, AgeSeconds = AgeSeconds, Revision = Revision, Complete = Complete, To = To, Quantity = Quantity,
        Window = From is not { } from ? null : new WindowPnlWire(from, StartRate, Pnl, Return, High, Low, MaxDrawdown, Volatility, Bars, ExpectedBars, Partial, Interval).Message,
    };
}

internal sealed record WindowPnlWire(
    DateTimeOffset From, decimal? StartRate, Amount? Pnl, double? Return, decimal? High, decimal? Low, double? MaxDrawdown, double? Volatility, int Bars, int ExpectedBars, bool Partial,
    Interval Interval = default)
{
    public WindowPnl Message => new()
    {
        From = From, StartRate = StartRate, Pnl = Pnl?.ToNearestDecimal(), PnlDigits = Wire.Digits(Pnl), Return = Return, High = High, Low = Low, MaxDrawdown = MaxDrawdown, Volatility = Volatility, Bars = Bars,
        ExpectedBars = ExpectedBars, Partial = Partial, Interval = Interval,
    };
}

internal sealed record SeriesWire(
    string Token, string Quote, Interval Interval, DateTimeOffset? AsOf, long Revision, bool Complete, DateTimeOffset[] Time, decimal[] Rate, MoneyColumn Pnl, MoneyColumn CumulativePnl, string? NextCursor)
{
    public PnlSeries Series => new()
    {
        Token = Token, Quote = Quote, Interval = Interval, AsOf = AsOf, Revision = Revision, Complete = Complete, Time = Wire.Seconds(Time), Rate = Rate, Pnl = Pnl.Nearest, ExactPnl = Pnl.Exact,
        CumulativePnl = CumulativePnl.Nearest, ExactCumulativePnl = CumulativePnl.Exact, Next = Cursors.Next(NextCursor),
    };
}

internal sealed record RatesWire(
    string Token, string Quote, Interval Interval, DateTimeOffset? AsOf, long Revision, bool Complete, DateTimeOffset[] Time, decimal[] Open, decimal[] High, decimal[] Low, decimal[] Close, string? NextCursor)
{
    public RateCandles Candles => new()
    {
        Token = Token, Quote = Quote, Interval = Interval, AsOf = AsOf, Revision = Revision, Complete = Complete, Time = Wire.Seconds(Time), Open = Open, High = High, Low = Low, Close = Close, Next = Cursors.Next(NextCursor),
    };
}

internal sealed record PortfolioSeriesWire(
    string Portfolio, string BaseCurrency, CostBasis CostBasis, Interval Interval, DateTimeOffset? AsOf, long Revision, bool Complete, DateTimeOffset[] Time, MoneyColumn MarketValue, MoneyColumn Contributions,
    MoneyColumn Distributions, MoneyColumn RealisedPnl, MoneyColumn UnrealisedPnl, MoneyColumn TotalPnl, double?[] Twr, SeriesStatistics Statistics, string? NextCursor)
{
    public PortfolioSeries Series => new()
    {
        Portfolio = Portfolio, BaseCurrency = BaseCurrency, CostBasis = CostBasis, Interval = Interval, AsOf = AsOf, Revision = Revision, Complete = Complete, Time = Wire.Seconds(Time), ValuedAt = [],
        MarketValue = MarketValue.Nearest, ExactMarketValue = MarketValue.Exact, Contributions = Contributions.Nearest, ExactContributions = Contributions.Exact,
        Distributions = Distributions.Nearest, ExactDistributions = Distributions.Exact, RealisedPnl = RealisedPnl.Nearest, ExactRealisedPnl = RealisedPnl.Exact,
        UnrealisedPnl = UnrealisedPnl.Nearest, ExactUnrealisedPnl = UnrealisedPnl.Exact, TotalPnl = TotalPnl.Nearest, ExactTotalPnl = TotalPnl.Exact, Twr = Twr, Statistics = Statistics, Next = Cursors.Next(NextCursor),
    };
}

internal sealed record LotsWire(string BaseCurrency, long Revision, LotReport[] Items, string? NextCursor);

internal sealed record LeaderboardWire(DateTimeOffset? AsOf, string Window, Measure By, string Order, long Revision, bool Complete, int Tokens, int Known, LeaderboardItem[] Items)
{
    public Leaderboard Board => new() { AsOf = AsOf, Window = Window, By = By, Ascending = Order == "asc", Revision = Revision, Complete = Complete, Tokens = Tokens, Known = Known, Items = Items };
}

internal sealed record SetAsideWire(long? SetAside);

internal sealed record PlaceWire(
    int Rank, string Token, string Symbol, string Quote, DateTimeOffset? AsOf, decimal? Rate, double? Return, Amount? Pnl, double? Volatility, double? MaxDrawdown, bool Partial, bool Stale)
{
    public LeaderboardItem Item => new()
    {
        Rank = Rank, Token = Token, Symbol = Symbol, Quote = Quote, AsOf = AsOf, Rate = Rate, Return = Return, Pnl = Pnl?.ToNearestDecimal(), PnlDigits = Wire.Digits(Pnl), Volatility = Volatility,
        MaxDrawdown = MaxDrawdown, Partial = Partial, Stale = Stale,
    };
}

internal sealed record BackfillTokensWire(int Total, int Done, int Failed, int Empty);

internal sealed record BackfillBarsWire(long Landed, long Imported, long Corrected, long Quarantined);

internal sealed record BackfillWire(
    string Id, BackfillKind Kind, BackfillPhase Status, string Source, DateTimeOffset? From, DateTimeOffset? To, BackfillTokensWire Tokens, BackfillBarsWire Bars, double BarsPerSecond, DateTimeOffset? Eta, int Retries,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, BackfillFailure[] Failures, BackfillFailure[]? Empty, bool Again, BackfillFailure[]? LeftOut = null)
{
    public BackfillStatus Backfill => new()
    {
        Id = Id, Phase = Status, Request = new() { Source = Source, From = From, To = To, Kind = Kind, Again = Again }, TokensTotal = Tokens.Total, TokensDone = Tokens.Done, TokensFailed = Tokens.Failed, BarsLanded = Bars.Landed,
        BarsImported = Bars.Imported, BarsCorrected = Bars.Corrected, Quarantined = Bars.Quarantined, BarsPerSecond = BarsPerSecond, Eta = Eta, Retries = Retries, StartedAt = StartedAt, EndedAt = EndedAt, Failures = Failures,
        TokensEmpty = Tokens.Empty, Empty = Empty ?? [], LeftOut = LeftOut ?? [],
    };
}

/// <summary>Cursors, which only this client and the gateway look into.</summary>
internal static class Cursors
{
    /// <summary>From which open time on there is more of a series; null at the end.</summary>
    public static DateTimeOffset? Next(string? cursor) => cursor is null ? null : DateTimeOffset.FromUnixTimeSeconds(long.Parse(Epochs.Within(cursor).Split('_')[0], CultureInfo.InvariantCulture));

    /// <summary>The cursor of the page of a series that begins at a time.</summary>
    public static string Of(DateTimeOffset next) => next.AddTicks(TimeSpan.TicksPerSecond - 1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public static string? Of(EntryPlace? after) => after is null ? null : string.Create(CultureInfo.InvariantCulture, $"{after.Time.UtcTicks}_{(int)after.Kind}_{after.Id}");
}

/// <summary>The life of the gateway's store, with which ETags, cursors and ids of events begin: <c>9f3c2a77e0b1d455~…</c>.</summary>
internal static class Epochs
{
    private const char Separator = '~';

    /// <summary>What stands behind the epoch; all of it if there is none, from a gateway of an earlier release.</summary>
    public static string Within(string text) => text[(text.IndexOf(Separator, StringComparison.Ordinal) + 1)..];

    /// <summary>Whether two ids are of different epochs.</summary>
    public static bool Differ(string? before, string? after) => before is not null && after is not null && Of(before) != Of(after);

    private static string Of(string text) => text[..(text.IndexOf(Separator, StringComparison.Ordinal) + 1)];
}
