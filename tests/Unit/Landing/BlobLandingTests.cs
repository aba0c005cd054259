using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Pnl.Rates;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Landing;

/// <summary>The landing in Blob Storage, against Azurite.</summary>
public sealed class BlobLandingTests(Azurite azurite) : LandingContract, IClassFixture<Azurite>, IAsyncLifetime
{
    private BlobContainerClient _container = null!;

    protected override ILanding Landing => new BlobLanding(_container);

    public async ValueTask InitializeAsync()
    {
        _container = new(azurite.ConnectionString, $"landing-{Guid.NewGuid():n}");
        await _container.CreateAsync(cancellationToken: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DeleteIfExistsAsync();
        }
    }

    [Fact]
    public async Task A_range_is_one_block_blob_named_as_the_file_of_a_folder_and_one_half_sent_is_not_listed()
    {
        LandingKey key = new("binance", "xyz", new(First, First + 9));
        await Landing.WriteAsync(AnyLanded.Of(key, key.Range, DateTimeOffset.UnixEpoch, new Bar(First, 1)), Cancellation);

        // Blocks that were sent and never committed.
        BlockBlobClient half = _container.GetBlockBlobClient("binance/xyz/2024-01_1704070000-1704070300.parquet");
        await half.StageBlockAsync(Convert.ToBase64String("block"u8), new MemoryStream(Encoding.ASCII.GetBytes("half")), cancellationToken: Cancellation);
        Assert.Equal([key], await KeysAsync());
        BlobItem blob = Assert.Single(await _container.GetBlobsAsync(cancellationToken: Cancellation).ToListAsync(Cancellation));
        Assert.Equal((BlobType.Block, "binance/xyz/2024-01_1704067200-1704069900.parquet"), (blob.Properties.BlobType, blob.Name));
    }

    [Fact]
    public async Task What_the_service_refuses_is_an_error_that_names_container_and_reason()
    {
        LandingKey key = new("binance", "xyz", new(First, First + 9));
        await _container.DeleteAsync(cancellationToken: Cancellation);
        foreach (Func<Task> call in (Func<Task>[])[() => Landing.WriteAsync(AnyLanded.Of(key, key.Range, DateTimeOffset.UnixEpoch), Cancellation), KeysAsync, () => Landing.ReadAsync(key, Cancellation)])
        {
            string message = (await Assert.ThrowsAnyAsync<IOException>(call)).Message;
            Assert.Contains(_container.Name, message, StringComparison.Ordinal);
            Assert.Contains("ContainerNotFound", message, StringComparison.Ordinal);
        }
    }

    protected override Task PutAsync(string path, byte[] bytes) => _container.GetBlobClient(path).UploadAsync(BinaryData.FromBytes(bytes), overwrite: true, Cancellation);
}
