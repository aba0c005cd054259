namespace Pnl.Grains;

/// <summary>A standing in a shard.</summary>
/// <param name="standing">What the token told.</param>
/// <param name="point">Its place in the order of the shard's changes.</param>
internal sealed class StandingRow(TokenStanding standing, long point) : IStanding
{
    public TokenStanding Standing => standing;

    public long Point => point;

    public string Token => standing.Pnl.Token;

    public long Revision => standing.Pnl.Revision;

    public long? AsOf { get; } = standing.Pnl.AsOf?.ToUnixTimeSeconds();

    public int StalenessSeconds => standing.StalenessSeconds;

    public StandingFigures? Over(RollingWindow window) => standing.Pnl.Windows.GetValueOrDefault(window.Name) is { } figures
        ? new(figures.Return, figures.Pnl, figures.Volatility, figures.MaxDrawdown, figures.Partial)
        : null;

    /// <summary>The row as a place of a ranking that counts it; the rank is still to be given.</summary>
    public LeaderboardItem Item(RollingWindow window, long now)
    {
        StandingFigures figures = Over(window)!.Value;
        return new()
        {
            Token = Token,
            Symbol = standing.Symbol,
            Quote = standing.Pnl.Quote,
            AsOf = standing.Pnl.AsOf,
            Rate = standing.Pnl.Rate,
            Return = figures.Return,
            Pnl = figures.Pnl,
            Volatility = figures.Volatility,
            MaxDrawdown = figures.MaxDrawdown,
            Partial = figures.Partial,
            Stale = this.IsStale(now),
        };
    }
}
