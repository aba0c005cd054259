namespace Pnl.Grains;

/// <summary>
/// Tokens that are converted by each other's rates: the rate of each would stand on that of the other, so that both would
/// change for ever, or hold what nobody quoted.
/// </summary>
internal static class ConversionCircle
{
    /// <summary>Finds the shortest way back to a token.</summary>
    /// <param name="token">The token whose bars are to be converted.</param>
    /// <param name="steps">The tokens by whose rates.</param>
    /// <param name="convertedBy">By whose rates a token's own bars are converted; empty if by none.</param>
    /// <returns>The way in words; null if there is none.</returns>
    public static async ValueTask<string?> FindAsync(string token, IEnumerable<string> steps, Func<string, ValueTask<IReadOnlyList<string>>> convertedBy)
    {
        Dictionary<string, string> cameFrom = [];
        Queue<string> open = [];
        foreach (string step in steps)
        {
            if (cameFrom.TryAdd(step, token))
            {
                open.Enqueue(step);
            }
        }

        while (open.TryDequeue(out string? at))
        {
            foreach (string next in await convertedBy(at))
            {
                if (next == token)
                {
                    return Way(at);
                }

                if (cameFrom.TryAdd(next, at))
                {
                    open.Enqueue(next);
                }
            }
        }

        return null;

        string Way(string last)
        {
            List<string> way = [token];
            for (string at = last; at != token; at = cameFrom[at])
            {
                way.Insert(0, at);
            }

            return string.Join(", ", way.Select((by, i) => $"'{(i == 0 ? token : way[i - 1])}' is converted by '{by}'"));
        }
    }
}
