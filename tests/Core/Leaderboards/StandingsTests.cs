using CsCheck;

namespace Pnl.Tests.Core.Leaderboards;

/// <summary>Rankings against a plain recomputation from all standings.</summary>
public sealed class StandingsTests
{
    private const long Now = AnyStanding.Now;

    // What was told, in the order in which it arrived: of one token and revision there is one standing.
    private static readonly Gen<AnyStanding[]> Told = AnyStanding.Any.Array[0, 120]
        .Select(told => told.Select(standing => told.First(other => (other.Token, other.Revision) == (standing.Token, standing.Revision))).ToArray());

    [Fact]
    public void A_ranking_is_that_of_the_newest_standings_whatever_the_order_in_which_they_came() =>
        Gen.Select(Told, Gen.Shuffle(Enumerable.Range(0, 120).ToArray()), AnyStanding.AnyRanking, Gen.Int[0, 4000]).Sample((told, order, ranking, later) =>
        {
            Standings<AnyStanding> standings = new();
            foreach (int i in order.Where(i => i < told.Length))
            {
                standings.Put(told[i]);
                standings.Rank(ranking, Now); // what is kept of it must not be answered later
            }

            foreach (long now in (long[])[Now, Now + later])
            {
                Ranked<AnyStanding> ranked = standings.Rank(ranking, now);
                AnyStanding[] plain = Plain(told, ranking, now);
                Assert.Equal(plain.Take(ranking.Limit).Select(row => row.Token), ranked.Places.Select(row => row.Token));
                Assert.Equal(plain.Length, ranked.Counted);
            }

            AnyStanding[] newest = Newest(told);
            Assert.Equal((newest.Sum(row => row.Revision), newest.Max(row => row.AsOf), newest.Length), (standings.Revision, standings.AsOf, standings.Known));
        });

    [Fact]
    public void A_ranking_holds_until_a_rate_becomes_stale_and_not_a_second_longer() => Gen.Select(Told, AnyStanding.AnyRanking).Sample((told, ranking) =>
    {
        Standings<AnyStanding> standings = new();
        Array.ForEach(told, row => standings.Put(row));
        long until = standings.Rank(ranking, Now).ValidUntil;
        bool[] StaleAt(long now) => [.. Plain(told, ranking with { IncludeAll = true }, Now).Where(row => Plain(told, ranking, Now).Contains(row)).Select(row => now > row.AsOf + row.StalenessSeconds)];

        if (until == long.MaxValue)
        {
            Assert.DoesNotContain(false, StaleAt(Now));
            return;
        }

        Assert.Equal(StaleAt(Now), StaleAt(until));
        Assert.NotEqual(StaleAt(Now), StaleAt(until + 1));
    });

    [Fact]
    public void First_places_of_parts_make_those_of_the_whole() => Gen.Select(Told, AnyStanding.AnyRanking, Gen.Int[1, 8]).Sample((told, ranking, parts) =>
    {
        AnyStanding[] newest = Newest(told);
        RankKey Key(AnyStanding row) => RankKey.Of(row.Token, row.Over(ranking.Window), ranking.By);
        IEnumerable<AnyStanding> merged = newest.GroupBy(row => row.Token.GetHashCode(StringComparison.Ordinal) % parts).SelectMany(part => ranking.First(part, Key));

        Assert.Equal(ranking.First(newest, Key), ranking.First(merged, Key));
    });

    [Fact]
    public void The_revision_never_goes_back_while_standings_are_gathered_anew() => Told.Sample(told =>
    {
        Standings<AnyStanding> before = new(), after = new();
        Array.ForEach(told, row => before.Put(row));
        foreach (AnyStanding row in Newest(told))
        {
            after.Await(row.Token, row.Revision);
        }

        Assert.Equal((before.Revision, before.Known), (after.Revision, after.Known));
        Assert.Equal(Newest(told).Length, after.Awaited.Count);
        foreach (AnyStanding row in told)
        {
            after.Put(row);
            Assert.Equal(before.Revision, after.Revision);
        }

        Assert.Empty(after.Awaited);
    });

