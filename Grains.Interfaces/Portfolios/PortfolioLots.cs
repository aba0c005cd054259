using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>Which lots to list.</summary>
/// <param name="Token">Of one token; null for all.</param>
/// <param name="Skip">How many to leave out.</param>
/// <param name="Limit">The most to answer.</param>
[GenerateSerializer, Immutable, Alias("Pnl.LotsQuery")]
public sealed record LotsQuery([property: Id(0)] string? Token = null, [property: Id(1)] int Skip = 0, [property: Id(2)] int Limit = LotsQuery.MaxLimit)
{
    /// <summary>The largest limit.</summary>
    public const int MaxLimit = 10_000;

    /// <summary>The revision of the pages that were read before; null for a first page.</summary>
    [Id(3)]
    public long? SeenRevision { get; init; }
}

/// <summary>A page of lots: token by token, the closed ones in the order in which they were closed, then the open ones.</summary>
/// <param name="Portfolio">The portfolio's id.</param>
/// <param name="BaseCurrency">Currency of all money here.</param>
/// <param name="Revision">The portfolio's revision.</param>
/// <param name="Items">The lots.</param>
/// <param name="HasMore">Whether there are more.</param>
[GenerateSerializer, Immutable, Alias("Pnl.LotsPage")]
public sealed record LotsPage(
    [property: Id(0)] string Portfolio, [property: Id(1)] string BaseCurrency, [property: Id(2)] long Revision, [property: Id(3)] LotReport[] Items,
    [property: Id(4), JsonIgnore] bool HasMore)
{
    /// <summary>
    /// Whether lots may have changed since the revision that was seen (<see cref="LotsQuery.SeenRevision"/>), so that this page does
    /// not go with those before it.
    /// </summary>
    [Id(5), JsonIgnore]
    public bool IsChanged { get; init; }

    /// <summary>Where the next page begins, as the HTTP API says it.</summary>
    [JsonInclude]
    [field: NonSerialized]
    internal string? NextCursor { get; init; }
}

/// <summary>A lot, or a part of one. Of a short, quantity, cost and proceeds are negative. Money is null for want of a rate.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.LotReport")]
public sealed record LotReport
{
    /// <summary>The token.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public string Status => ClosedBy is null ? "open" : "closed";

    /// <summary>How much.</summary>
    [Id(1)]
    public Amount Quantity { get; init; }

    /// <summary>The entry that opened it.</summary>
    [Id(2)]
    public required string OpenedBy { get; init; }

    /// <summary>When, UTC.</summary>
    [Id(3), JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset Opened { get; init; }

    /// <summary>The entry that closed it; null while it is open.</summary>
    [Id(4)]
    public string? ClosedBy { get; init; }

    /// <summary>When, UTC.</summary>
    [Id(5), JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset? Closed { get; init; }

    /// <summary>What it had cost.</summary>
    [Id(6)]
    public Amount? Cost { get; init; }

    /// <summary>What it brought.</summary>
    [Id(7)]
    public Amount? Proceeds { get; init; }

    /// <summary>Proceeds less cost, before fees.</summary>
    [Id(8)]
    public Amount? Gain { get; init; }

    /// <summary>How long it was held, of a closed lot.</summary>
    [Id(9)]
    public long? HoldingPeriodSeconds { get; init; }
}
