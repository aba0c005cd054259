using CsCheck;

namespace Pnl.Tests.Core.Leaderboards;

/// <summary>How a token stands, made up: few tokens and few figures, so that ties and replacements are common.</summary>
internal sealed record AnyStanding(string Token, long Revision, long? AsOf, int StalenessSeconds, StandingFigures?[] Windows) : IStanding
{
    public const long Now = 1_700_000_000;

    private static readonly Gen<StandingFigures?> Figures =
        from returns in Gen.Int[-3, 3].Nullable()
        from pnl in Gen.Int[-3, 3].Nullable()
        from volatility in Gen.Int[0, 3].Nullable()
        from drawdown in Gen.Int[0, 3].Nullable()
        from partial in Gen.Bool
        from rest in Gen.Int[-1, 1]
        let digits = Amount.Parse("0.0000000000000000000000000000001") * rest // that no decimal holds, and that alone tell some from others
        select (StandingFigures?)new StandingFigures(returns / 2.0, pnl is { } figure ? (Amount)(figure * 1e-18m) + digits : null, volatility / 3.0, drawdown / 4.0, partial);

    /// <summary>A standing. A later revision of a token has no earlier last bar, and some tokens have no bars.</summary>
    public static Gen<AnyStanding> Any { get; } =
        from token in Gen.Int[0, 30]
        from revision in Gen.Int[1, 4]
        from staleness in Gen.Int[300, 1500]
        from figures in Figures.Array[2]
        let hasBars = token >= 3
        select new AnyStanding(
            $"t{token}", revision, hasBars ? Now - 2000 + token * 61 % 1900 + revision * 10 : null, staleness, hasBars ? figures : new StandingFigures?[2]);

    public static Gen<Ranking> AnyRanking { get; } =
        from window in Gen.Int[0, 1]
        from measure in Gen.Enum<Measure>()
        from smallestFirst in Gen.Bool
        from all in Gen.Bool
        from limit in Gen.Int[1, 40]
        select new Ranking(RollingWindow.All[window], measure, smallestFirst, all, limit);

    public StandingFigures? Over(RollingWindow window) => Windows[RollingWindow.All.IndexOf(window)];
}
