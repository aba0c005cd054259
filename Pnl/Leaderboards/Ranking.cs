namespace Pnl;

/// <summary>What is ranked.</summary>
/// <param name="Window">Over which window.</param>
/// <param name="By">By which of its figures.</param>
/// <param name="Ascending">Whether the smallest comes first.</param>
/// <param name="IncludeAll">
/// Whether tokens are ranked too whose rate is stale, whose window is partial or has no such figure; these come last.
/// </param>
/// <param name="Limit">The most places.</param>
public sealed record Ranking(RollingWindow Window, Measure By, bool Ascending, bool IncludeAll, int Limit)
{
    /// <summary>
    /// The first places among rows of any kind, in order. Places of parts, each in order and none shorter than the limit
    /// unless all of its rows are in it, come to the places of the whole.
    /// </summary>
    public T[] First<T>(IEnumerable<T> rows, Func<T, RankKey> key) =>
        [.. rows.Select(row => (Key: key(row), Row: row)).OrderBy(row => row.Key, RankKey.Order(Ascending)).Take(Limit).Select(row => row.Row)];

    /// <summary>Whether a standing counts at an instant in Unix seconds.</summary>
    internal bool Counts(IStanding standing, in StandingFigures? figures, in RankKey key, long now) => figures is { } known
        && (IncludeAll || (key.HasFigure && !known.Partial && !standing.IsStale(now)));
}

/// <summary>The first places of a ranking, and what it was made of.</summary>
/// <param name="Places">The places, first to last.</param>
/// <param name="Counted">How many tokens were ranked.</param>
/// <param name="ValidUntil">The last Unix second at which it holds, if no standing changes: then a rate that counts becomes stale.</param>
public sealed record Ranked<T>(T[] Places, int Counted, long ValidUntil);

/// <summary>Staleness of standings.</summary>
public static class Staleness
{
    /// <summary>Whether the last rate is older at an instant, in Unix seconds, than the token's limit.</summary>
    public static bool IsStale(this IStanding standing, long now)
    {
        ArgumentNullException.ThrowIfNull(standing);
        return now > standing.FreshUntil();
    }

    /// <summary>The last Unix second at which the last rate is not stale; without a rate it never is.</summary>
    internal static long FreshUntil(this IStanding standing) => standing.AsOf is { } asOf ? asOf + standing.StalenessSeconds : long.MaxValue;
}
