using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Orleans.Runtime;
using Orleans.Storage;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Keeps the state of grains in Azure Blob Storage: a blob each, named and filled as by Orleans' provider, which releases
/// before used, and in the blob's metadata a checksum over its name and content. A blob without one is of such a release.
/// </summary>
internal sealed class BlobGrainStorage(BlobContainerClient container) : IGrainStorage
{
    private const string Sum = "sum";

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string name = NameOf(stateName, grainId);
        BlobDownloadResult? blob = await ToldAsync(() => FindAsync(container, name));
        byte[] content = blob?.Content.ToArray() ?? [];
        grainState.ETag = blob?.Details.ETag.ToString();
        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = content.Length > 0; // a release before may have left an empty one
        if (blob is null)
        {
            return;
        }

        if (Holds(name, blob) != false)
        {
            grainState.State = content.Length > 0 ? StoredJson.Read<T>(content, $"the state of {grainId}") : grainState.State;
        }
        else if (grainState.State is IKeptInParts parts)
        {
            parts.TakeDamaged(Encoding.UTF8.GetString(content));
        }
        else
        {
            throw new StoreDamagedException($"the state of {grainId} is damaged: its checksum does not hold");
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string name = NameOf(stateName, grainId);
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(grainState.State, StoredJson.Options);
        BlobUploadOptions options = new()
        {
            HttpHeaders = new() { ContentType = "application/json" },
            Metadata = new Dictionary<string, string> { [Sum] = SumOf(name, content) },
            Conditions = grainState.ETag is { } seen ? new() { IfMatch = new ETag(seen) } : new() { IfNoneMatch = ETag.All },
        };
        grainState.ETag = await ToldAsync(async () =>
        {
            try
            {
                return await UploadAsync(name, content, options);
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                await container.CreateIfNotExistsAsync();
                return await UploadAsync(name, content, options);
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                throw Conflict(grainId, grainState.ETag, e);
            }
        });
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.ETag is { } seen)
        {
            await ToldAsync(async () =>
            {
                try
                {
                    return await container.GetBlobClient(NameOf(stateName, grainId)).DeleteIfExistsAsync(conditions: new() { IfMatch = new ETag(seen) });
                }
                catch (RequestFailedException e) when (e.Status is 409 or 412)
                {
                    throw Conflict(grainId, seen, e);
                }
            });
        }

        grainState.ETag = null;
        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
    }

    private async Task<string> UploadAsync(string name, byte[] content, BlobUploadOptions options) =>
        (await container.GetBlobClient(name).UploadAsync(new BinaryData(content), options)).Value.ETag.ToString();

    /// <summary>Whether a blob is what was written; null if it has no checksum.</summary>
    internal static bool? Holds(string name, BlobDownloadResult blob) => blob.Details.Metadata.TryGetValue(Sum, out string? sum) ? sum == SumOf(name, blob.Content.ToArray()) : null;

    /// <summary>A blob; null if it is not there.</summary>
    internal static async Task<BlobDownloadResult?> FindAsync(BlobContainerClient container, string name)
    {
        try
        {
            return (await container.GetBlobClient(name).DownloadContentAsync()).Value;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private static string NameOf(string stateName, GrainId grainId) => $"{stateName}-{grainId}.json";

    private static string SumOf(string name, byte[] content) => RowSum.Of("grain_state", name, content).ToString("x16", CultureInfo.InvariantCulture);

    private static InconsistentStateException Conflict(GrainId grainId, string? seen, Exception inner) =>
        new($"the state of {grainId} is no longer of version {seen ?? "none"}: another activation wrote it", inner);

    /// <summary>The error of a disk in place of the client's, which no other process could read.</summary>
    internal static async Task<T> ToldAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException { InnerException: RequestFailedException })
        {
            RequestFailedException failed = e as RequestFailedException ?? (RequestFailedException)e.InnerException!;
            throw new IOException($"Azure Blob Storage: {(failed.ErrorCode is { Length: > 0 } code ? $"{code} ({failed.Status})" : failed.Message.Split('\n')[0])}", e);
        }
    }
}
