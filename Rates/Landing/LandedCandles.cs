using System.Text.Json.Serialization;

namespace Pnl.Rates;

/// <summary>
/// Candles of one token and month as they were fetched from a source, with what it takes to make the token again from
/// them alone.
/// </summary>
/// <param name="Key">Where they belong.</param>
/// <param name="Registration">What was known of the token then.</param>
/// <param name="Symbol">The source's name for the pair.</param>
/// <param name="Covered">The slots over which the source was read to the end.</param>
/// <param name="FetchedAt">When, UTC, to the millisecond.</param>
/// <param name="Candles">The candles, all within <paramref name="Covered"/>.</param>
/// <param name="Quarantined">Rows that were not taken.</param>
public sealed record LandedCandles(
    LandingKey Key,
    TokenRegistration Registration,
    string Symbol,
    SlotRange Covered,
    DateTimeOffset FetchedAt,
    Candles Candles,
    IReadOnlyList<QuarantinedRow> Quarantined);

/// <summary>A place in the landing: one fetch of a range of slots within a month. Only a later fetch of the same range takes its place.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Token">Id of the token.</param>
/// <param name="Range">The slots, not empty.</param>
public sealed record LandingKey(string Source, string Token, SlotRange Range)
{
    /// <summary>The month of the first slot, in months since January 1970.</summary>
    [JsonIgnore]
    public int Month => BarTime.MonthOf(Range.From);
}
