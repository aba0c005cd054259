using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Pnl.Rates;

/// <summary>What a repair did, one at a time.</summary>
/// <param name="Kind">As of <see cref="StoreDamage"/>.</param>
/// <param name="Name">Whose.</param>
/// <param name="Month">For a month, such as 2026-06.</param>
/// <param name="Done">What was done; null if it could not be repaired and is as it was.</param>
internal sealed record StoreMended(string Kind, string Name, string? Month, string? Done);

/// <summary>
/// Mends what <see cref="StoreCheck"/> finds where what was written can be told for certain: one bit by trying, a summary
/// from its bars, bars from the landing, what follows from other rows from those. Each in a transaction of its own. The rest is
/// left as it is, or, where that is asked for, deleted, and then no longer covered.
/// </summary>
internal sealed class StoreRepair
{
    private readonly SqliteDatabase _database;
    private readonly ILanding? _landing;
    private readonly bool _deletes;
    private readonly Action<string>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly List<StoreMended> _mended = [];
    private string _at = "";

    private StoreRepair(SqliteDatabase database, ILanding? landing, bool deletes, Action<string>? progress, CancellationToken cancellation) =>
        (_database, _landing, _deletes, _progress, _cancellation) = (database, landing, deletes, progress, cancellation);

    /// <summary>Repairs the store of a folder, which no process may have open.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="landing">What was landed; null without.</param>
    /// <param name="deletes">Whether what cannot be repaired is deleted.</param>
    /// <param name="progress">Told often what it is at.</param>
    /// <param name="cancellation">Ends it; what was repaired by then stays so.</param>
    /// <exception cref="IOException">Another process has the folder open, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is of a later version, or no database.</exception>
    public static async Task<IReadOnlyList<StoreMended>> RunAsync(string folder, ILanding? landing, bool deletes, Action<string>? progress, CancellationToken cancellation)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(folder);
        await using (new SqliteSegmentStore(database))
        {
            _ = new SqlitePortfolioStore(database);
            StoreRepair repair = new(database, landing, deletes, progress, cancellation);
            await repair.WriteAsync(connection =>
            {
                if (SummedTable.State.Exists(connection))
                {
                    SummedTable.State.Upgrade(connection);
                }
            });
            foreach (SummedTable table in SummedTable.All)
            {
                await repair.RowsAsync(table);
            }

            await repair.EntriesAsync();
            await repair.MonthsAsync();
            return repair._mended;
        }
    }

    private async Task WriteAsync(Action<SqliteConnection> write) => await _database.WriteAsync(write, 0);

    private void Tell(string kind, string name, string? done, int? month = null) => _mended.Add(new(kind, name, month is { } number ? StoredMonth.Text(number) : null, done));

    /// <summary>Tells that it goes on; ends it if that was asked for.</summary>
    private void Go()
    {
        _cancellation.ThrowIfCancellationRequested();
        _progress?.Invoke(_at);
    }

    private void Go(string at)
    {
        _at = at;
        Go();
    }

    private async Task RowsAsync(SummedTable table)
    {
        Go($"{table.Name}: reading");
        List<SummedTable.Row> damaged = [];
        Dictionary<long, SummedTable.Row> portfolios = [];
        using (SqliteConnection reader = _database.OpenReader())
        {
            if (!table.Exists(reader))
            {
                return;
            }

            damaged.AddRange(table.Rows(reader).Where(row =>
            {
                Go();
                return row.Damaged.Any();
            }));
            if (table == SummedTable.Entry)
            {
                portfolios = SummedTable.Portfolio.Rows(reader).ToDictionary(row => (long)row["number"]!);
            }
        }

        foreach ((int i, SummedTable.Row row) in damaged.Index())
        {
            (string kind, string name) = (StoreCheck.KindOf(table), StoreCheck.NameOf(row, portfolios));
            Go($"{kind} {name}: damaged row {i + 1} of {damaged.Count}");
            Dictionary<string, object?> mended = [];
            if (row.Damaged.ToList().TrueForAll(sum => Mend(row, sum, mended)) && await TryWriteAsync(connection => table.Write(connection, row, mended.Select(column => (column.Key, column.Value)))))
            {
                Tell(kind, name, $"{string.Join(", ", mended.Keys)} restored");
            }
            else if (table == SummedTable.Renewal)
            {
                await WriteAsync(connection => table.Delete(connection, row));
                Tell(kind, name, "it begins anew");
            }
            else if (_deletes)
            {
                await WriteAsync(connection => Delete(connection, table, row));
                Tell(kind, name, "deleted");
            }
            else
            {
                Tell(kind, name, null);
            }
        }
    }

    private async Task<bool> TryWriteAsync(Action<SqliteConnection> write)
    {
        try
        {
            await WriteAsync(write);
            return true;
        }
        catch (IOException e) when (e.InnerException is SqliteException { SqliteErrorCode: 19 }) // the restored name is taken
        {
            return false;
        }
    }

    /// <summary>Finds what the columns of a checksum were; false if it cannot be told.</summary>
    private bool Mend(SummedTable.Row row, SummedTable.Sum sum, Dictionary<string, object?> mended)
    {
        object?[] values = [.. sum.Of.Select(column => mended.GetValueOrDefault(column, row[column]))];
        long computed = row.Table.Of(sum, values);
        if (row[sum.Column] is not long stored)
        {
            return false;
        }

        if (computed == stored || System.Numerics.BitOperations.PopCount((ulong)(computed ^ stored)) == 1)
        {
            mended[sum.Column] = computed; // the checksum itself, or what another checksum of the row has restored
            return true;
        }

        if (Derived(row, sum, values) is { } derived && row.Table.Of(sum, derived) == stored || (derived = OneBit.Restore(of => row.Table.Of(sum, of), Raw(row, sum, values), stored, Go)) is not null)
        {
            for (int i = 0; i < values.Length; i++)
            {
                if (!Equals(row[sum.Of[i]], derived[i]))
                {
                    mended[sum.Of[i]] = derived[i];
                }
            }

            return true;
        }

        return false;
    }

    /// <summary>The values with those in place that follow from other rows; null if there are none.</summary>
    private object?[]? Derived(SummedTable.Row row, SummedTable.Sum sum, object?[] values)
    {
        object?[] derived = [.. values];
        void Put(string column, object? value) => derived[Array.IndexOf(sum.Of, column)] = value;
        if (row.Table == SummedTable.Token && sum.Column == "sum" && row["number"] is long number && Life(row, number) is { } life)
        {
            (object? first, object? last) = life.IsEmpty ? (null, null) : ((object?)(long)life.FirstSlot, (object?)(long)life.LastSlot);
            Put("first_slot", first);
            Put("last_slot", last);
            Put("bars", (long)life.Count);
            return derived;
        }

        if (row.Table == SummedTable.Token && sum.Column == "registration_sum" && row["registration"] is string json && row["id"] is string id)
        {
            try
            {
                TokenRegistration registration = StoredJson.Read<TokenRegistration>(json, id);
                Put("search", $"{id}\n{registration.Symbol}\n{registration.Name}".ToLowerInvariant());
                return derived;
            }
            catch (Exception e) when (e is InvalidDataException or LaterReleaseException)
            {
                return null;
            }
        }

        if (row.Table == SummedTable.Portfolio && row["number"] is long portfolio)
        {
            using SqliteConnection reader = _database.OpenReader();
            Put("entries", Entries(reader, portfolio));
            return derived;
        }

        return null;
    }

    /// <summary>The values with text as its bytes, as far as the row can be found by its key.</summary>
    private object?[] Raw(SummedTable.Row row, SummedTable.Sum sum, object?[] values)
    {
        using SqliteConnection reader = _database.OpenReader();
        using SqliteCommand command = reader.CreateCommand();
        foreach (string column in row.Table.Key)
        {
            command.Parameters.AddWithValue($"$k_{column}", row[column] ?? DBNull.Value);
        }

#pragma warning disable CA2100 // only names of columns
        command.CommandText = $"SELECT {string.Join(", ", sum.Of.Select(column => $"CAST({column} AS BLOB)"))} FROM {row.Table.Name} WHERE {string.Join(" AND ", row.Table.Key.Select(column => $"{column} = $k_{column}"))}";
#pragma warning restore CA2100
        using SqliteDataReader bytes = command.ExecuteReader();
        bool isFound = bytes.Read();
        return [.. values.Select((value, i) => value is not string text ? value
            : new OneBit.RawText(isFound && bytes.GetValue(i) is byte[] raw ? raw : System.Text.Encoding.UTF8.GetBytes(text)))];
    }

    /// <summary>What all the months and the open days of a token come to; null if that cannot be told.</summary>
    private RateSummary? Life(SummedTable.Row row, long number)
    {
        try
        {
            using SqliteConnection reader = _database.OpenReader();
            RateSummary life = default;
            foreach ((long key, byte[] summary, byte[] bars) in StoreCheck.Months(reader, StoredMonth.KeyOf(number, 0), StoredMonth.KeyOf(number + 1, 0) - 1))
            {
                if (StoreCheck.Faults(key, summary, bars, out MonthSummary? month, out _).Count > 0 && month is null)
                {
                    return null;
                }

                life += month!.Value.Summary;
            }

            return row["tail"] is byte[] tail ? life + Segment.Open(tail, "open days").Summary() : life;
        }
        catch (Exception e) when (e is SegmentCorruptException or LaterReleaseException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private static long Entries(SqliteConnection connection, long portfolio) =>
        SummedTable.Entry.Rows(connection, $"WHERE portfolio = {portfolio}").Aggregate(0L, (all, row) => all ^ (row["sum"] as long? ?? 0));

    private static void Delete(SqliteConnection connection, SummedTable table, SummedTable.Row row)
    {
        table.Delete(connection, row);
        if (table == SummedTable.Token)
        {
            Execute(connection, "DELETE FROM month WHERE key BETWEEN $from AND $to", ("$from", StoredMonth.KeyOf((long)row["number"]!, 0)), ("$to", StoredMonth.KeyOf((long)row["number"]! + 1, 0) - 1));
        }
        else if (table == SummedTable.Portfolio)
        {
            Execute(connection, "DELETE FROM ledger_entry WHERE portfolio = $number", ("$number", row["number"]));
        }
    }

    /// <summary>Portfolios whose entries are not those that were written: what is missing cannot be had back.</summary>
    private async Task EntriesAsync()
    {
        List<SummedTable.Row> damaged = [];
        HashSet<long> known = [];
        Go("portfolios: comparing with their entries");
        using (SqliteConnection reader = _database.OpenReader())
        {
            foreach (SummedTable.Row row in SummedTable.Portfolio.Rows(reader).ToList())
            {
                Go();
                known.Add((long)row["number"]!);
                if (!row.Damaged.Any() && (long)row["entries"]! != Entries(reader, (long)row["number"]!))
                {
                    damaged.Add(row);
                }
            }

            foreach (SummedTable.Row orphan in SummedTable.Entry.Rows(reader).Where(row => !known.Contains((long)row["portfolio"]!)).ToList())
            {
                Tell("entry", $"portfolio number {orphan.Name("portfolio")} {orphan.Name("id")}", _deletes ? "deleted" : null);
                if (_deletes)
                {
                    await WriteAsync(connection => SummedTable.Entry.Delete(connection, orphan));
                }
            }
        }

        foreach (SummedTable.Row row in damaged)
        {
            if (_deletes)
            {
                await WriteAsync(connection =>
                {
                    // The revision grows, since the ledger is another than the one that was answered.
                    (row["entries"], row["revision"]) = (Entries(connection, (long)row["number"]!), (long)row["revision"]! + 1);
                    Put(connection, row, "entries", "revision");
                });
            }

            Tell("portfolio", row.Name("id"), _deletes ? "goes on without the entries that are missing" : null);
        }
    }

    private static void Put(SqliteConnection connection, SummedTable.Row row, params string[] columns)
    {
        SummedTable.Sum sum = row.Table.Sums[^1];
        row[sum.Column] = row.Computed(sum);
        row.Table.Write(connection, row, [.. columns.Select(column => (column, row[column])), (sum.Column, row[sum.Column])]);
    }

    private async Task MonthsAsync()
    {
        long read = 0;
        List<(long Key, byte[] Summary, byte[] Bars)> damaged = [];
        Dictionary<long, SummedTable.Row> tokens;
        using (SqliteConnection reader = _database.OpenReader())
        {
            tokens = SummedTable.Token.Rows(reader).ToDictionary(row => (long)row["number"]!);
            damaged.AddRange(StoreCheck.Months(reader).Where(month =>
            {
                Go($"months: {++read} read");
                return StoreCheck.Faults(month.Key, month.Summary, month.Bars, out _, out _).Count > 0 || !tokens.ContainsKey(StoredMonth.NumberOf(month.Key));
            }));
        }

        foreach ((int i, (long key, byte[] summary, byte[] bars)) in damaged.Index())
        {
            int month = StoredMonth.MonthOf(key);
            SummedTable.Row? row = tokens.GetValueOrDefault(StoredMonth.NumberOf(key));
            string name = row?.Name("id") ?? $"number {StoredMonth.NumberOf(key)}";
            Go($"month {StoredMonth.Text(month)} of {name}: damaged month {i + 1} of {damaged.Count}");
            if (await MendAsync(key, summary, bars, row, tokens) is { } done)
            {
                Tell("month", name, done, month);
            }
            else
            {
                if (_deletes)
                {
                    await WriteAsync(connection => Execute(connection, "DELETE FROM month WHERE key = $key", ("$key", key)));
                }

                Tell("month", name, _deletes ? "deleted" : null, month);
            }
        }

        foreach (SummedTable.Row row in tokens.Values.Where(row => !row.Damaged.Any()))
        {
            Go($"token {row.Name("id")}: comparing with its months");
            if (Life(row, (long)row["number"]!) is { } life && !IsLife(row, life))
            {
                if (_deletes)
                {
                    await WriteAsync(connection => Uncover(connection, row, life));
                }

                Tell("token", row.Name("id"), _deletes ? "goes on without the months that are missing, which are no longer covered" : null);
            }
        }
    }

    private static bool IsLife(SummedTable.Row row, RateSummary life) => (long)row["bars"]! == life.Count
        && (life.IsEmpty || row["first_slot"] is long first && first == life.FirstSlot && row["last_slot"] is long last && last == life.LastSlot);

    /// <summary>What was done for a month; null if nothing could be.</summary>
    private async Task<string?> MendAsync(long key, byte[] summary, byte[] bars, SummedTable.Row? row, Dictionary<long, SummedTable.Row> tokens)
    {
        int month = StoredMonth.MonthOf(key);
        bool holds = StoredMonth.Holds(key, summary);
        if (!holds && summary.Length == StoredMonth.Length)
        {
            if (KeyOf(summary, key) is { } real && tokens.ContainsKey(StoredMonth.NumberOf(real))
                && await TryWriteAsync(connection => Execute(connection, "UPDATE month SET key = $real WHERE key = $key", ("$key", key), ("$real", real))))
            {
                return $"it is {StoredMonth.NameOf(StoredMonth.MonthOf(real), tokens[StoredMonth.NumberOf(real)].Name("id"))}: its key is restored";
            }

            byte[] tried = [.. summary];
            if (Restored(tried, key))
            {
                await WriteAsync(connection => Execute(connection, "UPDATE month SET summary = $summary WHERE key = $key", ("$key", key), ("$summary", tried)));
                if (StoreCheck.Faults(key, tried, bars, out _, out _).Count == 0)
                {
                    return "the summary is restored";
                }

                (summary, holds) = (tried, true);
            }
        }

        if (row is null)
        {
            return null;
        }

        // A summary that does not hold says nothing of the bars: they must come to what the token's row says of all of them.
        if (!holds && Open(bars, month) is { } own && await AgreesAsync(key, row, own))
        {
            return await PutAsync(key, month, own, "the summary is made anew from the bars");
        }

        byte[] restored = [.. bars];
        if (holds && OneBit.Restore(restored, BinaryPrimitives.ReadUInt64LittleEndian(summary.AsSpan(MonthSummary.StoredLength)), Go) && Open(restored, month) is { } mended)
        {
            return await PutAsync(key, month, mended, "the bars are restored");
        }

        if (_landing is not null)
        {
            MonthSummary? known = holds ? StoredMonth.Summary(month, summary) : null;
            foreach (Segment landed in await LandedMonth.ReadAsync(_landing, row.Name("id"), month, known?.Summary, _cancellation))
            {
                if (holds ? StoredMonth.IsOf(summary, landed.Bytes.Span) || landed.Summary() == known!.Value.Summary : await AgreesAsync(key, row, landed))
                {
                    return await PutAsync(key, month, landed, "the bars are taken from the landing");
                }
            }
        }

        return null;
    }

    private async Task<string> PutAsync(long key, int month, Segment segment, string done)
    {
        byte[] bytes = segment.Bytes.ToArray();
        await WriteAsync(connection => Execute(
            connection, "UPDATE month SET summary = $summary, bars = $bars WHERE key = $key", ("$key", key), ("$summary", StoredMonth.Store(key, new(month, segment.Summary()), bytes)), ("$bars", bytes)));
        return done;
    }

    /// <summary>Whether a month with the token's others comes to what its row says.</summary>
    private Task<bool> AgreesAsync(long key, SummedTable.Row row, Segment segment)
    {
        if (row.Damaged.Any())
        {
            return Task.FromResult(false);
        }

        using SqliteConnection reader = _database.OpenReader();
        (long number, long count, RateSummary own) = (StoredMonth.NumberOf(key), 0, segment.Summary());
        count = own.Count;
        foreach ((long at, byte[] summary, byte[] bars) in StoreCheck.Months(reader, StoredMonth.KeyOf(number, 0), StoredMonth.KeyOf(number + 1, 0) - 1))
        {
            if (at != key)
            {
                StoreCheck.Faults(at, summary, bars, out MonthSummary? month, out _);
                count += month?.Summary.Count ?? 0;
            }
        }

        count += row["tail"] is byte[] tail ? Segment.Open(tail, "open days").Summary().Count : 0;
        return Task.FromResult(row["bars"] is long all && all == count && own.FirstSlot >= (row["first_slot"] as long? ?? 0) && own.LastSlot <= (row["last_slot"] as long? ?? 0));
    }

    /// <summary>The key of which a summary is, but for one bit; null if there is none.</summary>
    private static long? KeyOf(byte[] summary, long key)
    {
        for (int bit = 0; bit < 63; bit++)
        {
            if (StoredMonth.Holds(key ^ (1L << bit), summary))
            {
                return key ^ (1L << bit);
            }
        }

        return null;
    }

    private static bool Restored(byte[] summary, long key)
    {
        for (int bit = 0; bit < summary.Length * 8; bit++)
        {
            summary[bit / 8] ^= (byte)(1 << bit % 8);
            if (StoredMonth.Holds(key, summary))
            {
                return true;
            }

            summary[bit / 8] ^= (byte)(1 << bit % 8);
        }

        return false;
    }

    private static Segment? Open(byte[] bars, int month)
    {
        try
        {
            return Segment.Open(bars, "the bars") is var segment && segment.BaseDay == BarTime.FirstDayOfMonth(month) && segment.Recompute() == segment.Summary() ? segment : null;
        }
        catch (Exception e) when (e is SegmentCorruptException or LaterReleaseException)
        {
            return null;
        }
    }

    /// <summary>Says of a token what is left of it, and covers none of the months that it has no bars of.</summary>
    private static void Uncover(SqliteConnection connection, SummedTable.Row row, RateSummary life)
    {
        CoverageBytes.Known known = CoverageBytes.Read((byte[])row["coverage"]!, "coverage");
        Segment? tail = row["tail"] is byte[] bytes ? Segment.Open(bytes, "open days") : null;
        HashSet<int> months = [.. StoreCheck.Months(connection, StoredMonth.KeyOf((long)row["number"]!, 0), StoredMonth.KeyOf((long)row["number"]! + 1, 0) - 1).Select(month => StoredMonth.MonthOf(month.Key))];
        (Coverage fine, Coverage coarse) = (Coverage.None, Coverage.None);
        foreach (int month in Enumerable.Range(0, BarTime.MonthOfDay(tail is { DayCount: > 0 } ? tail.BaseDay : 0) + 1).Where(month => months.Contains(month)))
        {
            SlotRange of = new(BarTime.FirstSlotOfMonth(month), BarTime.FirstSlotOfMonth(month + 1));
            fine = fine.Union(Coverage.Of(known.Coverage.Within(of)));
            coarse = coarse.Union(Coverage.Of(known.Coarse.Coverage.Within(of)));
        }

        if (tail is { DayCount: > 0 })
        {
            SlotRange open = new(BarTime.FirstSlotOfDay(tail.BaseDay), int.MaxValue);
            fine = fine.Union(Coverage.Of(known.Coverage.Within(open)));
            coarse = coarse.Union(Coverage.Of(known.Coarse.Coverage.Within(open)));
        }

        TokenHistory left = TokenHistory.Restore([], null, fine, CoarseBars.Of(known.Coarse.Runs, coarse));
        row["coverage"] = CoverageBytes.Of(left, known.Conversions, known.Receipts);
        (row["bars"], row["revision"]) = ((long)life.Count, (long)row["revision"]! + 1);
        (row["first_slot"], row["last_slot"]) = life.IsEmpty ? (null, null) : ((object?)(long)life.FirstSlot, (object?)(long)life.LastSlot);
        Put(connection, row, "coverage", "bars", "revision", "first_slot", "last_slot");
    }

    private static void Execute(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object? value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }
}
