using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

/// <summary>What every landing keeps, wherever it is.</summary>
public abstract class LandingContract
{
    protected const int Month = AnyLanded.Month;

    protected static int First { get; } = BarTime.FirstSlotOfMonth(Month);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A landing, empty at first; the same one for the whole test.</summary>
    protected abstract ILanding Landing { get; }

    /// <summary>Writes a file past the landing.</summary>
    protected abstract Task PutAsync(string path, byte[] bytes);

    [Fact]
    public async Task Places_are_listed_by_source_token_and_slots()
    {
        int longAgo = BarTime.FirstSlotOfMonth(Month - 200);
        LandingKey[] keys =
        [
            new("binance", "a", new(First - 100, First)), new("binance", "a", new(First, First + 5)), new("binance", "a", new(First, First + 288)), new("binance", "a", new(First + 5, First + 6)),
            new("binance", "a-b", new(longAgo, longAgo + 1)), new("binance", "a.b", new(First, First + 1)), new("files", "a", new(First, First + 1)),
            new("files", "a", new(3_333_332, 3_333_333)), new("files", "a", new(3_333_334, 3_333_335)), // on either side of Unix second 1,000,000,000
        ];
        Assert.Empty(await KeysAsync());
        foreach (LandingKey key in keys.Reverse())
        {
            await Landing.WriteAsync(AnyLanded.Of(key, DateTimeOffset.UnixEpoch), Cancellation);
        }

        Assert.Equal(
            keys.OrderBy(key => key.Source, StringComparer.Ordinal).ThenBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Range.From).ThenBy(key => key.Range.To),
            await KeysAsync());
    }

    [Fact]
    public async Task A_later_fetch_of_the_same_range_takes_its_place_and_one_of_a_part_does_not()
    {
        (LandingKey month, LandingKey day) = (new("binance", "xyz", new(First, First + 8928)), new("binance", "xyz", new(First, First + 288)));
        LandedCandles whole = AnyLanded.Of(month, DateTimeOffset.UnixEpoch, new Bar(First, 1), new Bar(First + 8000, 8));
        await Landing.WriteAsync(whole, Cancellation);
        await Landing.WriteAsync(AnyLanded.Of(day, DateTimeOffset.UnixEpoch, new Bar(First, 1)), Cancellation);
        LandedCandles later = AnyLanded.Of(day, DateTimeOffset.UnixEpoch.AddHours(1), new Bar(First, 2), new Bar(First + 1, 3));
        await Landing.WriteAsync(later, Cancellation);
        Assert.Equal([day, month], await KeysAsync());
        AnyLanded.AssertSame(later, await Landing.ReadAsync(day, Cancellation));
        AnyLanded.AssertSame(whole, await Landing.ReadAsync(month, Cancellation));
    }

    [Fact]
    public async Task Listings_of_one_source_do_not_take_each_others_place()
    {
        LandingKey key = new("binance", "xyz", new(First, First + 288));
        LandedCandles first = AnyLanded.Of(key, DateTimeOffset.UnixEpoch, new Bar(First + 3, 1.5m));
        LandedCandles renamed = AnyLanded.Of(key, DateTimeOffset.UnixEpoch.AddHours(1), new Bar(First + 4, 2.5m)) with { Symbol = "XYZ2USDT" };
        LandedCandles converted = renamed with { Symbol = "XYZEUR", Quote = "eur" };
        LandedCandles daily = AnyLanded.Of(key, DateTimeOffset.UnixEpoch.AddHours(2), new Bar(First + 287, 3.5m)) with { Interval = Interval.Day };
        foreach (LandedCandles each in (LandedCandles[])[first, renamed, converted, daily])
        {
            await Landing.WriteAsync(each, Cancellation);
        }

        // A later fetch takes the place of its own listing's.
        LandedCandles again = renamed with { FetchedAt = DateTimeOffset.UnixEpoch.AddHours(3), Candles = Candles.Of([new(First + 5, 9, 9, 9, 9, 1)]) };
        await Landing.WriteAsync(again, Cancellation);
        LandedCandles[] kept = [.. await Task.WhenAll((await KeysAsync()).Select(at => Landing.ReadAsync(at, Cancellation)))];

        Assert.Equal(4, kept.Length);
        foreach (LandedCandles each in (LandedCandles[])[first, again, converted, daily])
        {
            LandedCandles own = Assert.Single(kept, candles => candles.Listing == each.Listing);
            AnyLanded.AssertSame(each with { Key = own.Key }, own);
        }

        Assert.Equal([key], (await KeysAsync()).Where(at => at.Listing is null)); // where an earlier release looks for it
    }

    [Fact]
    public async Task The_places_of_one_token_are_listed_and_what_was_set_aside_there_is_read_alone()
    {
        QuarantinedRow[] aside = [new(BarTime.OpenSeconds(First + 1), "rate.jump", "a spike"), new(null, "time.malformed", "[\"x\"]")];
        LandedCandles wanted = AnyLanded.Of(new("files", "a", new(First, First + 288)), DateTimeOffset.UnixEpoch.AddHours(7), new Bar(First, 1)) with { Interval = Interval.Day, Quarantined = aside };
        Assert.Empty(await OfTokenAsync("a"));
        await Landing.WriteAsync(wanted, Cancellation);
        await Landing.WriteAsync(AnyLanded.Of(new("binance", "a", new(First, First + 9)), DateTimeOffset.UnixEpoch), Cancellation);
        await Landing.WriteAsync(AnyLanded.Of(new("binance", "a-b", new(First, First + 9)), DateTimeOffset.UnixEpoch), Cancellation);

        LandingKey[] keys = await OfTokenAsync("a");
        LandedRows rows = await Landing.ReadRowsAsync(keys[1], Cancellation);

        Assert.Equal([("binance", "a"), ("files", "a")], keys.Select(key => (key.Source, key.Token)));
        Assert.Equal((keys[1], wanted.Listing, wanted.FetchedAt), (rows.Key, rows.Listing, rows.FetchedAt));
        Assert.Equal(aside, rows.Quarantined);
    }

    private async Task<LandingKey[]> OfTokenAsync(string token)
    {
        List<LandingKey> keys = [];
        await foreach (LandingKey key in Landing.ListAsync(token, Cancellation))
        {
            keys.Add(key);
        }

        return [.. keys];
    }

    [Fact]
    public async Task Many_writes_at_once_are_all_there()
    {
        LandingKey[] keys = [.. Enumerable.Range(0, 200).Select(i => new LandingKey("binance", $"t{i % 7:d2}", new(First + i, First + i + 1)))];
        await Task.WhenAll(keys.Select(key => Landing.WriteAsync(AnyLanded.Of(key, DateTimeOffset.UnixEpoch), Cancellation)));
        Assert.Equal(keys.OrderBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Range.From), await KeysAsync());
    }

    [Fact]
    public async Task A_write_that_is_broken_off_leaves_what_was_there()
    {
        LandingKey key = new("binance", "xyz", new(First, First + 9)), other = new("binance", "abc", new(First, First + 9));
        LandedCandles old = AnyLanded.Of(key, DateTimeOffset.UnixEpoch, new Bar(First, 1));
        await Landing.WriteAsync(old, Cancellation);
        foreach (LandingKey each in (LandingKey[])[key, other])
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Landing.WriteAsync(AnyLanded.Of(each, DateTimeOffset.UnixEpoch), new CancellationToken(canceled: true)));
        }

        Assert.Equal([key], await KeysAsync());
        AnyLanded.AssertSame(old, await Landing.ReadAsync(key, Cancellation));
    }

    [Theory]
    [InlineData("binance/xyz/2024-01_1704067200.parquet")] // says not where it ends
    [InlineData("binance/xyz/2024-02_1704067200-1704067500.parquet")]
    [InlineData("binance/xyz/2024-01_1704067200-99999999999999999.parquet")]
    [InlineData("xyz/2024-01_1704067200-1704067500.parquet")]
    [InlineData("stray.parquet")]
    public async Task A_file_that_is_not_named_as_the_landing_names_is_told_and_not_left_out(string path)
    {
        await PutAsync(path, []);
        Assert.Contains(path, (await Assert.ThrowsAsync<RateFileException>(KeysAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_damaged_not_there_or_in_another_place_is_told_by_its_name()
    {
        LandingKey key = new("binance", "xyz", new(First, First + 9));
        string path = "binance/xyz/2024-01_1704067200-1704069900.parquet";
        await Assert.ThrowsAnyAsync<IOException>(() => Landing.ReadAsync(key, Cancellation));
        foreach (byte[] bytes in (byte[][])[[], "PAR1 and then nothing"u8.ToArray()])
        {
            await PutAsync(path, bytes);
            Assert.Contains("1704067200-1704069900", (await Assert.ThrowsAsync<RateFileException>(() => Landing.ReadAsync(key, Cancellation))).Message, StringComparison.Ordinal);
        }

        MemoryStream file = new();
        CandleParquet.Write(AnyLanded.Of(new("binance", "abc", key.Range), DateTimeOffset.UnixEpoch, new Bar(First, 1)), file);
        await PutAsync(path, file.ToArray());
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pnl-rebuild-");
        try
        {
            await using SqliteSegmentStore store = SqliteSegmentStore.Open(folder.FullName);
            Assert.Contains("binance/abc/", (await Assert.ThrowsAsync<RateFileException>(() => LandingRebuild.RunAsync(Landing, store, null, Cancellation))).Message, StringComparison.Ordinal);
            Assert.Empty(await store.ListAsync(null, null, 10, Cancellation));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    protected async Task<LandingKey[]> KeysAsync()
    {
        List<LandingKey> keys = [];
        await foreach (LandingKey key in Landing.ListAsync(Cancellation))
        {
            keys.Add(key);
        }

        return [.. keys];
    }
}
