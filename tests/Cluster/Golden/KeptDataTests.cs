using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Cluster.Golden;

/// <summary>What earlier releases have kept is read as they read it: a data folder, and the tables and blobs of a cluster.</summary>
public sealed class KeptDataTests(Azurite azurite) : IClassFixture<Azurite>
{
    private const string Database = "bars.db", Azure = "azure.json", Answers = "answers.json";

    private static readonly DateTimeOffset NextDay = PnlCluster.Noon.AddDays(1);
    private static readonly JsonSerializerOptions Lines = new() { WriteIndented = true, IndentSize = 0 };

    public static TheoryData<string> Generations => GoldenFiles.GenerationsOf(Answers);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task A_data_folder_is_read(string generation)
    {
        using TemporaryFolder read = new(), goneOnWith = new();
        foreach (TemporaryFolder folder in (TemporaryFolder[])[read, goneOnWith])
        {
            File.Copy(GoldenFiles.Path(generation, Database), folder.File(Database));
        }

        await AssertKeptAsync(generation, await KeptCluster.StartAsync(read.Path), await KeptCluster.StartAsync(goneOnWith.Path, now: NextDay));
    }

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Tables_and_blobs_are_read(string generation)
    {
        string[] prefixes = [NewPrefix(), NewPrefix()];
        JsonNode kept = JsonNode.Parse(await File.ReadAllTextAsync(GoldenFiles.Path(generation, Azure), Cancellation))!;
        await Task.WhenAll(prefixes.Select(prefix => PutAsync(kept, prefix)));
        await AssertKeptAsync(
            generation, await KeptCluster.StartAsync(azure: azurite.ConnectionString, prefix: prefixes[0]),
            await KeptCluster.StartAsync(azure: azurite.ConnectionString, prefix: prefixes[1], now: NextDay));
    }

    /// <summary>A command: see tests/Shared/Golden/README.md.</summary>
    [Fact(Explicit = true)]
    public async Task A_new_generation_is_written()
    {
        using TemporaryFolder folder = new();
        string answers;
        await using (PnlCluster cluster = await KeptCluster.StartAsync(folder.Path))
        {
            await KeptCluster.FillAsync(cluster);
            answers = await KeptCluster.AnswersAsync(cluster);
        }

        await using (PnlCluster cluster = await KeptCluster.StartAsync(azure: azurite.ConnectionString))
        {
            await KeptCluster.FillAsync(cluster);
            GoldenFiles.AssertHolds(answers, await KeptCluster.AnswersAsync(cluster));
            await File.WriteAllTextAsync(GoldenFiles.NewPath(Azure), (await GetAsync(cluster.Prefix)).ToJsonString(Lines), Cancellation);
        }

        File.Copy(folder.File(Database), GoldenFiles.NewPath(Database));
        await File.WriteAllTextAsync(GoldenFiles.NewPath(Answers), answers, Cancellation);
    }

    private static async Task AssertKeptAsync(string generation, PnlCluster then, PnlCluster dayAfter)
    {
        await using (then)
        await using (dayAfter)
        {
            string answers = await File.ReadAllTextAsync(GoldenFiles.Path(generation, Answers), Cancellation);
            if (generation == "1")
            {
                // It counted every return as if it spanned 5 minutes; the second has kept the same.
                string second = GoldenFiles.Path("2", Answers);
                answers = GoldenFiles.Redefined(answers, File.Exists(second) ? await File.ReadAllTextAsync(second, Cancellation) : null, "Volatility");
            }

            GoldenFiles.AssertHolds(EarlierShapes.Today(answers), await KeptCluster.AnswersAsync(then));
            await KeptCluster.AssertGoesOnAsync(dayAfter);
        }
    }

    private static string NewPrefix() => $"t{Guid.NewGuid():n}"[..20];

    /// <summary>Tables and blobs as they are: values with their types.</summary>
    private async Task<JsonObject> GetAsync(string prefix)
    {
        JsonObject tables = [], blobs = [];
        TableServiceClient service = new(azurite.ConnectionString);
        await foreach (Azure.Data.Tables.Models.TableItem table in service.QueryAsync(cancellationToken: Cancellation))
        {
            if (table.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                JsonArray rows = [];
                await foreach (TableEntity row in service.GetTableClient(table.Name).QueryAsync<TableEntity>(cancellationToken: Cancellation))
                {
                    rows.Add(new JsonObject(row.Where(property => property.Key is not ("odata.etag" or "Timestamp")).Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Typed(property.Value)))));
                }

                tables[table.Name[prefix.Length..]] = rows;
            }
        }

        BlobContainerClient container = new(azurite.ConnectionString, prefix);
        await foreach (Azure.Storage.Blobs.Models.BlobItem blob in container.GetBlobsAsync(cancellationToken: Cancellation))
        {
            blobs[blob.Name] = (await container.GetBlobClient(blob.Name).DownloadContentAsync(Cancellation)).Value.Content.ToString();
        }

        return new() { ["tables"] = tables, ["blobs"] = blobs };
    }

    private async Task PutAsync(JsonNode kept, string prefix)
    {
        TableServiceClient service = new(azurite.ConnectionString);
        foreach ((string name, JsonNode? rows) in kept["tables"]!.AsObject())
        {
            TableClient table = service.GetTableClient(prefix + name);
            await table.CreateIfNotExistsAsync(Cancellation);
            foreach (JsonNode? row in rows!.AsArray())
            {
                await table.AddEntityAsync(new TableEntity(row!.AsObject().ToDictionary(property => property.Key, property => Value(property.Value!.GetValue<string>()))), Cancellation);
            }
        }

        BlobContainerClient container = new(azurite.ConnectionString, prefix);
        await container.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        foreach ((string name, JsonNode? content) in kept["blobs"]!.AsObject())
        {
            await container.UploadBlobAsync(name, BinaryData.FromString(content!.GetValue<string>()), Cancellation);
        }
    }

    private static string Typed(object value) => value switch
    {
        string text => "s " + text,
        int number => FormattableString.Invariant($"i {number}"),
        long number => FormattableString.Invariant($"l {number}"),
        byte[] bytes => "b " + Convert.ToBase64String(bytes),
        _ => throw new NotSupportedException($"{value.GetType()} in a table"),
    };

    private static object Value(string typed) => typed[0] switch
    {
        's' => typed[2..],
        'i' => int.Parse(typed.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture),
        'l' => long.Parse(typed.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture),
        _ => Convert.FromBase64String(typed[2..]),
    };
}
