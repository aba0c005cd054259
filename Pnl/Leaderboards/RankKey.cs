namespace Pnl;

/// <summary>
/// By what a token takes its place among others: the figure asked for, and where that is equal the token's id, so that no
/// two places are the same. Money is compared exactly, statistics as the doubles that they are.
/// </summary>
/// <param name="Token">The token's id.</param>
/// <param name="Money">The figure if it is money; null otherwise, or if there is none.</param>
/// <param name="Statistic">The figure if it is a statistic; null otherwise, or if there is none.</param>
public readonly record struct RankKey(string Token, Amount? Money, double? Statistic)
{
    /// <summary>Whether there is a figure.</summary>
    public bool HasFigure => Money is not null || Statistic is not null;

    /// <summary>The key of a token's figures.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such measure.</exception>
    public static RankKey Of(string token, in StandingFigures? figures, Measure by) => by switch
    {
        Measure.Return => new(token, null, figures?.Return),
        Measure.Pnl => new(token, figures?.Pnl, null),
        Measure.Volatility => new(token, null, figures?.Volatility),
        Measure.MaxDrawdown => new(token, null, figures?.MaxDrawdown),
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "no such measure"),
    };

    /// <summary>
    /// The order of places: the largest figure first, or if ascending the smallest; tokens without a figure last in both;
    /// equal figures by id, ordinally.
    /// </summary>
    public static IComparer<RankKey> Order(bool ascending) => ascending ? Ascending : Descending;

    private static readonly IComparer<RankKey> Ascending = Comparer<RankKey>.Create(static (x, y) => Compare(x, y, 1));
    private static readonly IComparer<RankKey> Descending = Comparer<RankKey>.Create(static (x, y) => Compare(x, y, -1));

    private static int Compare(in RankKey x, in RankKey y, int sign)
    {
        int order = (x.HasFigure, y.HasFigure) switch
        {
            (true, true) => sign * (x.Money is null ? Nullable.Compare(x.Statistic, y.Statistic) : Nullable.Compare(x.Money, y.Money)),
            (bool first, bool second) => second.CompareTo(first),
        };
        return order != 0 ? order : string.CompareOrdinal(x.Token, y.Token);
    }
}
