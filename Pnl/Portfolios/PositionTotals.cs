namespace Pnl;

/// <summary>Sums over positions, in the base currency. Moves between two of them cancel; those to others cross the boundary.</summary>
internal readonly record struct PositionTotals(
    Amount Cost, Amount Realised, Amount Income, Amount Fees, Amount FeesFromOutside, Amount FromOutside, Amount ToOutside, Amount Moved)
{
    /// <summary>What came into the positions.</summary>
    public Amount Contributions => Moved.Sign > 0 ? FromOutside + Moved : FromOutside;

    /// <summary>What left the positions.</summary>
    public Amount Distributions => Moved.Sign < 0 ? ToOutside - Moved : ToOutside;

    public static PositionTotals operator +(PositionTotals sum, Position position) => new(
        sum.Cost + position.Cost,
        sum.Realised + position.Realised,
        sum.Income + position.Income,
        sum.Fees + position.Fees,
        sum.FeesFromOutside + position.FeesFromOutside,
        sum.FromOutside + position.Contributions,
        sum.ToOutside + position.Distributions,
        sum.Moved + position.MovedIn - position.MovedOut);
}
