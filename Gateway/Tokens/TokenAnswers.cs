using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>A page of a list.</summary>
internal sealed record ListAnswer<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>A token with its coverage.</summary>
internal sealed record TokenAnswer
{
    public required string Id { get; init; }
    public required string Symbol { get; init; }
    public required string Name { get; init; }
    public required string Quote { get; init; }
    public DateTimeOffset? FirstBar { get; init; }
    public DateTimeOffset? LastBar { get; init; }
    public long Bars { get; init; }
    public TokenStatus Status { get; init; }
    public DateTimeOffset? Listed { get; init; }
    public DateTimeOffset? Delisted { get; init; }
    public int StalenessSeconds { get; init; }
    public required IReadOnlyDictionary<string, string> Sources { get; init; }
    public long Revision { get; init; }
    public required CoverageAnswer Coverage { get; init; }

    /// <summary>Rows that were not taken as bars; null if that cannot be told now.</summary>
    public long? SetAside { get; init; }

    /// <summary>Its listings in their order of preference.</summary>
    public required ListingAnswer[] Listings { get; init; }

    /// <summary>Instruments that are not among its listings any more, and of which bars are kept.</summary>
    public required ListingAnswer[] FormerListings { get; init; }

    /// <summary>Whose rates it has, in order of time; the newest ranges if there are many.</summary>
    public required LifeRange[] Life { get; init; }

    /// <summary>The coarsest interval that its bars stand on.</summary>
    public Interval Interval { get; init; }

    public static TokenAnswer Of(TokenCoverage token, long? setAside) => new()
    {
        Id = token.Token.Id,
        Symbol = token.Token.Symbol,
        Name = token.Token.Name,
        Quote = token.Token.Quote,
        FirstBar = token.Token.FirstBar,
        LastBar = token.Token.LastBar,
        Bars = token.Token.Bars,
        Status = token.Token.Status,
        Listed = token.Token.Listed,
        Delisted = token.Token.Delisted,
        StalenessSeconds = token.Token.StalenessSeconds,
        Sources = token.Token.Sources,
        Revision = token.Token.Revision,
        Coverage = new(token.Fetched, token.Absent, token.Missing, token.AbsentBars, token.MissingBars, token.Truncated),
        SetAside = setAside,
        Listings = ListingAnswer.Of(token),
        FormerListings = ListingAnswer.FormerOf(token),
        Life = token.Life,
        Interval = token.Token.Interval,
    };
}

/// <summary>Ranges of bar open times: read at a source, absent there, not fetched. The newest ones if there are many.</summary>
internal sealed record CoverageAnswer(
    TimeRange[] Fetched, TimeRange[] Absent, TimeRange[] Missing, long AbsentBars, long MissingBars, bool Truncated);

/// <summary>What to register of a token.</summary>
internal sealed record TokenRequest(
    string? Symbol = null, string? Name = null, string? Quote = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? Listed = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? Delisted = null,
    int? StalenessSeconds = null, Dictionary<string, string>? Sources = null, ListingRequest?[]? Listings = null);

/// <summary>What became of the bars that were sent, and how many of those taken were rounded to the digits that are kept.</summary>
internal sealed record IngestAnswer(int Accepted, int Unchanged, int Corrected, RejectedAnswer[] Rejected, long Revision, int Rounded);

/// <summary>A bar that was not taken: its place in the body, its time if it could be read, and why.</summary>
internal sealed record RejectedAnswer(int Index, DateTimeOffset? Time, string Code)
{
    public static RejectedAnswer Of(RejectedBar bar) => new(
        bar.Index, bar.Time is { } seconds && QueryText.IsTime(seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null, bar.Code);
}

/// <summary>One window of a token.</summary>
internal sealed record WindowAnswer
{
    public required string Token { get; init; }
    public required string Quote { get; init; }
    public DateTimeOffset? AsOf { get; init; }
    public decimal? Rate { get; init; }
    public bool Stale { get; init; }
    public long? AgeSeconds { get; init; }
    public long Revision { get; init; }
    public bool Complete { get; init; }
    public decimal Quantity { get; init; }

    [JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset? From { get; init; }

    [JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset? To { get; init; }

    public decimal? StartRate { get; init; }
    public Money? Pnl { get; init; }
    public double? Return { get; init; }
    public decimal? High { get; init; }
    public decimal? Low { get; init; }
    public double? MaxDrawdown { get; init; }
    public double? Volatility { get; init; }
    public int Bars { get; init; }
    public int ExpectedBars { get; init; }
    public bool Partial { get; init; }

    /// <summary>The coarsest interval that the window stands on; expectedBars counts its periods there.</summary>
    public Interval Interval { get; init; }

    public static WindowAnswer Of(TokenWindow answer) => new()
    {
        Token = answer.Token,
        Quote = answer.Quote,
        AsOf = answer.AsOf,
        Rate = answer.Rate,
        Stale = answer.Stale,
        AgeSeconds = answer.AgeSeconds,
        Revision = answer.Revision,
        Complete = answer.Complete,
        Quantity = answer.Quantity,
        From = answer.Window?.From,
        To = answer.To,
        StartRate = answer.Window?.StartRate,
        Pnl = Money.Of(answer.Window?.Pnl, answer.Window?.PnlDigits),
        Return = answer.Window?.Return,
        High = answer.Window?.High,
        Low = answer.Window?.Low,
        MaxDrawdown = answer.Window?.MaxDrawdown,
        Volatility = answer.Window?.Volatility,
        Bars = answer.Window?.Bars ?? 0,
        ExpectedBars = answer.Window?.ExpectedBars ?? 0,
        Partial = answer.Window?.Partial ?? true,
        Interval = answer.Window?.Interval ?? default,
    };
}

/// <summary>Rate and PnL period by period, as columns of equal length.</summary>
internal sealed record SeriesAnswer(
    string Token, string Quote, string Interval, DateTimeOffset? AsOf, long Revision, bool Complete, decimal Quantity,
    Column<long> Time, Column<decimal> Rate, ExactColumn Pnl, ExactColumn CumulativePnl, string? NextCursor)
{
    /// <param name="series">A page of the series.</param>
    /// <param name="quantity">Number of tokens.</param>
    /// <param name="before">PnL accumulated on the pages before.</param>
    public static SeriesAnswer Of(PnlSeries series, decimal quantity, Amount before)
    {
        MoneyColumn cumulative = before.IsZero
            ? new(series.CumulativePnl, series.ExactCumulativePnl)
            : MoneyColumn.Of(series.CumulativePnl, series.ExactCumulativePnl, pnl => before + pnl);
        return new(
            series.Token, series.Quote, series.Interval.Name(), series.AsOf, series.Revision, series.Complete, quantity,
            series.Time, series.Rate, new(series.Pnl, series.ExactPnl), cumulative,
            Cursor.Of(series.Next, cumulative.Length > 0 ? cumulative[cumulative.Length - 1] : before, series.Revision));
    }
}

/// <summary>Rates period by period, as columns of equal length.</summary>
internal sealed record RatesAnswer(
    string Token, string Quote, string Interval, DateTimeOffset? AsOf, long Revision, bool Complete,
    Column<long> Time, Column<decimal> Open, Column<decimal> High, Column<decimal> Low, Column<decimal> Close, string? NextCursor)
{
    public static RatesAnswer Of(RateCandles rates) => new(
        rates.Token, rates.Quote, rates.Interval.Name(), rates.AsOf, rates.Revision, rates.Complete,
        rates.Time, rates.Open, rates.High, rates.Low, rates.Close, Cursor.Of(rates.Next, Amount.Zero, rates.Revision));
}
