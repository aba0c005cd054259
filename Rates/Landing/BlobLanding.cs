using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Pnl.Rates;

/// <summary>
/// The landing in a container of Azure Blob Storage, laid out as in a folder: a block blob a file. A blob appears or is
/// replaced whole or not at all; what the service answers busy to or the network lost the client's own retries send again.
/// </summary>
/// <param name="container">The container; it is there.</param>
public sealed class BlobLanding(BlobContainerClient container) : ILanding
{
    /// <inheritdoc/>
    public async Task WriteAsync(LandedCandles candles, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(candles);
        using MemoryStream bytes = await SlowLane.Run(() => Encoded(candles), cancellation);
        await Told(() => container.GetBlobClient(LandingPath.Of(candles.Key)).UploadAsync(bytes, overwrite: true, cancellation));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LandingKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        List<LandingKey> keys = await Told(async () =>
        {
            List<LandingKey> all = [];
            await foreach (BlobItem blob in container.GetBlobsAsync(cancellationToken: cancellation))
            {
                if (blob.Name.EndsWith(LandingPath.Extension, StringComparison.Ordinal))
                {
                    all.Add(LandingPath.Parse(blob.Name));
                }
            }

            return all;
        });
        foreach (LandingKey key in LandingPath.InOrder(keys))
        {
            yield return key;
        }
    }

    /// <inheritdoc/>
    public async Task<LandedCandles> ReadAsync(LandingKey key, CancellationToken cancellation)
    {
        BlobClient blob = container.GetBlobClient(LandingPath.Of(key));
        BlobDownloadResult whole = await Told(async () => (await blob.DownloadContentAsync(cancellation)).Value);
        await using Stream bytes = whole.Content.ToStream();
        return CandleParquet.Read(bytes, blob.Name);
    }

    private static MemoryStream Encoded(LandedCandles candles)
    {
        MemoryStream bytes = new();
        CandleParquet.Write(candles, bytes);
        bytes.Position = 0;
        return bytes;
    }

    /// <summary>The error of a disk in place of the client's, which no other process could read.</summary>
    private async Task<T> Told<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException { InnerException: RequestFailedException })
        {
            throw new IOException($"the landing in container {container.Name} of {container.AccountName}: {Why(e)}", e);
        }
    }

    private static string Why(Exception e) => (e as RequestFailedException ?? (RequestFailedException)e.InnerException!) is { ErrorCode: { Length: > 0 } code } failed
        ? $"{code} ({failed.Status})" : e.Message.Split('\n')[0];
}
