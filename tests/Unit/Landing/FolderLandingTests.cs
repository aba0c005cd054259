using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

public sealed class FolderLandingTests : IDisposable
{
    private const int Month = AnyLanded.Month;

    private static readonly int First = BarTime.FirstSlotOfMonth(Month);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-landing-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

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
        FolderLanding landing = new(_folder.FullName);
        Assert.Empty(await KeysAsync(new FolderLanding(Path.Combine(_folder.FullName, "none"))));
        foreach (LandingKey key in keys.Reverse())
        {
            await landing.WriteAsync(AnyLanded.Of(key, key.Range, DateTimeOffset.UnixEpoch), Cancellation);
        }

        Assert.Equal(
            keys.OrderBy(key => key.Source, StringComparer.Ordinal).ThenBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Range.From).ThenBy(key => key.Range.To),
            await KeysAsync(landing));
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "binance", "a", "2024-01", "1704067200-1704153600.parquet")));
    }

    [Fact]
    public async Task A_later_fetch_of_the_same_range_takes_its_place_and_one_of_a_part_does_not()
    {
        FolderLanding landing = new(_folder.FullName);
        (LandingKey month, LandingKey day) = (new("binance", "xyz", new(First, First + 8928)), new("binance", "xyz", new(First, First + 288)));
        LandedCandles whole = AnyLanded.Of(month, month.Range, DateTimeOffset.UnixEpoch, new Bar(First, 1), new Bar(First + 8000, 8));
        await landing.WriteAsync(whole, Cancellation);
        await landing.WriteAsync(AnyLanded.Of(day, day.Range, DateTimeOffset.UnixEpoch, new Bar(First, 1)), Cancellation);
        LandedCandles later = AnyLanded.Of(day, day.Range, DateTimeOffset.UnixEpoch.AddHours(1), new Bar(First, 2), new Bar(First + 1, 3));
        await landing.WriteAsync(later, Cancellation);
        Assert.Equal([day, month], await KeysAsync(landing));
        AnyLanded.AssertSame(later, await landing.ReadAsync(day, Cancellation));
        AnyLanded.AssertSame(whole, await landing.ReadAsync(month, Cancellation));
    }

    [Fact]
    public async Task Many_writes_at_once_are_all_there()
    {
        FolderLanding landing = new(_folder.FullName);
        LandingKey[] keys = [.. Enumerable.Range(0, 200).Select(i => new LandingKey("binance", $"t{i % 7:d2}", new(First + i, First + i + 1)))];
        await Task.WhenAll(keys.Select(key => landing.WriteAsync(AnyLanded.Of(key, key.Range, DateTimeOffset.UnixEpoch), Cancellation)));
        Assert.Equal(keys.OrderBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Range.From), await KeysAsync(landing));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_durable_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows flushes no folders.");
        string missing = Path.Combine(_folder.FullName, "missing");
        FolderFlush flush = new();
        Assert.Contains(missing, (await Assert.ThrowsAsync<IOException>(() => flush.FlushAsync([missing]))).Message, StringComparison.Ordinal);
        await flush.FlushAsync([_folder.FullName]); // what failed does not last
    }

    [Theory]
    [InlineData("binance/xyz/2024-01/1704067200.parquet")] // says not where it ends
    [InlineData("binance/xyz/2024-02/1704067200-1704067500.parquet")]
    [InlineData("binance/xyz/2024-01/1704067200-99999999999999999.parquet")]
    [InlineData("xyz/2024-01/1704067200-1704067500.parquet")]
    [InlineData("stray.parquet")]
    public async Task A_file_that_is_not_named_as_the_landing_names_is_told_and_not_left_out(string path)
    {
        string file = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, [], Cancellation);
        Assert.Contains(path, (await Assert.ThrowsAsync<RateFileException>(() => KeysAsync(new(_folder.FullName)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_broken_off_leaves_the_old_file_and_is_not_listed()
    {
        FolderLanding landing = new(_folder.FullName);
        LandingKey key = new("binance", "xyz", new(First, First + 9));
        LandedCandles old = AnyLanded.Of(key, key.Range, DateTimeOffset.UnixEpoch, new Bar(First, 1));
        await landing.WriteAsync(old, Cancellation);
        string path = Assert.Single(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));

        // As a death in the middle of the writing leaves it, here of the same place and of another.
        await File.WriteAllBytesAsync(path + ".part", [1, 2, 3], Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(Path.GetDirectoryName(path)!, "1704070000-1704070300.parquet.part"), [], Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => landing.WriteAsync(AnyLanded.Of(key, default, DateTimeOffset.UnixEpoch), new CancellationToken(canceled: true)));
        Assert.Equal([key], await KeysAsync(landing));
        AnyLanded.AssertSame(old, await landing.ReadAsync(key, Cancellation));
    }

    private static async Task<LandingKey[]> KeysAsync(FolderLanding landing)
    {
        List<LandingKey> keys = [];
        await foreach (LandingKey key in landing.ListAsync(Cancellation))
        {
            keys.Add(key);
        }

        return [.. keys];
    }
}
