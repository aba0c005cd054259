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
    public async Task Places_are_listed_by_source_token_month_and_slot()
    {
        LandingKey[] keys =
        [
            new("binance", "a", Month - 1, First - 100), new("binance", "a", Month, First), new("binance", "a", Month, First + 5),
            new("binance", "a-b", Month - 200, BarTime.FirstSlotOfMonth(Month - 200)), new("binance", "a.b", Month, First), new("files", "a", Month, First),
            new("files", "a", 380, 3_333_332), new("files", "a", 380, 3_333_334), // on either side of Unix second 1,000,000,000
        ];
        FolderLanding landing = new(_folder.FullName);
        Assert.Empty(await KeysAsync(new FolderLanding(Path.Combine(_folder.FullName, "none"))));
        foreach (LandingKey key in keys.Reverse())
        {
            await landing.WriteAsync(AnyLanded.Of(key, new(key.FirstSlot, key.FirstSlot + 1), DateTimeOffset.UnixEpoch), Cancellation);
        }

        Assert.Equal(
            keys.OrderBy(key => key.Source, StringComparer.Ordinal).ThenBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Month).ThenBy(key => key.FirstSlot),
            await KeysAsync(landing));
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "binance", "a", "2024-01", "1704067200.parquet")));
    }

    [Fact]
    public async Task A_later_fetch_of_the_same_place_takes_its_place()
    {
        FolderLanding landing = new(_folder.FullName);
        LandingKey key = new("binance", "xyz", Month, First);
        await landing.WriteAsync(AnyLanded.Of(key, new(First, First + 9), DateTimeOffset.UnixEpoch, new Bar(First, 1)), Cancellation);
        LandedCandles later = AnyLanded.Of(key, new(First, First + 9), DateTimeOffset.UnixEpoch.AddHours(1), new Bar(First, 2), new Bar(First + 1, 3));
        await landing.WriteAsync(later, Cancellation);
        Assert.Equal([key], await KeysAsync(landing));
        AnyLanded.AssertSame(later, await landing.ReadAsync(key, Cancellation));
    }

    [Fact]
    public async Task What_was_broken_off_leaves_the_old_file_and_is_not_listed()
    {
        FolderLanding landing = new(_folder.FullName);
        LandingKey key = new("binance", "xyz", Month, First);
        LandedCandles old = AnyLanded.Of(key, new(First, First + 9), DateTimeOffset.UnixEpoch, new Bar(First, 1));
        await landing.WriteAsync(old, Cancellation);
        string path = Assert.Single(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));

        // As a death in the middle of the writing leaves it, here of the same place and of another.
        await File.WriteAllBytesAsync(path + ".part", [1, 2, 3], Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(Path.GetDirectoryName(path)!, "1704070000.parquet.part"), [], Cancellation);
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
