namespace Pnl;

/// <summary>
/// Which columns of a table hold time and rate, found by their names without regard to case: the time is the first of
/// <c>time</c>, <c>open_time_unix_s</c>, <c>open_time</c>, <c>timestamp</c> that is there, the rate the first of
/// <c>rate</c>, <c>close</c>, <c>price</c>. All other columns are ignored.
/// </summary>
/// <param name="Time">Index of the column with open times.</param>
/// <param name="Rate">Index of the column with rates.</param>
public readonly record struct RateColumns(int Time, int Rate)
{
    private static readonly string[] TimeNames = ["time", "open_time_unix_s", "open_time", "timestamp"];
    private static readonly string[] RateNames = ["rate", "close", "price"];

    /// <summary>Finds the columns.</summary>
    /// <param name="source">What is read, to name it in an error.</param>
    /// <param name="names">The names of all columns, in order.</param>
    /// <exception cref="RateFileException">A column is absent, or there twice.</exception>
    public static RateColumns Find(string source, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new(Find(source, names, "time", TimeNames), Find(source, names, "rate", RateNames));
    }

    private static int Find(string source, IReadOnlyList<string> names, string role, string[] wanted)
    {
        foreach (string name in wanted)
        {
            int found = -1;
            for (int i = 0; i < names.Count; i++)
            {
                if (!name.Equals(names[i].Trim(), StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                if (found >= 0)
                {
                    throw new RateFileException($"{source} has two columns '{name}', {found + 1} and {i + 1}.");
                }

                found = i;
            }

            if (found >= 0)
            {
                return found;
            }
        }

        throw new RateFileException(
            $"{source} has no {role} column: found {Quoted(names)}, wanted one of {Quoted(wanted)}.");
    }

    private static string Quoted(IReadOnlyList<string> names)
    {
        // A file that is no table at all can have a "header" of any length.
        const int MaxShown = 16, MaxLength = 32;
        IEnumerable<string> shown = names.Take(MaxShown)
            .Select(n => $"'{(n.Length > MaxLength ? n[..MaxLength] + "…" : n)}'");
        return string.Join(", ", shown) + (names.Count > MaxShown ? $" and {names.Count - MaxShown} more" : "");
    }
}
