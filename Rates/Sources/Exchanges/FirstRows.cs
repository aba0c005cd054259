using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>What an answer covers that gives the first rows at or after a time, however far behind it they lie.</summary>
internal static class FirstRows
{
    /// <summary>
    /// All that was asked for if fewer rows came than may come; otherwise up to the last row, because more may follow it.
    /// </summary>
    /// <exception cref="JsonException">The rows are full but do not lie in what was asked for.</exception>
    public static SlotRange Covered(CandleRows rows, SlotRange asked, int mostRows)
    {
        if (rows.Count < mostRows)
        {
            return asked;
        }

        return rows.Last is { } last && last >= asked.From
            ? asked with { To = Math.Min(asked.To, last + 1) }
            : throw new JsonException("The candles lie before the time that was asked for.");
    }
}
