using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Converts rates of one currency to another by the rates of tokens, as of each bar's own close: by the shortest of these
/// ways that there is: the currency is a token in the other; the other is a token in the currency; both are tokens in a third
/// one; or the one, or the other, is so by a second step.
/// </summary>
/// <param name="Steps">Tokens whose rates multiply or divide.</param>
internal sealed record Conversion(IReadOnlyList<(string Token, bool Divides)> Steps)
{
    /// <summary>Finds the way from one currency to another; null if there is none.</summary>
    /// <param name="from">The currency that rates are in.</param>
    /// <param name="to">The currency that they are wanted in.</param>
    /// <param name="quoteOf">The quote of a token; null if nobody registered it.</param>
    public static async ValueTask<Conversion?> FindAsync(string from, string to, Func<string, ValueTask<string?>> quoteOf)
    {
        string? own = await quoteOf(from);
        if (own == to)
        {
            return new([(from, false)]);
        }

        string? other = await quoteOf(to);
        if (other == from)
        {
            return new([(to, true)]);
        }

        if (own is not null && own == other)
        {
            return new([(from, false), (to, true)]);
        }

        if (own is not null && await quoteOf(own) == to)
        {
            return new([(from, false), (own, false)]);
        }

        return other is not null && await quoteOf(other) == from ? new([(to, true), (other, true)]) : null;
    }
}

/// <summary>Rates of a token as of the closes of some slots: null where there is none, or it is stale.</summary>
/// <param name="Slots">Ascending.</param>
/// <param name="Rates">As many.</param>
internal sealed record KnownAtSlots(int[] Slots, decimal?[] Rates)
{
    public decimal? this[int slot] => Array.BinarySearch(Slots, slot) is >= 0 and int i ? Rates[i] : null;

    /// <summary>What an answer to the closes of these slots says.</summary>
    public static IEnumerable<decimal?> Of(int[] slots, RatesAt answer)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            bool isStale = BarTime.CloseSeconds(slots[i]) - answer.Closes[i] > (answer.StaleAfter?[i] ?? answer.StalenessSeconds);
            yield return isStale ? null : answer.Rates[i];
        }
    }
}
