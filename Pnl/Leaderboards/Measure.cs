namespace Pnl;

/// <summary>By which figure of a window tokens are ranked.</summary>
public enum Measure
{
    /// <summary>PnL over start rate, a fraction.</summary>
    Return,

    /// <summary>PnL of one unit, in the token's own quote currency.</summary>
    Pnl,

    /// <summary>Volatility a year, each log return by the time that it spans.</summary>
    Volatility,

    /// <summary>Largest fall from a peak, a fraction of the peak.</summary>
    MaxDrawdown,
}
