using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>What is damaged in a store.</summary>
/// <param name="Kind">What it is: <c>file</c>, <c>token</c>, <c>month</c>, <c>portfolio</c>, <c>entry</c>, or the name of another table.</param>
/// <param name="Name">Whose: the token's id, the portfolio's with the entry behind a blank, or what else names a row.</param>
/// <param name="Month">For <c>month</c>, such as 2026-06.</param>
/// <param name="What">What does not hold.</param>
internal sealed record StoreDamage(string Kind, string Name, string? Month, string What);

/// <summary>What a check has looked at.</summary>
internal sealed class StoreCheckResult
{
    /// <summary>All that is damaged.</summary>
    public List<StoreDamage> Damages { get; } = [];

    /// <summary>Tokens, and rows of their listings.</summary>
    public int Tokens { get; set; }

    /// <summary>Sealed months.</summary>
    public long Months { get; set; }

    /// <summary>Bars in all of them, decoded.</summary>
    public long Bars { get; set; }

    /// <summary>Other rows.</summary>
    public long Rows { get; set; }

    /// <summary>Months of an earlier release, whose summaries have no checksum yet.</summary>
    public long Unsummed { get; set; }

    /// <summary>Tables of an earlier release, that have no checksums yet.</summary>
    public List<string> UnsummedTables { get; } = [];
}

