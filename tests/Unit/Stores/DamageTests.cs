using System.Globalization;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Bits of the store are turned: it is seen, named, never answered as a figure, and mended.</summary>
public sealed class DamageTests
{
    private const int MendedAColumn = 24; // of the bits turned

    private static readonly string[] Tables = ["token", "month", "portfolio", "ledger_entry", "deleted_portfolio", "dead_letter", "renewal", "grain_state", "store"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_turned_bit_of_any_column_is_found_named_never_answered_and_mended() => await FlipAsync(3, isPrinted: false);

    /// <summary>
    /// A command: 1,000 bits of each column, with the table printed; the first of each column are mended too. <c>Pnl__Flips</c> says how many
    /// else. Faster with <c>TMPDIR</c> in memory.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task A_thousand_bits_of_each_column() =>
        await FlipAsync(int.Parse(Environment.GetEnvironmentVariable("Pnl__Flips") ?? "1000", CultureInfo.InvariantCulture), isPrinted: true);

    private static async Task FlipAsync(int times, bool isPrinted)
    {
        using DamagedStore store = await DamagedStore.NewAsync();
        SortedDictionary<string, string> right = await store.AnswersAsync();
        Assert.DoesNotContain(right.Values, answer => answer[0] == '!' || answer == "unknown");
        Assert.Empty(StoreCheck.Run(store.Folder, null, Cancellation).Damages);
        Random random = new(31);
        List<string> wrongs = [];
        foreach (string table in Tables)
        {
            foreach (string column in store.Columns(table))
            {
                (int flipped, int found, int wrong, int refused, int mended, int unmended) = (0, 0, 0, 0, 0, 0);
                for (int tried = 0; tried < times * 4 && flipped < times; tried++)
                {
                    store.Reset();
                    if (store.Flip(table, column, random) is not { } flip)
                    {
                        continue;
                    }

                    flipped++;
                    bool isFound = StoreCheck.Run(store.Folder, null, Cancellation).Damages.Count > 0;
                    SortedDictionary<string, string> answers = await store.AnswersAsync();
                    string[] other = [.. answers.Where(answer => answer.Value[0] != '!' && right[answer.Key] != answer.Value).Select(answer => answer.Key)];
                    string[] no = [.. answers.Where(answer => answer.Value[0] == '!').Select(answer => answer.Key)];
                    (found, wrong, refused) = (found + (isFound ? 1 : 0), wrong + (other.Length > 0 ? 1 : 0), refused + (no.Length > 0 ? 1 : 0));
                    if (flipped <= MendedAColumn)
                    {
                        await StoreRepair.RunAsync(store.Folder, null, deletes: false, null, Cancellation);
                        bool isMended = StoreCheck.Run(store.Folder, null, Cancellation).Damages.Count == 0 && (await store.AnswersAsync()).SequenceEqual(right);
                        (mended, unmended) = (mended + (isMended ? 1 : 0), unmended + (isMended ? 0 : 1));
                    }

                    if (!isFound || other.Length > 0 || no.Length > 2)
                    {
                        wrongs.Add($"{flip}: found {isFound}, wrong {string.Join(',', other)}, refused {string.Join(',', no)}");
                    }
                }

                if (isPrinted)
                {
                    Console.WriteLine($"{table}.{column,-18} flipped {flipped,5}  detected {found,5}  answered wrong {wrong,3}  refused by name {refused,5}  mended {mended,3} of {mended + unmended}");
                }
            }
        }

        Assert.True(wrongs.Count == 0, string.Join("\n", wrongs.Take(20)));
    }

    [Fact]
    public async Task A_store_of_the_release_before_gets_its_checksums_and_its_damage_is_seen_from_then_on()
    {
        using DamagedStore store = await DamagedStore.NewAsync();
        SortedDictionary<string, string> right = await store.AnswersAsync();
        foreach (string table in Tables.Where(table => table != "month"))
        {
            store.Run($"ALTER TABLE {table} DROP COLUMN sum");
        }

        store.Run("ALTER TABLE token DROP COLUMN registration_sum; ALTER TABLE portfolio DROP COLUMN entries; DELETE FROM renewal; UPDATE month SET summary = substr(summary, 1, 133); PRAGMA user_version = 2");

        StoreCheckResult before = StoreCheck.Run(store.Folder, null, Cancellation);
        Assert.Empty(before.Damages);
        Assert.Equal(6, before.Unsummed);
        Assert.Contains("token", before.UnsummedTables);
        Assert.Equal(right, await store.AnswersAsync());
        await using (SqliteSegmentStore opened = SqliteSegmentStore.Open(store.Folder))
        {
            await opened.RenewAsync(null, Cancellation);
        }

        StoreCheckResult after = StoreCheck.Run(store.Folder, null, Cancellation);
        Assert.Empty(after.Damages);
        Assert.Equal((0, 0), ((int)after.Unsummed, after.UnsummedTables.Count));
        Assert.Equal(right, await store.AnswersAsync());

        // Not even where the checksum itself has gone.
        store.Run("UPDATE ledger_entry SET sum = NULL WHERE id = 'e-3'; UPDATE month SET summary = substr(summary, 1, 133) WHERE key = (SELECT min(key) FROM month); UPDATE month SET bars = x'00' WHERE key = (SELECT min(key) FROM month)");
        SortedDictionary<string, string> answers = await store.AnswersAsync();
        Assert.StartsWith("!the entry e-3 of the portfolio", answers["mine"], StringComparison.Ordinal);
        Assert.StartsWith("!month 2025-01 of btc", answers["btc"], StringComparison.Ordinal);
        Assert.Equal(right["eth"], answers["eth"]);
    }

    [Fact]
    public async Task What_cannot_be_mended_is_deleted_where_told_so_and_is_no_longer_covered()
    {
        using DamagedStore store = await DamagedStore.NewAsync();
        SortedDictionary<string, string> right = await store.AnswersAsync();
        store.Run("""
            UPDATE month SET bars = x'0001', summary = x'0203' WHERE key = (SELECT min(key) FROM month);
            UPDATE ledger_entry SET entry = 'nothing at all' WHERE portfolio = 1 AND id = 'e-2';
            UPDATE grain_state SET state = '{}' WHERE key LIKE 'api-keys%';
            UPDATE dead_letter SET payload = 'another', reason = 'another';
            """);
        StoreDamage[] found = [.. StoreCheck.Run(store.Folder, null, Cancellation).Damages];
        Assert.Contains(found, damage => damage is { Kind: "month", Name: "btc", Month: "2025-01" });
        Assert.Contains(found, damage => damage is { Kind: "entry", Name: "mine e-2" });

        // Not deleted unless told so.
        IReadOnlyList<StoreMended> mended = await StoreRepair.RunAsync(store.Folder, null, deletes: false, null, Cancellation);
        Assert.All(mended, one => Assert.Null(one.Done));
        SortedDictionary<string, string> damaged = await store.AnswersAsync();
        Assert.StartsWith("!", damaged["btc"], StringComparison.Ordinal);
        Assert.StartsWith("!the entry e-2 of the portfolio mine", damaged["mine"], StringComparison.Ordinal);

        await StoreRepair.RunAsync(store.Folder, null, deletes: true, null, Cancellation);
        Assert.Empty(StoreCheck.Run(store.Folder, null, Cancellation).Damages);
        await using SqliteDatabase database = SqliteDatabase.Open(store.Folder);
        await using SqliteSegmentStore tokens = new(database);
        StoredToken btc = (await tokens.LoadAsync("btc", Cancellation))!;
        Assert.Equal([661, 662], btc.Months.Select(month => month.Month));
        Assert.Empty(btc.Coverage.Within(new(BarTime.FirstSlotOfMonth(660), BarTime.FirstSlotOfMonth(661))));
        Assert.Equal(4, (await new SqlitePortfolioStore(database).LoadAsync("mine", Cancellation))!.Entries.Count);
        Assert.Equal(right["eth"], (await AfterAsync())["eth"]);

        async Task<SortedDictionary<string, string>> AfterAsync()
        {
            await tokens.DisposeAsync();
            await database.DisposeAsync();
            return await store.AnswersAsync();
        }
    }

    [Fact]
    public async Task Bars_are_taken_from_the_landing_and_a_summary_from_its_bars()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pnl-damage-");
        try
        {
            FolderLanding landing = new(Path.Combine(folder.FullName, "landing"));
            int first = BarTime.FirstSlotOfMonth(660);
            int[] slots = [.. Enumerable.Range(0, 300).Select(i => first + i)];
            LandedCandles landed = new(
                new("binance", "btc", new(first, BarTime.FirstSlotOfMonth(661))), new() { Symbol = "BTC", Name = "Bitcoin", Quote = "usd" }, "BTCUSD", DateTimeOffset.UnixEpoch.AddDays(20_300),
                Candles.OfCloses(slots, DecimalColumn.Of([.. slots.Select(slot => 50L + slot % 11)], 0)), []);
            await landing.WriteAsync(landed, Cancellation);
            await using (SqliteSegmentStore store = SqliteSegmentStore.Open(folder.FullName))
            {
                OwnedToken token = await OwnedToken.NewAsync(store, "btc");
                await token.TakeAsync([.. slots.Select(slot => new Bar(slot, 50m + slot % 11)), .. Enumerable.Range(0, 50).SelectMany(i => (Bar[])[new(BarTime.FirstSlotOfMonth(661) + i, 7), new(BarTime.FirstSlotOfMonth(662) + i, 8)])]);
            }

            using (Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={Path.Combine(folder.FullName, "bars.db")};Pooling=False"))
            {
                connection.Open();
                SqliteDatabase.Run(connection, "UPDATE month SET bars = zeroblob(500) WHERE key = 16384 + 660; UPDATE month SET summary = zeroblob(149) WHERE key = 16384 + 661");
            }

            IReadOnlyList<StoreMended> mended = await StoreRepair.RunAsync(folder.FullName, landing, deletes: false, null, Cancellation);

            Assert.Equal(
                [new("month", "btc", "2025-01", "the bars are taken from the landing"), new("month", "btc", "2025-02", "the summary is made anew from the bars")],
                mended);
            Assert.Empty(StoreCheck.Run(folder.FullName, null, Cancellation).Damages);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_token_takes_bars_beside_a_damaged_month_and_seals_them_when_it_is_mended()
    {
        int first = BarTime.FirstSlotOfMonth(660);
        HistoryChange before = TokenHistory.Empty.With([.. Enumerable.Range(0, 1500).Select(i => new Bar(first + i, 2m + i % 5))], default, SegmentSet.Empty, 0);
        (TokenHistory history, Segment whole) = (before.History, Assert.Single(before.Sealed).Segment);
        SegmentSet damaged = new();
        damaged.AddDamaged(660, new SegmentCorruptException("month 2025-01 of btc: it is damaged"));

        // A bar a day for three days: the open days cannot go to their month.
        for (int day = 6; day < 9; day++)
        {
            Bar bar = new(first + day * BarTime.BarsPerDay, day);
            Assert.Equal([660], history.IngestNeeds([bar], 0));
            HistoryChange change = history.With([bar], default, damaged, 0);
            Assert.Equal((1, 0), (change.Accepted, change.Sealed.Count));
            history = change.History;
        }

        Assert.Equal(1503, history.Life.Count);

        // What belongs into the month itself is refused by its name.
        Assert.Contains("2025-01 of btc", Assert.Throws<SegmentCorruptException>(() => history.With([new Bar(first + 3, 9m)], default, damaged, 0)).Message, StringComparison.Ordinal);

        SegmentSet mended = new();
        mended.Add(660, whole);
        HistoryChange last = history.With([new Bar(first + 9 * BarTime.BarsPerDay, 1m)], default, mended, 0);
        Bar[] all = [.. Enumerable.Range(0, 1500).Select(i => new Bar(first + i, 2m + i % 5)), .. Enumerable.Range(6, 3).Select(day => new Bar(first + day * BarTime.BarsPerDay, day)), new(first + 9 * BarTime.BarsPerDay, 1m)];
        HistoryChange never = TokenHistory.Empty.With(all, default, SegmentSet.Empty, 0);
        Assert.Equal(never.Sealed[0].Segment.Bytes.ToArray(), last.Sealed[0].Segment.Bytes.ToArray());
        Assert.Equal(never.History.Tail!.Bytes.ToArray(), last.History.Tail!.Bytes.ToArray());
    }
}
