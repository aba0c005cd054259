using System.Globalization;
using Microsoft.Data.Sqlite;
using Orleans;
using Orleans.Runtime;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>A small store with a row of each kind, to be damaged and asked for everything.</summary>
internal sealed class DamagedStore : IDisposable
{
    private static readonly GrainId Keys = GrainId.Create("api-keys", "all"), Other = GrainId.Create("backfills", "all");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-damage-");
    private byte[] _whole = [];
    private string _id = "";

    public string Folder => _folder.FullName;

    public string File => Path.Combine(Folder, "bars.db");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<DamagedStore> NewAsync()
    {
        DamagedStore made = new();
        await using (SqliteDatabase database = SqliteDatabase.Open(made.Folder))
        {
            made._id = database.Identity.Id;
            await using SqliteSegmentStore store = new(database);
            SqlitePortfolioStore portfolios = new(database);
            using SqliteGrainStorage states = new(database);
            foreach ((string id, int months) in ((string, int)[])[("btc", 3), ("eth", 2), ("btc@0", 1), ("doge", 0)])
            {
                OwnedToken token = await OwnedToken.NewAsync(store, id);
                int first = BarTime.FirstSlotOfMonth(660);
                await token.TakeAsync([.. Enumerable.Range(0, months + 1).SelectMany(month => Enumerable.Range(0, 40).Select(i => new Bar(BarTime.FirstSlotOfMonth(660 + month) + 7 * i, 3m + i / 16m + id.Length)))], new(first, first + 1000));
            }

            await store.WriteDeadLetterAsync(new(DateTimeOffset.UnixEpoch.AddDays(20_000), "btc", "token.unknown", "a bar"));
            foreach (string id in (string[])["mine", "yours"])
            {
                LedgerEntry[] entries = [.. Enumerable.Range(1, 5).Select(i => new LedgerEntry($"e-{i}", DateTimeOffset.UnixEpoch.AddDays(19_000 + i), EntryKind.Buy, "btc", i / 8m, 42_000m + i, "usd", [], "a note"))];
                await portfolios.WriteAsync(new(id, null, 0, new(1, new("usd", CostBasis.Fifo, false, false), 7, 1_700_000_000), entries, []));
            }

            PortfolioKey gone = await portfolios.WriteAsync(new("gone", null, 0, new(1, new("usd", CostBasis.Fifo, false, false), 7, null), [], []));
            await portfolios.DeleteAsync("gone", gone, 1, 12);
            foreach (GrainId grain in (GrainId[])[Keys, Other])
            {
                await states.WriteStateAsync("state", grain, new GrainState<Dictionary<string, string>>(new() { ["key"] = $"a value of {grain}" }));
            }

            await store.RenewAsync(null, Cancellation);
        }

        made._whole = await System.IO.File.ReadAllBytesAsync(made.File, Cancellation);
        return made;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Puts the store back to what was written.</summary>
    public void Reset()
    {
        foreach (string file in Directory.GetFiles(Folder))
        {
            System.IO.File.Delete(file);
        }

        System.IO.File.WriteAllBytes(File, _whole);
    }

    /// <summary>The columns of a table, those of checksums among them.</summary>
    public string[] Columns(string table)
    {
        using SqliteConnection connection = Connect();
        return [.. Rows(connection, $"SELECT name FROM pragma_table_info('{table}')").Select(row => (string)row[0])];
    }

    /// <summary>Turns a random bit of a column in a random row; what it was of, or null if the value is null or the row would take another's name.</summary>
    public string? Flip(string table, string column, Random random)
    {
        using SqliteConnection connection = Connect();
        string key = table switch { "ledger_entry" => "portfolio || ' ' || id", "deleted_portfolio" => "id", "grain_state" or "month" => "key", "renewal" => "form", "store" => "one", _ => "number" };
        List<object[]> rows = [.. Rows(connection, $"SELECT {key}, typeof({column}), CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) ELSE {column} END FROM {table}")];
        object[] row = rows[random.Next(rows.Count)];
        string type = (string)row[1];
        if (type == "null" || row[2] is byte[] { Length: 0 })
        {
            return null;
        }

        byte[] bytes = row[2] is long number ? BitConverter.GetBytes(number) : (byte[])row[2];
        int bit = random.Next(bytes.Length * 8);
        bytes[bit / 8] ^= (byte)(1 << bit % 8);
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants of this class
        command.CommandText = $"UPDATE {table} SET {column} = {(type == "text" ? "CAST($value AS TEXT)" : "$value")} WHERE {key} = $key";
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$value", type == "integer" ? BitConverter.ToInt64(bytes) : bytes);
        command.Parameters.AddWithValue("$key", row[0]);
        try
        {
            return command.ExecuteNonQuery() == 1 ? $"{table}.{column} of {row[0]}, bit {bit}" : null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == 19)
        {
            return null;
        }
    }

    /// <summary>Runs SQL over the file.</summary>
    public void Run(string sql)
    {
        using SqliteConnection connection = Connect();
        SqliteDatabase.Run(connection, sql);
    }

    /// <summary>Everything that can be asked of the store, by what was asked; an answer that names damage begins with an exclamation mark.</summary>
    public async Task<SortedDictionary<string, string>> AnswersAsync()
    {
        SortedDictionary<string, string> answers = new(StringComparer.Ordinal);
        await using SqliteDatabase database = SqliteDatabase.Open(Folder);
        await using SqliteSegmentStore store = new(database);
        SqlitePortfolioStore portfolios = new(database);
        using SqliteGrainStorage states = new(database);
        answers["identity"] = database.Identity.Id == _id ? _id : database.Identity.Id.Zip(_id).Count(pair => pair.First != pair.Second) > 2 && database.Identity.IsReplacement ? "!another identity" : "wrong " + database.Identity;
        await StoredAnswers.AskAsync(store, portfolios, AnswerAsync);
        foreach (GrainId grain in (GrainId[])[Keys, Other])
        {
            await AnswerAsync(grain.ToString(), async () =>
            {
                GrainState<Dictionary<string, string>> state = new([]);
                await states.ReadStateAsync("state", grain, state);
                return $"{state.ETag}|{string.Join(',', state.State!)}";
            });
        }

        return answers;

        async Task AnswerAsync(string asked, Func<Task<string>> answer)
        {
            try
            {
                answers[asked] = await answer();
            }
            catch (Exception e) when (e is SegmentCorruptException or StoreDamagedException)
            {
                answers[asked] = "!" + e.Message;
            }
        }
    }

    private SqliteConnection Connect()
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static IEnumerable<object[]> Rows(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            object[] values = new object[row.FieldCount];
            row.GetValues(values);
            yield return values;
        }
    }
}
