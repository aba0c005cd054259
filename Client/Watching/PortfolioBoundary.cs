using Pnl.Grains;

namespace Pnl.Client;

/// <summary>
/// Tells what of a portfolio's states is worth telling: the bars of a boundary come token by token, and are one event for
/// whoever holds twenty of them.
/// </summary>
internal static class PortfolioBoundary
{
    /// <summary>
    /// Whether a state is of a boundary of which more is to come: of positions that had the bar of the boundary told last, not
    /// all have the bar of this one. What lagged already then is not waited for.
    /// </summary>
    public static bool IsUnderWay(PortfolioReport told, PortfolioReport now) =>
        now.AsOf > told.AsOf
        && told.Positions.Any(position => position.RateAsOf == told.AsOf
            && Array.Find(now.Positions, other => other.Token == position.Token)?.RateAsOf < now.AsOf);

    /// <summary>Whether two states differ in nothing but the revision, as after a bar of a token that is held no more.</summary>
    public static bool IsSame(PortfolioReport told, PortfolioReport now) =>
        (told with { Revision = now.Revision, Missing = now.Missing, Positions = now.Positions }) == now
        && told.Missing.SequenceEqual(now.Missing)
        && told.Positions.Length == now.Positions.Length
        && told.Positions.Zip(now.Positions).All(pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(PositionReport told, PositionReport now) =>
        (told with { ConversionPath = now.ConversionPath, Missing = now.Missing }) == now
        && told.ConversionPath.SequenceEqual(now.ConversionPath)
        && told.Missing.SequenceEqual(now.Missing);
}
