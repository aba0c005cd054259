using System.Data.Common;
using DuckDB.NET.Data;
using Pnl.Bench.Data;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>One live bar added to a token's history of 30 days in memory, not durable; windows can be asked at once.</summary>
internal sealed class IngestAppend : IRow
{
    private const int Tokens = 50, Days = 30, LiveBars = 200;

    public IReadOnlyList<string> Names => ["ingest.append"];

    public Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        // Histories that end in the middle of a day, and the bars that come then.
        DateTimeOffset now = new(2025, 6, 30, 4, 0, 0, TimeSpan.Zero);
        TokenBars[] whole = TokenMarket.SameDays(Tokens, now + TimeSpan.FromMinutes(5 * LiveBars), Days + 1);
        int cut = BarTime.SlotAt(now);
        (StoredToken Token, Bar[] Live)[] tokens =
        [
            .. whole.Select(token =>
            {
                int known = Array.FindIndex(token.Slots, slot => slot >= cut);
                TokenBars past = token with { Slots = token.Slots[..known], Mantissas = token.Mantissas[..known] };
                return (StoredToken.Of(past), token.ToBars()[known..]);
            }),
        ];
        int appended = tokens.Sum(token => token.Live.Length);
        double seconds = Timing.Median(() => Append(tokens)) / appended;
        double bytes = (double)Timing.Allocated(() => Append(tokens)) / appended;

        using DuckDb database = DuckDb.Open(run);
        database.LoadBars(run, whole);
        database.Execute("CREATE TEMP TABLE live AS SELECT * FROM bars"); // in memory
        const string Sql = "INSERT INTO live VALUES ($1, $2, $3)";
        run.Explain($"ingest.append, {DuckDb.Name}", Sql + " -- prepared, one transaction a bar, temporary table");
        using DbCommand insert = database.Prepare(Sql);
        DuckDBParameter token = new(0), slot = new(cut), close = new(1.0);
        insert.Parameters.AddRange(new[] { token, slot, close });
        insert.Prepare();
        (double peer, _) = Timing.Percentiles(() =>
        {
            slot.Value = (int)slot.Value! + 1;
            insert.ExecuteNonQuery();
        }, 1000);
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.Lower(
                "ingest.append", "us", seconds * 1e6, new($"{DuckDb.Name}, prepared INSERT, no statistics", peer * 1e6),
                $"{Significant.Text(bytes)} bytes allocated a bar; the tail is encoded again and its summaries are current; one core"),
        ]);
    }

    private static void Append((StoredToken Token, Bar[] Live)[] tokens)
    {
        foreach ((StoredToken token, Bar[] live) in tokens)
        {
            TokenHistory history = token.History;
            SegmentSet months = Copy(token);
            int stagger = TokenHistory.Stagger(token.Bars.Id);
            for (int i = 0; i < live.Length; i++)
            {
                HistoryChange change = history.With(live.AsSpan(i, 1), default, months, stagger);
                foreach (SealedMonth month in change.Sealed)
                {
                    months.Add(month.Summary.Month, month.Segment);
                }

                history = change.History;
            }
        }
    }

    private static SegmentSet Copy(StoredToken token)
    {
        SegmentSet copy = new();
        foreach (MonthSummary month in token.History.Months)
        {
            copy.Add(month.Month, token.Sealed[month.Month]);
        }

        return copy;
    }
}
