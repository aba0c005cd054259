namespace Pnl;

/// <summary>
/// The last traded rate of one 5-minute interval of a token. Immutable; two bars are equal if slot and rate are.
/// The default value is no valid bar (its rate is 0).
/// </summary>
/// <param name="Slot">The interval, see <see cref="BarTime"/>; 0 or more.</param>
/// <param name="Rate">Quote currency per token, exact, greater than 0, at most 28 significant digits.</param>
public readonly record struct Bar(int Slot, decimal Rate);
