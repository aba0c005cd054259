namespace Pnl.Cli.Server;

/// <summary>A ranking of tokens.</summary>
internal sealed record LeaderboardAnswer(
    DateTimeOffset? AsOf, string Window, string By, bool Complete, int Tokens, int Known, LeaderboardItem[] Items);

/// <summary>A place. Return, drawdown and volatility are fractions.</summary>
internal sealed record LeaderboardItem(
    int Rank, string Token, string? Symbol, string? Quote, decimal? Rate, double? Return, Amount? Pnl, double? Volatility, double? MaxDrawdown,
    bool Partial, bool Stale);
