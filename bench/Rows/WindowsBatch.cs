using Pnl.Bench.Data;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>
/// All statistics of the nine rolling windows of all tokens on two cores, from compressed segments; the peers start from
/// their own tables. Bars of the histories over seconds.
/// </summary>
internal sealed class WindowsBatch : IRow
{
    private const int Tokens = 200, Days = 30, Cores = 2, PostgresTokens = 50;

    public IReadOnlyList<string> Names => ["windows.batch"];

    public Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        List<TokenBars> bars = [.. TokenMarket.SameDays(Tokens, new DateTimeOffset(2025, 6, 30, 17, 0, 0, TimeSpan.Zero), Days)];
        TokenBars? bitcoin = RealMarket.ReadOne("bitfinex", "BTC-USD");
        if (bitcoin is not null)
        {
            bars.Insert(0, bitcoin); // first, so that the long one does not begin last
        }

        string data = $"{Tokens} tokens x {Days} days" + (bitcoin is null ? "; BTC " + RealMarket.Absent : " and BTC-USD 2013-2017");
        double count = bars.Sum(token => (long)token.Count) / 1e6;
        StoredToken[] tokens = [.. bars.Select(StoredToken.Of)];

        List<Rival> rivals = [];
        using (DuckDb database = DuckDb.Open(run))
        {
            database.LoadBars(run, bars, "token, slot, close, mantissa");
            database.Execute(WindowQueries.NewestFirst);
            foreach ((string name, string sql) in new[]
            {
                ("staged, ASOF", WindowQueries.Staged),
                ("rings", WindowQueries.Rings(WindowQueries.PartitionedSteps)),
                ("rings, frame ahead", WindowQueries.Rings(WindowQueries.AheadSteps)),
                ("rings, streamed", WindowQueries.Rings(WindowQueries.StreamedSteps)),
            })
            {
                WindowChecks.Same(tokens, database.Rows(sql), name);
                run.Explain($"windows.batch, {DuckDb.Name}, {name}", sql);
                rivals.Add(new($"{DuckDb.Name}, {name}", count / Timing.Median(() => database.Rows(sql))));
                BenchRun.Log(rivals[^1].ToString());
            }
        }

        string postgres = PostgreSql(run, tokens, rivals);
        double refold = count / Timing.Median(() => All(tokens, token => RefoldedWindows.Of(token)));
        double answer = count / Timing.Median(() => All(tokens, token => token.History.RollingWindows(token.Sealed)));
        Rival staged = rivals[0], best = rivals.MaxBy(rival => rival.Value)!;
        string others = string.Join(", ", rivals.Where(rival => rival != best));
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.Higher(
                "windows.batch", "M bars/s on 2 cores", refold, best,
                $"{data}; every bar decoded and folded again; others: {others}{postgres}; target at least 40, and 100 times DuckDB staged"
                + $" ({Significant.Text(refold / staged.Value)} times the staged form)"),
            Figure.Higher(
                "windows.batch.summaries", "M bars/s on 2 cores", answer, best,
                $"{data}; as the engine answers: summaries of months and days, bars only where a window cuts a day"),
        ]);
    }

    /// <summary>On some of the tokens, since it is slow; returns what there is to note.</summary>
    private static string PostgreSql(BenchRun run, StoredToken[] tokens, List<Rival> rivals)
    {
        using Postgres? server = Postgres.Start();
        if (server is null)
        {
            return "; PostgreSQL is not installed, left out";
        }

        StoredToken[] some = [.. tokens.TakeLast(PostgresTokens)];
        server.LoadBars([.. some.Select(token => token.Bars)]);
        WindowChecks.Same(some, server.Rows(WindowQueries.PostgresRings), server.Name);
        run.Explain($"windows.batch, {server.Name}", WindowQueries.PostgresRings);
        rivals.Add(new($"{server.Name}, rings", some.Sum(token => (long)token.Bars.Count) / 1e6 / Timing.Median(() => server.Rows(WindowQueries.PostgresRings))));
        BenchRun.Log(rivals[^1].ToString());
        return $" (PostgreSQL on {PostgresTokens} of the tokens)";
    }

    private static void All<T>(StoredToken[] tokens, Func<StoredToken, T> work)
    {
        int next = -1;
        Parallel.For(0, Cores, new ParallelOptions { MaxDegreeOfParallelism = Cores }, _ =>
        {
            for (int i = Interlocked.Increment(ref next); i < tokens.Length; i = Interlocked.Increment(ref next))
            {
                work(tokens[i]);
            }
        });
    }
}
