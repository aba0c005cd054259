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
        LandingKey key = LandingPath.KeyOf(candles);
        if (key.Listing is null)
        {
            if (await TryWriteNewAsync(key, bytes, cancellation))
            {
                return;
            }

            key = await IsOfAnotherAsync(key, candles, cancellation) ? LandingPath.Apart(candles) : key;
        }

        bytes.Position = 0;
        await TranslateErrorsAsync(() => Blob(key).UploadAsync(bytes, overwrite: true, cancellation));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LandingKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (LandingKey key in LandingPath.InOrder(await KeysAsync(null, cancellation)))
        {
            yield return key;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LandingKey> ListAsync(string token, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<string> sources = await TranslateErrorsAsync(async () =>
        {
            List<string> all = [];
            await foreach (BlobHierarchyItem item in container.GetBlobsByHierarchyAsync(BlobTraits.None, BlobStates.None, "/", null, cancellation))
            {
                if (item.IsPrefix)
                {
                    all.Add(item.Prefix);
                }
            }

            return all;
        });
        foreach (string source in sources.Order(StringComparer.Ordinal))
        {
            foreach (LandingKey key in LandingPath.InOrder(await KeysAsync($"{source}{token}/", cancellation)))
            {
                yield return key;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<LandedRows> ReadRowsAsync(LandingKey key, CancellationToken cancellation)
    {
        BlobClient blob = Blob(key);
        await using Stream bytes = await DownloadAsync(blob, cancellation);
        return CandleParquet.ReadRows(bytes, blob.Name) with { Key = key };
    }

    /// <inheritdoc/>
    public async Task<LandedCandles> ReadAsync(LandingKey key, CancellationToken cancellation)
    {
        BlobClient blob = Blob(key);
        await using Stream bytes = await DownloadAsync(blob, cancellation);
        return CandleParquet.Read(bytes, blob.Name).At(key);
    }

    private BlobClient Blob(LandingKey key) => container.GetBlobClient(LandingPath.Of(key));

    private async Task<Stream> DownloadAsync(BlobClient blob, CancellationToken cancellation) =>
        (await TranslateErrorsAsync(async () => (await blob.DownloadContentAsync(cancellation)).Value)).Content.ToStream();

    private Task<List<LandingKey>> KeysAsync(string? prefix, CancellationToken cancellation) => TranslateErrorsAsync(async () =>
    {
        List<LandingKey> all = [];
        await foreach (BlobItem blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellation))
        {
            if (blob.Name.EndsWith(LandingPath.Extension, StringComparison.Ordinal))
            {
                all.Add(LandingPath.Parse(blob.Name));
            }
        }

        return all;
    });

    /// <summary>False if there is a blob of the name.</summary>
    private Task<bool> TryWriteNewAsync(LandingKey key, MemoryStream bytes, CancellationToken cancellation) => TranslateErrorsAsync(async () =>
    {
        try
        {
            await Blob(key).UploadAsync(bytes, new BlobUploadOptions { Conditions = new() { IfNoneMatch = ETag.All } }, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false;
        }
    });

    private async Task<bool> IsOfAnotherAsync(LandingKey key, LandedCandles candles, CancellationToken cancellation)
    {
        try
        {
            return (await ReadRowsAsync(key, cancellation)).Listing != candles.Listing;
        }
        catch (RateFileException)
        {
            return false; // what cannot be read is of nobody
        }
    }

    private static MemoryStream Encoded(LandedCandles candles)
    {
        MemoryStream bytes = new();
        CandleParquet.Write(candles, bytes);
        bytes.Position = 0;
        return bytes;
    }

    /// <summary>The error of a disk in place of the client's, which no other process could read.</summary>
    private async Task<T> TranslateErrorsAsync<T>(Func<Task<T>> ask)
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
