namespace Pnl.Grains;

/// <summary>A standing in a shard.</summary>
/// <param name="standing">What the token told.</param>
/// <param name="point">Its place in the order of the shard's changes.</param>
internal sealed class StandingRow(TokenStanding standing, long point) : IStanding
{
    public long Point => point;

    public string Token => standing.Token;

    public long Revision => standing.Revision;

    public long? AsOf => standing.AsOf;

    public bool IsDeleted => standing.IsDeleted;

    public int StalenessSeconds => standing.StalenessSeconds;

    public StandingFigures? Over(RollingWindow window)
    {
        if (standing.Windows.Length == 0)
        {
            return null;
        }

        int i = RollingWindow.All.IndexOf(window);
        ref readonly StandingWindow figures = ref standing.Windows[i];
        return new(figures.Return, standing.PnlDigits?[i] is { } digits ? Amount.Parse(digits) : figures.Pnl, figures.Volatility, figures.MaxDrawdown, figures.Partial);
    }

    /// <summary>The row as a place of a ranking that counts it; the rank is still to be given.</summary>
    public LeaderboardItem Item(RollingWindow window, long now)
    {
        StandingFigures figures = Over(window)!.Value;
        return new()
        {
            Token = Token,
            Symbol = standing.Symbol,
            Quote = standing.Quote,
            AsOf = standing.AsOf is { } asOf ? DateTimeOffset.FromUnixTimeSeconds(asOf) : null,
            Rate = standing.Rate,
            Return = figures.Return,
            Pnl = figures.Pnl,
            Volatility = figures.Volatility,
            MaxDrawdown = figures.MaxDrawdown,
            Partial = figures.Partial,
            Stale = this.IsStale(now),
        };
    }
}
