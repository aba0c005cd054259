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
/// <param name="BaseCurrency">Currency of all money here.</param>
/// <param name="Items">The lots.</param>
/// <param name="HasMore">Whether there are more.</param>
/// <param name="Revision">The portfolio's revision.</param>
[GenerateSerializer, Immutable, Alias("Pnl.LotsPage")]
public sealed record LotsPage(
    [property: Id(0)] string BaseCurrency, [property: Id(1)] LotReport[] Items, [property: Id(2)] bool HasMore, [property: Id(3)] long Revision)
{
    /// <summary>
    /// Whether lots may have changed since the revision that was seen (<see cref="LotsQuery.SeenRevision"/>), so that this page does
    /// not go with those before it.
    /// </summary>
    [Id(4)]
    public bool IsChanged { get; init; }
}

/// <summary>A lot, or a part of one. Of a short, quantity, cost and proceeds are negative. Money is null for want of a rate.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.LotReport")]
public sealed record LotReport
{
    /// <summary>The token.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary>How much.</summary>
    [Id(1)]
    public Amount Quantity { get; init; }

    /// <summary>The entry that opened it.</summary>
    [Id(2)]
    public required string OpenedBy { get; init; }

    /// <summary>When, UTC.</summary>
    [Id(3)]
    public DateTimeOffset Opened { get; init; }

    /// <summary>The entry that closed it; null while it is open.</summary>
    [Id(4)]
    public string? ClosedBy { get; init; }

    /// <summary>When, UTC.</summary>
    [Id(5)]
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