    [Fact]
    public void What_comes_newer_than_was_awaited_ends_the_wait_and_what_comes_older_does_not()
    {
        Standings<AnyStanding> standings = new();
        standings.Await("a", 5);
        Assert.True(standings.Put(Row("a", 4, 1)));
        Assert.Equal(["a"], standings.Awaited);
        Assert.Equal((5, 1), (standings.Revision, standings.Known));
        Assert.True(standings.Put(Row("a", 6, 1)));
        Assert.Empty(standings.Awaited);
        Assert.Equal((6, 1), (standings.Revision, standings.Known));
        standings.Await("a", 6);
        Assert.Empty(standings.Awaited);
        Assert.False(standings.Put(Row("a", 6, 2)));
        standings.Await("b", 1);
        standings.Forget("b");
        Assert.Empty(standings.Awaited);
    }

    [Fact]
    public void Equal_figures_are_ordered_by_id_in_both_directions_and_money_is_compared_exactly()
    {
        Standings<AnyStanding> standings = new();
        standings.Put(Row("b", 1, 0.1m));
        standings.Put(Row("a", 1, 0.1m));
        standings.Put(Row("c", 1, 0.1000000000000000000000000001m)); // equal as a double
        standings.Put(Row("d", 1, 0.1m, "0.10000000000000000000000000003")); // equal as a decimal
        Ranking ranking = new(RollingWindow.All[0], Measure.Pnl, Ascending: false, IncludeAll: false, 10);

        Assert.Equal(["c", "d", "a", "b"], standings.Rank(ranking, Now).Places.Select(row => row.Token));
        Assert.Equal(["a", "b", "d", "c"], standings.Rank(ranking with { Ascending = true }, Now).Places.Select(row => row.Token));
    }

    private static AnyStanding Row(string token, long revision, decimal pnl, string? digits = null) => new(token, revision, Now, 900, [new(0, digits is null ? pnl : Amount.Parse(digits), 0, 0, false), null]);

    private static AnyStanding[] Newest(AnyStanding[] told) => [.. told.GroupBy(row => row.Token).Select(rows => rows.MaxBy(row => row.Revision)!)];

    /// <summary>All rows that count, in order, by no means of the domain's.</summary>
    private static AnyStanding[] Plain(AnyStanding[] told, Ranking ranking, long now)
    {
        (AnyStanding Row, double? Figure)[] rows =
        [
            .. Newest(told).Where(row => row.AsOf is not null).Select(row => (row, row.Over(ranking.Window) is not { } figures ? null : ranking.By switch
            {
                Measure.Return => figures.Return,
                Measure.Pnl => (double?)figures.Pnl?.ToNearestDecimal(),
                Measure.Volatility => figures.Volatility,
                _ => figures.MaxDrawdown,
            })),
        ];
        rows = [.. rows.Where(row => ranking.IncludeAll || (row.Figure is not null && !row.Row.Over(ranking.Window)!.Value.Partial && now - row.Row.AsOf <= row.Row.StalenessSeconds))];
        List<(AnyStanding Row, double? Figure)> known = [.. rows.Where(row => row.Figure is not null).OrderBy(row => row.Row.Token, StringComparer.Ordinal)];
        List<(AnyStanding Row, double? Figure)> sorted = [.. ranking.Ascending ? known.OrderBy(row => row.Figure).ThenBy(row => Money(row.Row)) : known.OrderByDescending(row => row.Figure).ThenByDescending(row => Money(row.Row))];
        return [.. sorted.Concat(rows.Where(row => row.Figure is null).OrderBy(row => row.Row.Token, StringComparer.Ordinal)).Select(row => row.Row)];

        Amount Money(AnyStanding row) =>
            ranking.By != Measure.Pnl || row.Over(ranking.Window) is not { Pnl: { } pnl } ? Amount.Zero
            : pnl;
    }
}
