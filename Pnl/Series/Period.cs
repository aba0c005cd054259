namespace Pnl;

/// <summary>What a period of a series comes to.</summary>
/// <param name="Start">The first slot of the period, whether it holds a bar or not.</param>
/// <param name="Open">Rate of its first bar.</param>
/// <param name="High">Highest rate.</param>
/// <param name="Low">Lowest rate.</param>
/// <param name="Close">Rate of its last bar.</param>
internal readonly record struct Period(int Start, decimal Open, decimal High, decimal Low, decimal Close)
{
    /// <summary>Two adjoining pieces of one period.</summary>
    public Period With(in Period later) => new(Start, Open, Math.Max(High, later.High), Math.Min(Low, later.Low), later.Close);
}
