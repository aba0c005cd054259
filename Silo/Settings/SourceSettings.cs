using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>What differs from the defaults of an exchange.</summary>
internal sealed class SourceSettings
{
    private const string Documented = "as the exchange documents";

    /// <summary>The exchanges, by the names that sources have.</summary>
    public static IReadOnlyList<string> Exchanges { get; } = [.. Enum.GetValues<Feed>().Where(feed => feed > Feed.Replay).Select(feed => feed.ToString().ToLowerInvariant())];

    [Description("where the exchange's API is, ending in a slash"), DefaultValue(Documented), Required] public Uri? Address { get; set; }
    [Description("how many requests it takes in each window"), DefaultValue(Documented), Range(1, 1_000_000)] public int? PermitsAWindow { get; set; }
    [Description("the window, in seconds"), DefaultValue(Documented), Range(1, 86_400)] public int? WindowSeconds { get; set; }
    [Description("a key that raises the limits"), DataType(DataType.Password)] public string? ApiKey { get; set; }
    [Description("the header that the key is sent in, such as `x-cg-pro-api-key`")] public string? ApiKeyHeader { get; set; }

    internal CandleSourceOptions ToOptions() =>
        new() { Address = Address, PermitsAWindow = PermitsAWindow, Window = WindowSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, ApiKey = ApiKey, ApiKeyHeader = ApiKeyHeader };
}
