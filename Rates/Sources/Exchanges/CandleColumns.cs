namespace Pnl.Rates.Exchanges;

/// <summary>Where a source keeps what in a row of its candles: places in an array, or in <paramref name="Names"/>.</summary>
/// <param name="Time">Place of the open time.</param>
/// <param name="Open">Place of the first rate.</param>
/// <param name="High">Place of the highest rate.</param>
/// <param name="Low">Place of the lowest rate.</param>
/// <param name="Close">Place of the last rate.</param>
/// <param name="Volume">Place of the volume in the token.</param>
/// <param name="TicksASecond">Unit of the open time: 1 for seconds, 1,000 for milliseconds, 1,000,000 for microseconds.</param>
/// <param name="Confirm">Place of a field that is <c>0</c> while the candle is open; -1 if there is none.</param>
/// <param name="Names">For rows that are objects, the names of their properties in the order of the places.</param>
internal sealed record CandleColumns(
    int Time,
    int Open,
    int High,
    int Low,
    int Close,
    int Volume,
    long TicksASecond,
    int Confirm = -1,
    IReadOnlyList<string>? Names = null)
{
    /// <summary>The most places that are looked at; what a row has behind them does not matter.</summary>
    public const int MaxPlaces = 16;

    /// <summary>
    /// Whether a row off the grid is one of the 5 minutes that it lies in, of which the last one counts, as in files; else such a
    /// row is kept aside.
    /// </summary>
    public bool FoldsOffGrid { get; init; }

    /// <summary>How many places a row must have.</summary>
    public int Needed { get; } = Math.Max(Math.Max(Math.Max(Time, Open), Math.Max(High, Low)), Math.Max(Math.Max(Close, Volume), Confirm)) + 1;
}
