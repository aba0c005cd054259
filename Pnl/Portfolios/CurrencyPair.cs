namespace Pnl;

/// <summary>Where a token trades: one unit of <paramref name="Token"/> costs so many units of <paramref name="Quote"/>.</summary>
public readonly record struct CurrencyPair(string Token, string Quote);

/// <summary>A rate that a computation will ask for: of a market, as of the close of a slot.</summary>
/// <param name="Pair">The market.</param>
/// <param name="Slot">The last slot that is closed at the time in question.</param>
public readonly record struct RateNeed(CurrencyPair Pair, int Slot);

/// <summary>
/// What rates are known. A computation names those it will ask for beforehand (<c>…Needs</c>), since getting them is not
/// pure; what was not named may be asked for too, and is not known then.
/// </summary>
public interface IRates
{
    /// <summary>
    /// The rate of the last bar that opened in <paramref name="slot"/> or before: as it was then, in the units of then,
    /// above zero. Null if there is none: never a later one.
    /// </summary>
    decimal? AsOf(CurrencyPair market, int slot);

    /// <summary>The rates of a market as of some slots, each as the nearest double or one beside it; NaN where there is none.</summary>
    /// <param name="market">The market.</param>
    /// <param name="slots">The slots, ascending.</param>
    /// <param name="rates">Where they are put, one a slot.</param>
    void Nearest(CurrencyPair market, ReadOnlySpan<int> slots, Span<double> rates)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            rates[i] = AsOf(market, slots[i]) is { } rate ? (double)rate : double.NaN;
        }
    }
}
