using Pnl.Bench.Data;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Peers;

/// <summary>The rolling windows of one token in DuckDB, by the quickest form of the query for it, checked against ours.</summary>
internal sealed class WindowsOfOneToken : IDisposable
{
    private readonly string _sql;

    private WindowsOfOneToken(DuckDb database, string form, string sql) => (Database, Name, _sql) = (database, $"{DuckDb.Name}, {form}", sql);

    /// <summary>With the table <c>bars(token, slot, close, mantissa)</c>.</summary>
    public DuckDb Database { get; }

    public string Name { get; }

    public static WindowsOfOneToken In(BenchRun run, StoredToken token)
    {
        DuckDb database = DuckDb.Open(run);
        database.LoadBars(run, [token.Bars], "token, slot, close, mantissa");
        database.Execute(WindowQueries.NewestFirst);
        (string Name, string Sql)[] forms =
        [
            ("rings", WindowQueries.Rings(WindowQueries.PartitionedSteps)), ("rings, streamed", WindowQueries.Rings(WindowQueries.StreamedSteps)),
        ];
        foreach ((string form, string text) in forms)
        {
            WindowChecks.Same([token], database.Rows(text), form);
        }

        (string name, string sql) = forms.MinBy(form => Timing.Median(() => database.Rows(form.Sql)));
        run.Explain($"windows of one token, {DuckDb.Name}, {name}", sql);
        return new(database, name, sql);
    }

    public List<double[]> Ask() => Database.Rows(_sql);

    public void Dispose() => Database.Dispose();
}
