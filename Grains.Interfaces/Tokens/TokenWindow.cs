using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>What window to answer.</summary>
/// <param name="From">Start; null for the first bar's close.</param>
/// <param name="To">End; null for the last bar's close. Never after now.</param>
/// <param name="Quantity">Number of tokens.</param>
[GenerateSerializer, Immutable, Alias("Pnl.WindowQuery")]
public sealed partial record WindowQuery(
    [property: Id(0)] DateTimeOffset? From, [property: Id(1)] DateTimeOffset? To, [property: Id(2)] decimal Quantity = 1m);

/// <summary>One window of a token, for a quantity of it.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.TokenWindow")]
public sealed record TokenWindow : WindowFigures
{
    /// <summary>No bar is known, and no bounds were given.</summary>
    public TokenWindow() => Partial = true;

    /// <summary>A window of the domain.</summary>
    public TokenWindow(in Window window)
        : base(window)
    {
    }

    /// <summary>The token's id.</summary>
    [Id(0)]
    public required string Token { get; init; }

    /// <summary>Currency of all money here.</summary>
    [Id(1)]
    public required string Quote { get; init; }

    /// <summary>Close time of the last bar counted; null if there is none.</summary>
    [Id(2)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Rate as of the end.</summary>
    [Id(3)]
    public decimal? Rate { get; init; }

    /// <summary>Whether the rate as of the end was older then than the token's staleness limit.</summary>
    [Id(4)]
    public bool Stale { get; init; }

    /// <summary>Age of that rate at the end, in seconds.</summary>
    [Id(5)]
    public long? AgeSeconds { get; init; }

    /// <summary>Grows with every accepted change.</summary>
    [Id(6)]
    public long Revision { get; init; }

    /// <summary>Whether every slot of the window since the first bar holds a bar or had none at the source.</summary>
    [Id(7)]
    public bool Complete { get; init; }

    /// <summary>Number of tokens.</summary>
    [Id(9)]
    public decimal Quantity { get; init; }

    /// <summary>Start of the window; null if the token has no bar and no bounds were given.</summary>
    [Id(10), JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset? From { get; init; }

    /// <summary>End of the window; null as <see cref="From"/> is.</summary>
    [Id(8), JsonConverter(typeof(EntryTimeConverter))]
    public DateTimeOffset? To { get; init; }
}
