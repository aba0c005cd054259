using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>
/// Keeps portfolios in Azure Tables, a partition each: a row of all but the entries, and with each write, in the same
/// transaction, a row an entry, or for many at once rows of many. The first row is replaced only in the version that the
/// writer saw. Of an entry that stands in several rows the one of the latest revision counts.
/// </summary>
public sealed class AzurePortfolioStore : IPortfolioStore
{
    private const int MostEntryRows = 90; // of 100 in a transaction
    private const int BytesAPack = 700_000, MostBytes = 3_800_000; // an entity holds 1 MiB, a request 4
    private const string HeadRow = "head", Revision = "Revision", Entries = "Entries";

    private readonly AzureTables _tables;
    private readonly TableClient _table;
    private readonly WriteIds _ids;

    private AzurePortfolioStore(AzureTables tables, TableClient table, ulong writer) => (_tables, _table, _ids) = (tables, table, new(writer));

    /// <summary>Opens the store, and makes its table if it is not there.</summary>
    /// <param name="tables">Where.</param>
    /// <param name="writer">A random number: different in each process.</param>
    /// <exception cref="IOException">The table cannot be reached or made.</exception>
    public static async Task<AzurePortfolioStore> OpenAsync(AzureTables tables, ulong writer)
    {
        ArgumentNullException.ThrowIfNull(tables);
        return new(tables, await tables.TableAsync("portfolios"), writer);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredPortfolio?> LoadAsync(string portfolio, CancellationToken cancellation)
    {
        while (true)
        {
            TableEntity? head = await HeadAsync(portfolio, cancellation);
            if (head is null)
            {
                return null;
            }

            Dictionary<string, (long Revision, EntryRow? Entry)> latest = new(StringComparer.Ordinal);
            foreach (TableEntity row in await AzureTables.Told(() => RowsAsync(portfolio, cancellation)))
            {
                long revision = row.GetInt64(Revision)!.Value;
                foreach (EntryChange change in Unpacked(row, portfolio))
                {
                    if (!latest.TryGetValue(change.Id, out (long Revision, EntryRow? Entry) known) || known.Revision < revision)
                    {
                        latest[change.Id] = (revision, change.Entry);
                    }
                }
            }

            // A portfolio and its entries are of one moment if nobody wrote between.
            if ((await HeadAsync(portfolio, cancellation))?.ETag == head.ETag)
            {
                PortfolioTerms terms = JsonSerializer.Deserialize<PortfolioTerms>(head.GetString("Terms"), EntryRow.Json) ?? throw new InvalidDataException($"the portfolio {portfolio} has no terms");
                PortfolioHead stored = new(head.GetInt64(Revision)!.Value, terms, head.GetInt64("Base")!.Value, head.GetInt64("AsOf"));
                return new(new VersionKey(stored.Revision, head.ETag), stored, [.. latest.Values.Where(entry => entry.Entry is not null).Select(entry => entry.Entry!.Entry())]);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<PortfolioKey> WriteAsync(PortfolioWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        VersionKey? key = (VersionKey?)write.Key;
        if (key is not null && key.Revision != write.SeenRevision)
        {
            throw Conflict(write);
        }

        WriteId id = _ids.Next(write.Head.Revision);
        TableEntity head = new(write.Portfolio, HeadRow)
        {
            [TableWrite.Mark] = id.ToString(), [Revision] = write.Head.Revision, ["Terms"] = JsonSerializer.Serialize(write.Head.Terms, EntryRow.Json), ["Base"] = write.Head.Base,
        };
        if (write.Head.AsOf is { } asOf)
        {
            head["AsOf"] = asOf;
        }

        List<TableWrite> rows = [new(head, key?.Version), .. Rows(write, id)];
        if (rows.Sum(row => (long)row.Bytes) > MostBytes || rows.Count > 100)
        {
            throw new IOException($"a change of {write.Put.Count + write.Deleted.Count} entries is too large for one transaction of Azure Tables, and nothing of it is stored; send fewer at once");
        }

        try
        {
            IReadOnlyList<Response> answers = await _tables.SubmitAsync(_table, [.. rows.Select(row => row.Action)]);
            return new VersionKey(write.Head.Revision, answers[0].Headers.ETag!.Value);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            // Another came first; or it was this one, and the answer to it was lost.
            TableEntity? now = await HeadAsync(write.Portfolio, CancellationToken.None);
            return now?.GetString(TableWrite.Mark) == id.ToString() ? new VersionKey(write.Head.Revision, now.ETag) : throw Conflict(write);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException { InnerException: RequestFailedException })
        {
            throw AzureTables.Told(e);
        }
    }

    private static StoreConflictException Conflict(PortfolioWrite write) =>
        new($"the portfolio {write.Portfolio} is no longer at revision {write.SeenRevision}: another activation wrote it");

    private static IEnumerable<TableWrite> Rows(PortfolioWrite write, WriteId id)
    {
        EntryChange[] changes = [.. write.Put.Select(entry => new EntryChange(entry.Id, EntryRow.Of(entry))), .. write.Deleted.Except(write.Put.Select(entry => entry.Id)).Select(entry => new EntryChange(entry, null))];
        if (changes.Length <= MostEntryRows)
        {
            // The key holds the id in a form in which every character may stand.
            return changes.Select(change => Packed(write, $"e-{Convert.ToHexString(Encoding.UTF8.GetBytes(change.Id))}", JsonSerializer.SerializeToUtf8Bytes<EntryChange[]>([change], EntryRow.Json)));
        }

        return Packs(changes).Select((pack, i) => Packed(write, $"p-{id}-{i:d2}", pack));
    }

    /// <summary>Changes as JSON arrays, each of a length that compressed or not fits into a row.</summary>
    private static IEnumerable<byte[]> Packs(IEnumerable<EntryChange> changes)
    {
        using MemoryStream pack = new();
        foreach (EntryChange change in changes)
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(change, EntryRow.Json);
            if (pack.Length > 0 && pack.Length + json.Length > BytesAPack)
            {
                pack.WriteByte((byte)']');
                yield return pack.ToArray();
                pack.SetLength(0);
            }

            pack.WriteByte(pack.Length == 0 ? (byte)'[' : (byte)',');
            pack.Write(json);
        }

        pack.WriteByte((byte)']');
        yield return pack.ToArray();
    }

    private static TableWrite Packed(PortfolioWrite write, string key, byte[] json)
    {
        TableEntity row = new(write.Portfolio, key) { [Revision] = write.Head.Revision };
        using MemoryStream packed = new();
        using (BrotliStream brotli = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(json);
        }

        row.Put(Entries, packed.ToArray());
        return new(row, null, Anyway: true);
    }

    private static EntryChange[] Unpacked(TableEntity row, string portfolio)
    {
        using BrotliStream brotli = new(new MemoryStream(row.Bytes(Entries) ?? []), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<EntryChange[]>(brotli, EntryRow.Json) ?? throw new InvalidDataException($"entries of the portfolio {portfolio} are empty");
    }

    private async Task<TableEntity?> HeadAsync(string portfolio, CancellationToken cancellation)
    {
        NullableResponse<TableEntity> head = await AzureTables.Told(() => _table.GetEntityIfExistsAsync<TableEntity>(portfolio, HeadRow, cancellationToken: cancellation));
        return head.HasValue ? head.Value : null;
    }

    private async Task<List<TableEntity>> RowsAsync(string portfolio, CancellationToken cancellation)
    {
        List<TableEntity> rows = [];
        await foreach (TableEntity row in _table.QueryAsync<TableEntity>($"PartitionKey eq '{portfolio}' and RowKey ne '{HeadRow}'", cancellationToken: cancellation))
        {
            rows.Add(row);
        }

        return rows;
    }

    private sealed record VersionKey(long Revision, ETag Version) : PortfolioKey;

    /// <summary>What became of an entry: as it is now, or null if it is deleted.</summary>
    private sealed record EntryChange(string Id, EntryRow? Entry);
}
