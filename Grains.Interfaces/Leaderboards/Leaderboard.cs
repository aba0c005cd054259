using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>What ranking to answer.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.LeaderboardQuery")]
public sealed record LeaderboardQuery
{
    /// <summary>The largest limit.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Name of a rolling window, such as <c>24h</c>.</summary>
    [Id(0)]
    public string Window { get; init; } = "24h";

    /// <summary>By which figure of it.</summary>
    [Id(1)]
    public Measure By { get; init; }

    /// <summary>Whether the smallest comes first.</summary>
    [Id(2)]
    public bool Ascending { get; init; }

    /// <summary>The most places, 1 to <see cref="MaxLimit"/>.</summary>
    [Id(3)]
    public int Limit { get; init; } = 100;

    /// <summary>Whether tokens count whose rate is stale, or whose window is partial or has no such figure; the last ones come last.</summary>
    [Id(4)]
    public bool IncludeAll { get; init; }
}

/// <summary>A ranking of tokens over a rolling window, each as of its own last bar.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.Leaderboard")]
public sealed record Leaderboard
{
    /// <summary>Close time of the newest bar of any token known here; null if there is none.</summary>
    [Id(0)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Name of the window.</summary>
    [Id(1)]
    public required string Window { get; init; }

    /// <summary>By which figure.</summary>
    [Id(2)]
    public Measure By { get; init; }

    /// <summary>Whether the smallest comes first.</summary>
    [Id(3), JsonPropertyName("order"), JsonConverter(typeof(OrderConverter))]
    public bool Ascending { get; init; }

    /// <summary>The sum of the tokens' revisions: grows with every accepted change of any token.</summary>
    [Id(4)]
    public long Revision { get; init; }

    /// <summary>Whether every token is looked at in the revision that is known of it: not while standings are gathered after a restart.</summary>
    [Id(5)]
    public bool Complete { get; init; }

    /// <summary>How many tokens are ranked.</summary>
    [Id(6)]
    public int Tokens { get; init; }

    /// <summary>How many tokens are registered.</summary>
    [Id(7)]
    public int Known { get; init; }

    /// <summary>The first places.</summary>
    [Id(8)]
    public required LeaderboardItem[] Items { get; init; }
}

/// <summary>A place.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.LeaderboardItem")]
public sealed record LeaderboardItem
{
    /// <summary>From 1. Equal figures have places of their own, in the order of the tokens' ids.</summary>
    [Id(0)]
    public int Rank { get; init; }

    /// <summary>The token's id.</summary>
    [Id(1)]
    public required string Token { get; init; }

    /// <summary>Its label.</summary>
    [Id(2)]
    public required string Symbol { get; init; }

    /// <summary>Currency of rate and PnL.</summary>
    [Id(3)]
    public required string Quote { get; init; }

    /// <summary>Close time of its last bar.</summary>
    [Id(4)]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Its last rate.</summary>
    [Id(5)]
    public decimal? Rate { get; init; }

    /// <summary>PnL over start rate, a fraction.</summary>
    [Id(6)]
    public double? Return { get; init; }

    /// <summary>PnL of one unit, with every digit.</summary>
    [Id(7), JsonConverter(typeof(MoneyConverter))]
    public Amount? Pnl { get; init; }

    /// <summary>Volatility a year, each log return by the time that it spans; null for fewer than 3 rates.</summary>
    [Id(8)]
    public double? Volatility { get; init; }

    /// <summary>Largest fall from a peak, a fraction of the peak.</summary>
    [Id(9)]
    public double? MaxDrawdown { get; init; }

    /// <summary>Whether the window begins before the token's first bar.</summary>
    [Id(10)]
    public bool Partial { get; init; }

    /// <summary>Whether the last rate is older than the token's staleness limit.</summary>
    [Id(11)]
    public bool Stale { get; init; }
}
