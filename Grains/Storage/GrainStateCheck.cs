using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Pnl.Grains;

/// <summary>Reads the state of all grains of a cluster, and names what is not as it was written. It writes nothing.</summary>
public static class GrainStateCheck
{
    /// <summary>What it has found.</summary>
    /// <param name="Blobs">Blobs that were read.</param>
    /// <param name="Unsummed">Those of a release that kept no checksums.</param>
    /// <param name="Damaged">What is damaged, by the names of the blobs.</param>
    public sealed record Result(int Blobs, int Unsummed, IReadOnlyList<string> Damaged);

    /// <summary>Checks all of it.</summary>
    /// <param name="container">Where it is kept; there is no state if it is not there.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Task<Result> RunAsync(BlobContainerClient container, CancellationToken cancellation) => BlobGrainStorage.ToldAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(container);
        (int blobs, int unsummed) = (0, 0);
        List<string> damaged = [];
        try
        {
            await foreach (BlobItem item in container.GetBlobsAsync(cancellationToken: cancellation))
            {
                if (await BlobGrainStorage.FindAsync(container, item.Name) is not { } blob)
                {
                    continue; // it was cleared meanwhile
                }

                blobs++;
                if (BlobGrainStorage.Holds(item.Name, blob) is not { } holds)
                {
                    unsummed++;
                }
                else if (!holds)
                {
                    damaged.Add($"the checksum of the state of a grain in {container.Name}/{item.Name} does not hold");
                }
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Nothing was ever kept.
        }

        return new Result(blobs, unsummed, damaged);
    });
}
