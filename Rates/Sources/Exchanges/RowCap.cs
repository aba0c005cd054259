using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// What an answer covers that may have been cut off. How many rows a request gives at most is written in documentation,
/// and has changed more than once without a word; a row that was cut off must not pass for one that never was. Every such
/// limit is a round number: an answer with a multiple of 100 rows counts as cut off, and one without rows as whole.
/// </summary>
internal static class RowCap
{
    private const int Round = 100;

    /// <summary>Of an API that gives the oldest rows of a range: up to the last row, because more may follow it.</summary>
    /// <exception cref="JsonException">The rows are cut off and do not lie in what was asked for.</exception>
    public static SlotRange OldestFirst(CandleRows rows, SlotRange asked)
    {
        if (!MayBeCut(rows))
        {
            return asked;
        }

        return rows.Last is { } last && last >= asked.From
            ? asked with { To = Math.Min(asked.To, last + 1) }
            : throw new JsonException("The candles lie before the time that was asked for.");
    }

    /// <summary>Of an API that gives the newest rows of a range: from the first row on, because more may stand before it.</summary>
    public static SlotRange NewestFirst(CandleRows rows, SlotRange asked) =>
        MayBeCut(rows) && rows.First is { } first && first > asked.From
            ? asked with { From = Math.Min(first, asked.To) }
            : asked;

    private static bool MayBeCut(CandleRows rows) => rows.Count > 0 && rows.Count % Round == 0;
}
