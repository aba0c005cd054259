using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

public sealed class FolderLandingTests : LandingContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-landing-");

    public FolderLandingTests() => Landing = new FolderLanding(Path.Combine(_folder.FullName, "landing"));

    protected override ILanding Landing { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Files_lie_by_source_token_and_month_and_what_a_death_left_half_written_is_not_listed()
    {
        LandingKey key = new("binance", "xyz", new(First, First + 9));
        LandedCandles old = AnyLanded.Of(key, key.Range, DateTimeOffset.UnixEpoch, new Bar(First, 1));
        await Landing.WriteAsync(old, Cancellation);
        string path = Assert.Single(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(_folder.FullName, "landing", "binance", "xyz", "2024-01_1704067200-1704069900.parquet"), path);

        // Of the same place and of another.
        await PutAsync("binance/xyz/2024-01_1704067200-1704069900.parquet.part", [1, 2, 3]);
        await PutAsync("binance/xyz/2024-01_1704070000-1704070300.parquet.part", []);
        Assert.Equal([key], await KeysAsync());
        AnyLanded.AssertSame(old, await Landing.ReadAsync(key, Cancellation));
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

    protected override Task PutAsync(string path, byte[] bytes)
    {
        string file = Path.Combine(_folder.FullName, "landing", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return File.WriteAllBytesAsync(file, bytes, Cancellation);
    }
}
