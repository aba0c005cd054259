using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Leaderboards;

/// <summary>Leaderboards, and what they must be by the answers of all tokens.</summary>
internal static class Boards
{
    public static IEnumerable<LeaderboardQuery> AllQueries { get; } =
        from window in RollingWindow.All
        from measure in Enum.GetValues<Measure>()
        from smallestFirst in (bool[])[false, true]
        from all in (bool[])[false, true]
        select new LeaderboardQuery { Window = window.Name, By = measure, Ascending = smallestFirst, IncludeAll = all, Limit = 25 };

    /// <summary>Waits until leaderboards count all that is acknowledged of the tokens.</summary>
    public static async Task<Leaderboard> SettledAsync(IPnlClient client, IReadOnlyCollection<string> tokens)
    {
        using CancellationTokenSource patience = new(Patience.Limit);
        long revision = 0;
        foreach (string token in tokens)
        {
            revision += (await client.GetTokenAsync(token, patience.Token)).Revision;
        }

        while (true)
        {
            Leaderboard board = await client.GetLeaderboardAsync(new() { Limit = 1 }, patience.Token);
            Assert.True(board.Revision <= revision, $"{board.Revision} is more than {revision}");
            if (board.Complete && board.Revision == revision)
            {
                return board;
            }
        }
    }

    /// <summary>Asserts that every leaderboard is what the tokens' own answers make, by no means of the domain's.</summary>
    public static async Task AssertRecomputedAsync(IPnlClient client, IReadOnlyCollection<string> tokens)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await SettledAsync(client, tokens);
        TokenPnl[] pnls = await Task.WhenAll(tokens.Select(token => client.GetPnlAsync(token, cancellation)));
        foreach (LeaderboardQuery query in AllQueries)
        {
            Leaderboard board = await client.GetLeaderboardAsync(query, cancellation);
            (TokenPnl Token, WindowPnl Window, double? Figure)[] counted =
            [
                .. pnls.Where(pnl => pnl.AsOf is not null).Select(pnl => (pnl, pnl.Windows[query.Window], Figure(pnl.Windows[query.Window], query.By)))
                    .Where(row => query.IncludeAll || (row.Item3 is not null && !row.pnl.Stale && !row.Item2.Partial)),
            ];
            int sign = query.Ascending ? 1 : -1;
            string[] expected =
            [
                .. counted.OrderBy(row => row.Figure is null).ThenBy(row => sign * row.Figure).ThenBy(row => row.Token.Token, StringComparer.Ordinal)
                    .Take(query.Limit).Select(row => row.Token.Token),
            ];
            Assert.Equal(expected, board.Items.Select(item => item.Token));
            Assert.Equal((counted.Length, tokens.Count, true), (board.Tokens, board.Known, board.Complete));
            Assert.Equal(pnls.Max(pnl => pnl.AsOf), board.AsOf);
            Assert.Equal(Enumerable.Range(1, expected.Length), board.Items.Select(item => item.Rank));
            foreach (LeaderboardItem item in board.Items)
            {
                TokenPnl pnl = pnls.Single(other => other.Token == item.Token);
                WindowPnl window = pnl.Windows[query.Window];
                Assert.Equal((pnl.AsOf, pnl.Rate, pnl.Stale, pnl.Quote), (item.AsOf, item.Rate, item.Stale, item.Quote));
                Assert.Equal(
                    (window.Return, window.Pnl, window.Volatility, window.MaxDrawdown, window.Partial),
                    (item.Return, item.Pnl, item.Volatility, item.MaxDrawdown, item.Partial));
            }
        }
    }

    private static double? Figure(WindowPnl window, Measure by) => by switch
    {
        Measure.Return => window.Return,
        Measure.Pnl => (double?)window.Pnl?.ToNearestDecimal(),
        Measure.Volatility => window.Volatility,
        _ => window.MaxDrawdown,
    };
}
