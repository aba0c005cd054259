namespace Pnl;

/// <summary>What tokens are ranked by: the figures of one token over one window, null where the window has none.</summary>
/// <param name="Return">PnL over start rate, a fraction.</param>
/// <param name="Pnl">PnL of one unit, in quote currency.</param>
/// <param name="Volatility">Volatility a year, each log return by the time that it spans.</param>
/// <param name="MaxDrawdown">Largest fall from a peak, a fraction of the peak.</param>
/// <param name="Partial">Whether the window begins before the token's first bar.</param>
public readonly record struct StandingFigures(double? Return, Amount? Pnl, double? Volatility, double? MaxDrawdown, bool Partial);
