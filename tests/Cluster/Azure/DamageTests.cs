using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Tests.Cluster.Tokens;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Cluster.OnAzure;

/// <summary>Rows of a cluster are damaged: what is damaged is named, or made good, and all else goes on.</summary>
public sealed class DamageTests(Azurite azurite) : IClassFixture<Azurite>
{
    private readonly string _prefix = $"t{Guid.NewGuid():n}"[..20];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_summary_is_made_anew_a_damaged_month_is_named_and_the_present_is_taken_and_the_other_keys_are_good()
    {
        Bar[] bars = RegularBars.UpToNow(80, step: 290);
        TokenPnl before;
        await using (PnlCluster cluster = await StartAsync())
        {
            foreach (string token in (string[])["btc", "eth"])
            {
                await cluster.Client.RegisterTokenAsync(token, new(), Cancellation);
                await cluster.IngestAsync(token, bars[..^1]);
            }

            before = await cluster.Client.GetPnlAsync("btc", Cancellation);
            foreach (int i in (int[])[1, 2, 3])
            {
                await Keys(cluster).Add(new() { Id = $"key{i}", Name = "a key", Owner = $"owner{i}", Scopes = ["read"], Hash = new string((char)('a' + i), 64) });
            }
        }

        // A summary of the first month, bars of the second, and one of three keys.
        TableClient months = new(azurite.ConnectionString, _prefix + "months");
        TableEntity[] rows = await months.QueryAsync<TableEntity>(row => row.PartitionKey == "btc", cancellationToken: Cancellation).ToArrayAsync(Cancellation);
        await DamageAsync(months, rows.Where(row => row.RowKey.StartsWith('i')).MaxBy(row => row.RowKey, StringComparer.Ordinal)!, at: 50);
        await DamageAsync(months, rows.Where(row => !row.RowKey.StartsWith('i')).OrderBy(row => row.RowKey, StringComparer.Ordinal).ElementAt(1), at: 40);
        BlobClient blob = new(azurite.ConnectionString, _prefix, "apiKeys-api-keys/0.json");
        Azure.Storage.Blobs.Models.BlobDownloadResult kept = (await blob.DownloadContentAsync(Cancellation)).Value;
        await blob.UploadAsync(
            BinaryData.FromString(kept.Content.ToString().Replace("owner2", "owner3", StringComparison.Ordinal)),
            new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = kept.Details.Metadata }, Cancellation);

        await using PnlCluster again = await StartAsync();
        Assert.Equal(Figures(before), Figures(await again.Client.GetPnlAsync("btc", Cancellation)));
        Assert.Equal(1, (await again.IngestAsync("btc", bars[^1])).Accepted);
        DateTimeOffset damaged = BarTime.Open(BarTime.FirstSlotOfMonth(BarTime.MonthOf(bars[0].Slot) + 1));
        SegmentCorruptException named = await Assert.ThrowsAsync<SegmentCorruptException>(
            () => again.Client.GetRatesAsync("btc", new() { Interval = Interval.FiveMinutes, From = damaged, To = damaged.AddDays(20) }, Cancellation));
        Assert.Contains($"month {damaged:yyyy-MM} of btc", named.Message, StringComparison.Ordinal);
        Assert.Equal(80, (await again.Client.GetTokenAsync("eth", Cancellation)).Bars + 1);

        // As docs/operations.md says: the month is deleted and fetched anew.
        DateTimeOffset end = BarTime.Open(BarTime.FirstSlotOfMonth(BarTime.MonthOf(bars[0].Slot) + 2));
        Bar[] gone = [.. bars.Where(bar => BarTime.Open(bar.Slot) >= damaged && BarTime.Open(bar.Slot) < end)];
        Assert.Equal(gone.Length, (await again.Client.DeleteRatesAsync("btc", damaged, end, Cancellation)).Removed);
        Assert.Equal(gone.Length, (await again.IngestAsync("btc", gone)).Accepted);
        await CleanBuild.AssertStoredAsync(again.Store.Inner, "btc", bars);

        ApiKeyInfo[] keys = await Keys(again).List();
        Assert.Equal([("key1", "owner1"), ("key2", ""), ("key3", "owner3")], keys.Select(key => (key.Id, key.Owner)));
        Assert.Contains("damaged", keys[1].Name, StringComparison.Ordinal);
        Assert.True(await Keys(again).Revoke("key2"));
        Assert.Equal(["key1", "key3"], (await Keys(again).List()).Select(key => key.Id));
    }

    private Task<PnlCluster> StartAsync() => Golden.KeptCluster.StartAsync(azure: azurite.ConnectionString, prefix: _prefix);

    private static IApiKeysGrain Keys(PnlCluster cluster) => cluster.Orleans.Client.GetGrain<IApiKeysGrain>(0);

    private static async Task DamageAsync(TableClient table, TableEntity row, int at)
    {
        byte[] bytes = row.GetBinary("Bars");
        bytes[at] ^= 4;
        row["Bars"] = bytes;
        await table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, Cancellation);
    }

    private static string Figures(TokenPnl pnl) => Golden.AnswerJson.Of(new Dictionary<string, object?> { ["pnl"] = pnl });
}
