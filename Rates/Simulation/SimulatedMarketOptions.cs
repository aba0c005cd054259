namespace Pnl.Rates.Simulation;

/// <summary>What a <see cref="SimulatedMarket"/> is made from. Equal options make the same market.</summary>
public sealed record SimulatedMarketOptions
{
    /// <summary>The largest market: names of three syllables are unique up to here.</summary>
    public const int MaxTokens = TokenName.Count;

    /// <summary>Decides everything that looks random. Any value; 1 by default.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Number of tokens, 1 to <see cref="MaxTokens"/>; 10,000 by default. A token is the same in a market of any size.
    /// </summary>
    public int Tokens { get; init; } = 10_000;
}
