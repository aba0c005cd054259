namespace Pnl.Tests.Core.Windows;

/// <summary>Compares windows as the contract does: money and counts exactly, statistics to 1e-9.</summary>
internal static class WindowAssert
{
    /// <summary>What statistics may differ by near zero.</summary>
    public const double Near = 1e-12;

    /// <summary>
    /// The same for volatility, a year: rates that hardly deviate from a drift lose what few digits they deviate by where they
    /// are computed plainly in doubles. Those few digits: VolatilityTests.
    /// </summary>
    public const double NearVolatility = 3e-11;

    public static void Equal(Window expected, Window actual, string context)
    {
        Window exact = actual with { Return = expected.Return, MaxDrawdown = expected.MaxDrawdown, Volatility = expected.Volatility };
        if (exact != expected)
        {
            Assert.Fail($"{context}: expected\n{expected}\nbut was\n{actual}");
        }

        Close(expected.Return, actual.Return, Near, $"{context}: return");
        Close(expected.MaxDrawdown, actual.MaxDrawdown, Near, $"{context}: max drawdown");
        Close(expected.Volatility, actual.Volatility, NearVolatility, $"{context}: volatility");
    }

    public static void Close(double? expected, double? actual, double near, string context)
    {
        bool close = expected is { } e && actual is { } a ? Math.Abs(e - a) <= Math.Max(1e-9 * Math.Abs(e), near) : expected == actual;
        if (!close)
        {
            Assert.Fail($"{context}: expected {expected:R} but was {actual:R}");
        }
    }
}
