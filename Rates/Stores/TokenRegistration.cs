using System.Text.Json.Serialization;

namespace Pnl.Rates;

/// <summary>What is known of a token besides its bars. Immutable.</summary>
public sealed record TokenRegistration
{
    /// <summary>Label; may be shared by tokens and change.</summary>
    public required string Symbol { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the currency in which rates are quoted, such as <c>usd</c> or <c>usdt</c>.</summary>
    public required string Quote { get; init; }

    /// <summary>When the token began to trade, if somebody said so; UTC.</summary>
    public DateTimeOffset? Listed { get; init; }

    /// <summary>When it ceased to trade, if it did; UTC.</summary>
    public DateTimeOffset? Delisted { get; init; }

    /// <summary>Age in seconds beyond which a last rate is stale; 15 minutes by default.</summary>
    public int StalenessSeconds { get; init; } = 900;

    /// <summary>The symbol of the token at each source, by the source's name.</summary>
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Replace)]
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();
}