/// <summary>
/// Reads all of a store: every page, every checksum, every bar, and whether rows that name each other agree. It writes
/// nothing and may run beside the server, of which it sees one moment.
/// </summary>
internal static class StoreCheck
{
    /// <summary>Checks the database of a folder.</summary>
    /// <param name="folder">A data folder or a backup: it holds <c>bars.db</c>.</param>
    /// <param name="progress">Told now and then what it is at.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="FileNotFoundException">There is no <c>bars.db</c>.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static StoreCheckResult Run(string folder, Action<string>? progress, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, "bars.db");
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"there is no bars.db in {Path.GetFullPath(folder)}: name a data folder or a backup", path);
        }

        StoreCheckResult result = new();
        try
        {
            using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            SqliteDatabase.Run(connection, "PRAGMA busy_timeout=10000; PRAGMA cache_size=-16000; BEGIN");
            Read(connection, result, progress ?? (_ => { }), cancellation);
        }
        catch (SqliteException e)
        {
            result.Damages.Add(new("file", path, null, e.Message));
        }

        return result;
    }

    private static void Read(SqliteConnection connection, StoreCheckResult result, Action<string> progress, CancellationToken cancellation)
    {
        foreach (string line in PageCheck.Run(connection, "integrity_check(20)", part => progress(string.Create(CultureInfo.InvariantCulture, $"pages: {(int)(100 * part)} %")), cancellation))
        {
            result.Damages.Add(new("file", "bars.db", null, line));
        }

        Dictionary<long, SummedTable.Row> tokens = [], portfolios = [];
        Dictionary<long, long> entries = [];
        foreach (SummedTable table in SummedTable.All.Where(table => table.Exists(connection)))
        {
            cancellation.ThrowIfCancellationRequested();
            bool isSummed = table.IsThere(connection);
            if (!isSummed)
            {
                result.UnsummedTables.Add(table.Name);
            }

            try
            {
                foreach (SummedTable.Row row in isSummed || table != SummedTable.Portfolio ? table.Rows(connection) : []) // without checksums a portfolio has none of its entries either
                {
                    if (++result.Rows % 1000 == 0)
                    {
                        progress($"{table.Name}: {result.Rows} rows");
                    }

                    foreach (SummedTable.Sum sum in row.Damaged)
                    {
                        result.Damages.Add(new(KindOf(table), NameOf(row, portfolios), null, $"the checksum over {string.Join(", ", sum.Of)} does not hold"));
                    }

                    if (table == SummedTable.Token)
                    {
                        (tokens[(long)row["number"]!], result.Tokens) = (row, result.Tokens + 1);
                        if (row["tail"] is byte[] tail && Fault(() => Whole(Segment.Open(tail, "open days"))) is { } fault)
                        {
                            result.Damages.Add(new("token", row.Name("id"), null, fault));
                        }
                    }
                    else if (table == SummedTable.Portfolio)
                    {
                        portfolios[(long)row["number"]!] = row;
                    }
                    else if (table == SummedTable.Entry && isSummed && row["portfolio"] is long portfolio)
                    {
                        entries[portfolio] = entries.GetValueOrDefault(portfolio) ^ (row["sum"] as long? ?? 0);
                    }
                }
            }
            catch (SqliteException e)
            {
                result.Damages.Add(new("file", table.Name, null, $"the table cannot be read: {e.Message}"));
            }
        }

        foreach ((long number, long sum) in entries)
        {
            if (!portfolios.ContainsKey(number))
            {
                result.Damages.Add(new("entry", $"portfolio number {number}", null, "there are entries of a portfolio that is not there"));
            }
        }

        foreach ((long number, SummedTable.Row portfolio) in portfolios.Where(each => !(each.Value["entries"] is long known && known == entries.GetValueOrDefault(each.Key))))
        {
            result.Damages.Add(new("portfolio", portfolio.Name("id"), null, "its entries are not those that were written: one is missing or damaged"));
        }

        if (tokens.Count > 0 || result.Tokens == 0)
        {
            ReadMonths(connection, tokens, result, progress, cancellation);
        }
    }

    private static void ReadMonths(SqliteConnection connection, Dictionary<long, SummedTable.Row> tokens, StoreCheckResult result, Action<string> progress, CancellationToken cancellation)
    {
        Dictionary<long, RateSummary> lives = [];
        HashSet<long> suspects = []; // tokens of which a month is named already
        try
        {
            foreach ((long key, byte[] summary, byte[] bars) in Months(connection))
            {
                cancellation.ThrowIfCancellationRequested();
                if (++result.Months % 1000 == 0)
                {
                    progress($"months: {result.Months}, bars: {result.Bars}");
                }

                (long number, int month) = (StoredMonth.NumberOf(key), StoredMonth.MonthOf(key));
                string token = tokens.TryGetValue(number, out SummedTable.Row? row) ? row.Name("id") : $"number {number}";
                result.Unsummed += summary.Length < StoredMonth.Length ? 1 : 0;
                List<string> faults = Faults(key, summary, bars, out MonthSummary? known, out long count);
                result.Bars += count;
                if (row is null)
                {
                    faults.Add("there is no such token");
                }

                foreach (string fault in faults)
                {
                    suspects.Add(number);
                    result.Damages.Add(new("month", token, StoredMonth.Text(month), fault));
                }

                if (known is { } whole && row is not null)
                {
                    lives[number] = lives.GetValueOrDefault(number) + whole.Summary;
                }
            }
        }
        catch (SqliteException e)
        {
            result.Damages.Add(new("file", "month", null, $"the table cannot be read: {e.Message}"));
            return;
        }

        foreach ((long number, SummedTable.Row row) in tokens.Where(token => !suspects.Contains(token.Key)))
        {
            RateSummary life = lives.GetValueOrDefault(number);
            if (Fault(() => Check(row, life)) is { } fault)
            {
                result.Damages.Add(new("token", row.Name("id"), null, fault));
            }
        }
    }

    /// <summary>What does not hold of a month's row.</summary>
    /// <param name="key">Key.</param>
    /// <param name="summary">As stored.</param>
    /// <param name="bars">As stored.</param>
    /// <param name="known">Its summary, if it can be told.</param>
    /// <param name="count">How many bars were decoded.</param>
    public static List<string> Faults(long key, byte[] summary, byte[] bars, out MonthSummary? known, out long count)
    {
        List<string> faults = [];
        (known, count) = (null, 0);
        int month = StoredMonth.MonthOf(key);
        Segment? segment = null;
        if (Fault(() =>
        {
            segment = Segment.Open(bars, "the bars");
            Whole(segment);
            if (segment.BaseDay != BarTime.FirstDayOfMonth(month))
            {
                segment = null;
                throw new SegmentCorruptException("the bars are of another month");
            }
        }) is { } fault)
        {
            faults.Add(fault);
            segment = null;
        }

        if (summary.Length == StoredMonth.Length ? !StoredMonth.Holds(key, summary) : summary.Length is not (MonthSummary.StoredLength or MonthSummary.FirstVersionLength))
        {
            faults.Add("the checksum of the summary does not hold");
        }
        else
        {
            known = summary.Length == StoredMonth.Length ? StoredMonth.Summary(month, summary)
                : summary.Length == MonthSummary.StoredLength ? MonthSummary.Restore(month, summary)
                : segment is null ? null : new(month, segment.Summary());
            if (segment is not null && summary.Length == StoredMonth.Length && !StoredMonth.IsOf(summary, bars))
            {
                faults.Add("the bars are not those that its summary is of");
            }
            else if (segment is not null && known is { } told && told.Summary != segment.Summary())
            {
                faults.Add("the summary is not that of the bars");
            }
        }

        known ??= segment is null ? null : new(month, segment.Summary());
        count = segment?.Summary().Count ?? 0;
        return faults;
    }

    /// <summary>The months' rows by token and month.</summary>
    public static IEnumerable<(long Key, byte[] Summary, byte[] Bars)> Months(SqliteConnection connection, long from = long.MinValue, long to = long.MaxValue)
    {
        using SqliteCommand exists = connection.CreateCommand();
        exists.CommandText = "SELECT count(*) FROM pragma_table_info('month')";
        if ((long)exists.ExecuteScalar()! == 0)
        {
            yield break;
        }

        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT key, summary, bars FROM month WHERE key BETWEEN $from AND $to ORDER BY key";
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$to", to);
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            yield return (row.GetInt64(0), row.GetValue(1) as byte[] ?? [], row.GetValue(2) as byte[] ?? []);
        }
    }

    /// <summary>What names a row, for people.</summary>
    public static string NameOf(SummedTable.Row row, IReadOnlyDictionary<long, SummedTable.Row> portfolios) => row.Table.Name switch
    {
        "token" or "portfolio" or "deleted_portfolio" => row.Name("id"),
        "ledger_entry" => $"{(row["portfolio"] is long number && portfolios.TryGetValue(number, out SummedTable.Row? portfolio) ? portfolio.Name("id") : $"portfolio number {row.Name("portfolio")}")} {row.Name("id")}",
        _ => string.Join(" ", row.Table.Key.Select(row.Name)),
    };

    /// <summary>What a table's rows are, for people.</summary>
    public static string KindOf(SummedTable table) => table == SummedTable.Entry ? "entry" : table.Name;

    /// <summary>The life of a token must be what its row says.</summary>
    private static void Check(SummedTable.Row row, RateSummary months)
    {
        RateSummary open = row["tail"] is byte[] tail ? Segment.Open(tail, "open days").Summary() : default;
        RateSummary life = months + open;
        if (!(row["bars"] is long bars && bars == life.Count) || !life.IsEmpty && !(row["first_slot"] is long first && first == life.FirstSlot && row["last_slot"] is long last && last == life.LastSlot))
        {
            throw new SegmentCorruptException($"its months and open days hold {life.Count} bars, its row says {row["bars"]}: a month is missing, or first and last bar are others");
        }
    }

    private static void Whole(Segment segment)
    {
        if (segment.Recompute() != segment.Summary())
        {
            throw new SegmentCorruptException("the sums of days are not those of their bars");
        }
    }

    private static string? Fault(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (Exception e) when (e is SegmentCorruptException or LaterReleaseException or InvalidDataException or OverflowException or ArgumentException)
        {
            return e.Message;
        }
    }
}
