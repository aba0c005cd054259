using System.Diagnostics;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Pnl.Rates;
using Pnl.Tests.Cluster.Golden;
using Pnl.Tests.Cluster.Tokens;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Cluster.OnAzure;

/// <summary>The backup of a cluster in the order of docs/operations.md, put back.</summary>
public sealed class BackupTests(Azurite azurite) : IClassFixture<Azurite>
{
    private static readonly string[] Tables = ["tokens", "months", "directory", "portfolios", "portfoliolist", "deadletters", "store"];

    private readonly string _prefix = $"t{Guid.NewGuid():n}"[..20];

    private TableServiceClient Service => new(azurite.ConnectionString);

    private BlobContainerClient Container => new(azurite.ConnectionString, _prefix);

    private AzureTables Opened => new(Service, _prefix, TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_and_blobs_that_are_put_back_answer_as_before_in_a_new_epoch()
    {
        string answers;
        await using (PnlCluster cluster = await KeptCluster.StartAsync(azure: azurite.ConnectionString, prefix: _prefix))
        {
            await KeptCluster.FillAsync(cluster);
            answers = await KeptCluster.AnswersAsync(cluster);
        }

        StoreIdentity identity = await Opened.IdentityAsync(inNewEpoch: false);
        long began = Stopwatch.GetTimestamp();
        Dictionary<string, List<TableEntity>> tables = [];
        foreach (string table in Tables)
        {
            tables[table] = await Service.GetTableClient(_prefix + table).QueryAsync<TableEntity>(cancellationToken: Cancellation).ToListAsync(Cancellation);
        }

        List<(string Name, Azure.Storage.Blobs.Models.BlobDownloadResult Blob)> blobs = [];
        await foreach (Azure.Storage.Blobs.Models.BlobItem item in Container.GetBlobsAsync(cancellationToken: Cancellation))
        {
            blobs.Add((item.Name, (await Container.GetBlobClient(item.Name).DownloadContentAsync(Cancellation)).Value));
        }

        TimeSpan copied = Stopwatch.GetElapsedTime(began);

        // It goes on, and so the answers would be others.
        await using (PnlCluster cluster = await KeptCluster.StartAsync(azure: azurite.ConnectionString, prefix: _prefix))
        {
            await cluster.IngestAsync("btc", [.. RegularBars.UpToNow(3).Select(bar => bar with { Rate = 7m })]);
            await cluster.Client.DeletePortfolioAsync("mine", Cancellation);
            Assert.NotEqual(answers, await KeptCluster.AnswersAsync(cluster));
        }

        began = Stopwatch.GetTimestamp();
        foreach ((string table, List<TableEntity> rows) in tables)
        {
            TableClient client = Service.GetTableClient(_prefix + table);
            await client.DeleteAsync(Cancellation);
            await client.CreateIfNotExistsAsync(Cancellation);
            foreach (TableEntity row in rows)
            {
                await client.AddEntityAsync(row, Cancellation);
            }
        }

        await foreach (Azure.Storage.Blobs.Models.BlobItem item in Container.GetBlobsAsync(cancellationToken: Cancellation))
        {
            await Container.DeleteBlobAsync(item.Name, cancellationToken: Cancellation);
        }

        foreach ((string name, Azure.Storage.Blobs.Models.BlobDownloadResult blob) in blobs)
        {
            // With its metadata: the checksum is there.
            await Container.GetBlobClient(name).UploadAsync(blob.Content, new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = blob.Details.Metadata }, Cancellation);
        }

        AzureCheckResult check = await AzureCheck.RunAsync(Opened, Cancellation);
        Assert.Empty(check.Damaged);
        Assert.Equal(0, check.Unsummed);
        StoreIdentity next = await Opened.IdentityAsync(inNewEpoch: true); // as the silo's program with `new-epoch` does
        Assert.Equal((identity.Id, false), (next.Id, next.Epoch == identity.Epoch));
        TestContext.Current.TestOutputHelper?.WriteLine($"{check.Rows} rows and {blobs.Count} blobs: copied in {copied.TotalSeconds:f1} s, put back and checked in {Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s");

        await using PnlCluster back = await KeptCluster.StartAsync(azure: azurite.ConnectionString, prefix: _prefix);
        Assert.Equal(answers, await KeptCluster.AnswersAsync(back));
    }
}
