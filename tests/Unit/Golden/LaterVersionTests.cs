using System.Text;
using Azure.Data.Tables;
using Microsoft.Data.Sqlite;
using Pnl.Rates;
using Pnl.Tests.Shared;
using Pnl.Tests.Unit.Stores;

namespace Pnl.Tests.Unit.Golden;

/// <summary>A store or a file of a version that is yet to come is refused by name, and stays as it is.</summary>
public sealed class LaterVersionTests(Azurite azurite) : IClassFixture<Azurite>
{
    private readonly string _prefix = OwnTables.NewPrefix();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_data_folder_of_a_later_version_is_not_opened()
    {
        string folder = Directory.CreateTempSubdirectory("pnl-later-").FullName;
        try
        {
            string path = Path.Combine(folder, "bars.db");
            File.Copy(GoldenFiles.Path("1", "bars.db"), path);
            using (SqliteConnection database = new($"Data Source={path};Pooling=false"))
            {
                database.Open();
                using SqliteCommand later = database.CreateCommand();
                later.CommandText = "PRAGMA user_version = 4";
                later.ExecuteNonQuery();
            }

            byte[] before = File.ReadAllBytes(path);
            Assert.Contains("later release (schema 4, this one knows 3)", Assert.Throws<InvalidDataException>(() => SqliteDatabase.Open(folder)).Message, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllBytes(path));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Tables_of_a_later_version_are_not_opened()
    {
        await using (await OpenAsync())
        {
            await Table("tokens").AddEntityAsync(new TableEntity("version", "version") { ["Format"] = 2 }, Cancellation);
        }

        InvalidDataException refused = await Assert.ThrowsAsync<InvalidDataException>(OpenAsync);
        Assert.Contains("written by a later release (version 2, this one knows 1)", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokens")]
    [InlineData("months")]
    public async Task Rows_of_a_token_of_a_later_format_are_left_as_they_are(string table)
    {
        await using AzureSegmentStore store = await OpenAsync();
        OwnedToken owner = await OwnedToken.NewAsync(store, "btc"), other = await OwnedToken.NewAsync(store, "eth");
        await owner.TakeAsync([.. Enumerable.Range(4_000_000, 700).Select(slot => new Bar(slot, 1m))]);
        string[] rows = await MarkAsync(table, row => row.RowKey == "btc" || row.PartitionKey == "btc");

        LaterReleaseException refused = await Assert.ThrowsAsync<LaterReleaseException>(async () => await store.LoadAsync("btc", Cancellation));
        Assert.Contains("btc was written by a later release and is left as it is (format 3, this one knows 2)", refused.Message, StringComparison.Ordinal);
        if (table == "tokens")
        {
            await Assert.ThrowsAsync<StoreConflictException>(() => owner.TakeAsync([new Bar(4_000_900, 1m)])); // who had it before
        }

        Assert.Equal(rows, await RowsAsync(table, row => row.GetInt32("Format") == 3));
        await other.TakeAsync([new Bar(4_000_000, 1m)]);
    }

    [Fact]
    public async Task Rows_of_a_portfolio_of_a_later_format_are_left_as_they_are()
    {
        AzurePortfolioStore store = await AzurePortfolioStore.OpenAsync(OwnTables.Of(azurite, _prefix), OwnTables.NewWriter());
        PortfolioTerms terms = new("usd", CostBasis.Fifo, false, false);
        PortfolioKey key = await store.WriteAsync(new("mine", null, 0, new(1, terms, 0, null), [new("a", DateTimeOffset.UnixEpoch, EntryKind.Buy, "btc", 1m, 1m, "usd", [], null)], []));
        string[] rows = await MarkAsync("portfolios", row => row.RowKey != "head");
        Assert.Contains("the entry a of the portfolio mine", (await Assert.ThrowsAsync<LaterReleaseException>(async () => await store.LoadAsync("mine", Cancellation))).Message, StringComparison.Ordinal);
        rows = [.. rows, .. await MarkAsync("portfolios", row => row.RowKey == "head")];
        Assert.Contains("the portfolio mine was written", (await Assert.ThrowsAsync<LaterReleaseException>(async () => await store.LoadAsync("mine", Cancellation))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => store.WriteAsync(new("mine", key, 1, new(2, terms, 0, null), [], ["a"])));
        await Assert.ThrowsAnyAsync<Exception>(() => store.WriteAsync(new("mine", null, 0, new(1, terms, 0, null), [], [])));
        Assert.Equal(rows.Order(), (await RowsAsync("portfolios", row => row.GetInt32("Format") == 3)).Order());
    }

    [Fact]
    public void A_segment_of_a_later_version_is_refused_and_one_of_none_is_damaged()
    {
        byte[] bytes = File.ReadAllBytes(GoldenFiles.Path("1", "month.bin"));
        Assert.Contains("version 3 is a later release's", Assert.Throws<LaterReleaseException>(() => Segment.Open(OfVersion(bytes, 3), "it")).Message, StringComparison.Ordinal);
        Assert.Throws<SegmentCorruptException>(() => Segment.Open(OfVersion(bytes, 0), "it"));
    }

    [Fact]
    public void A_landed_file_of_a_later_version_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(GoldenFiles.Path("1", "narrow.parquet"));
        int at = bytes.AsSpan().IndexOf("\"version\":2"u8);
        Assert.True(at > 0);
        bytes[at + 10] = (byte)'4';
        RateFileException refused = Assert.Throws<RateFileException>(() => CandleParquet.Read(new MemoryStream(bytes), "it"));
        Assert.Equal("it was landed by a later release (version 4, this one knows 3)", refused.Message);
    }

    [Theory]
    [InlineData("""{"symbol":"B","name":"B","quote":"usd","tomorrow":1}""", typeof(LaterReleaseException))]
    [InlineData("""{"symbol":"B","name":"B","tomorrow":1}""", typeof(InvalidDataException))]
    [InlineData("""{"symbol":"B","name":"B","quote":"usd\"}""", typeof(InvalidDataException))]
    [InlineData("null", typeof(InvalidDataException))]
    public void What_is_malformed_is_not_called_later(string json, Type expected)
    {
        Exception refused = Assert.Throws(expected, () => StoredJson.Read<TokenRegistration>(Encoding.UTF8.GetBytes(json), "it"));
        Assert.StartsWith("it ", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] OfVersion(byte[] bytes, byte version)
    {
        byte[] other = [version, .. bytes[1..]];
        System.IO.Hashing.Crc32.Hash(other.AsSpan(0, other.Length - 4), other.AsSpan(other.Length - 4));
        return other;
    }

    private TableClient Table(string name) => new(azurite.ConnectionString, _prefix + name);

    private Task<AzureSegmentStore> OpenAsync() => AzureSegmentStore.OpenAsync(OwnTables.Of(azurite, _prefix), OwnTables.NewWriter());

    /// <summary>Marks rows as a later release would; as they are then.</summary>
    private async Task<string[]> MarkAsync(string table, Func<TableEntity, bool> which)
    {
        await foreach (TableEntity row in Table(table).QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            if (which(row))
            {
                row["Format"] = 3;
                await Table(table).UpdateEntityAsync(EntitySum.Seal(table, row), Azure.ETag.All, TableUpdateMode.Replace, Cancellation);
            }
        }

        return await RowsAsync(table, which);
    }

    private async Task<string[]> RowsAsync(string table, Func<TableEntity, bool> which)
    {
        List<string> rows = [];
        await foreach (TableEntity row in Table(table).QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            if (which(row))
            {
                rows.Add($"{row.PartitionKey} {row.RowKey} {row.ETag}");
            }
        }

        return [.. rows];
    }
}
