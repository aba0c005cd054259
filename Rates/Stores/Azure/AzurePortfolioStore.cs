using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>
/// Keeps portfolios in Azure Tables, a partition each: a row of all but the entries, and with each write, in the same
/// transaction, a row an entry, or for many at once rows of many. The first row is replaced only in the version that the
/// writer saw. Of an entry that stands in several rows the one of the latest revision counts. The keys of these rows begin
/// with the life of the portfolio: a deletion puts a mark in the place of the first row, and what belongs to no life any
/// more is not read, and goes after that.
/// </summary>
public sealed class AzurePortfolioStore : IPortfolioStore
{
    private const int MostEntryRows = 90; // of 100 in a transaction
    private const int BytesAPack = 700_000, MostBytes = 3_800_000; // an entity holds 1 MiB, a request 4
    private const int PortfoliosAtOnce = 16;
    private const string HeadRow = "head", Revision = "Revision", Entries = "Entries", Life = "Life", Answered = "Answered", Listed = "all";
    private const string EntriesSum = "EntriesSum"; // of a head: the exclusive or of the checksums of its rows of entries
    private const string IsThere = "IsThere"; // of a listed portfolio: its first write has succeeded
    private const string Table = "portfolios", List = "portfoliolist";

    private readonly AzureTables _tables;
    private readonly TableClient _table, _list;
    private readonly WriteIds _ids;

    private AzurePortfolioStore(AzureTables tables, TableClient table, TableClient list, ulong writer) => (_tables, _table, _list, _ids) = (tables, table, list, new(writer));

    /// <summary>Opens the store, and makes its tables if they are not there.</summary>
    /// <param name="tables">Where.</param>
    /// <param name="writer">A random number: different in each process.</param>
    /// <exception cref="IOException">The tables cannot be reached or made.</exception>
    public static async Task<AzurePortfolioStore> OpenAsync(AzureTables tables, ulong writer)
    {
        ArgumentNullException.ThrowIfNull(tables);
        return new(tables, await tables.TableAsync(Table), await tables.TableAsync(List), writer);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredPortfolio?> LoadAsync(string portfolio, CancellationToken cancellation)
    {
        while (true)
        {
            TableEntity? head = await HeadAsync(portfolio, cancellation);
            if (head?.GetString(Life) is not { } life)
            {
                return null;
            }

            Dictionary<string, (long Revision, EntryRow? Entry)> latest = new(StringComparer.Ordinal);
            EntryRowSums sums = new();
            foreach (TableEntity row in await AzureTables.TranslateErrorsAsync(() => RowsAsync(portfolio, life, cancellation)))
            {
                AzureTables.Whole(Table, row, NameOf(row));
                sums.Put([row]);
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
                if (head.GetInt64(EntriesSum) is { } all && all != sums.All)
                {
                    throw new StoreDamagedException($"the entries of the portfolio {portfolio} are not those that were written: one is missing or damaged");
                }

                PortfolioHead stored = new(head.GetInt64(Revision)!.Value, Terms(head), head.GetInt64("Base")!.Value, head.GetInt64("AsOf"));
                return new(new VersionKey(stored.Revision, head.ETag, life, sums), stored, [.. latest.Values.Where(entry => entry.Entry is not null).Select(entry => entry.Entry!.Entry())]);
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
            throw Conflict(write.Portfolio, write.SeenRevision);
        }

        WriteId id = _ids.Next(write.Head.Revision);
        string life = key?.Life ?? id.ToString();
        ETag? over = key?.Version;
        if (key is null)
        {
            // Perhaps one of this id was deleted; and listed before it is there rather than there and never listed.
            over = await HeadAsync(write.Portfolio, CancellationToken.None) is { } deleted && deleted.GetString(Life) is null ? deleted.ETag : null;
            await AzureTables.TranslateErrorsAsync(() => _list.UpsertEntityAsync(EntitySum.Seal(List, new(Listed, write.Portfolio)), TableUpdateMode.Replace));
        }

        TableEntity head = new(write.Portfolio, HeadRow)
        {
            [TableWrite.Mark] = id.ToString(), [Revision] = write.Head.Revision, ["Terms"] = JsonSerializer.Serialize(write.Head.Terms, StoredJson.Options), ["Base"] = write.Head.Base, [Life] = life,
        };
        if (write.Head.AsOf is { } asOf)
        {
            head["AsOf"] = asOf;
        }

        TableWrite[] entries = [.. Rows(write, life, id)];
        EntryRowSums sums = key?.Sums ?? new();
        head[EntriesSum] = sums.AllWith([.. entries.Select(row => row.Row)]);
        List<TableWrite> rows = [new(EntitySum.Seal(Table, head), over), .. entries];
        if (rows.Sum(row => (long)row.Bytes) > MostBytes || rows.Count > 100)
        {
            throw new IOException($"a change of {write.Put.Count + write.Deleted.Count} entries is too large for one transaction of Azure Tables, and nothing of it is stored; send fewer at once");
        }

        ETag version = await SubmitAsync(rows, write.SeenRevision);
        sums.Put([.. entries.Select(row => row.Row)]);
        if (key is null)
        {
            await TellThereAsync(write.Portfolio);
        }

        return new VersionKey(write.Head.Revision, version, life, sums);
    }

    /// <summary>Says in the list that a portfolio is there, by which a missing head is known for one that was damaged.</summary>
    private async Task TellThereAsync(string portfolio)
    {
        try
        {
            await _list.UpsertEntityAsync(EntitySum.Seal(List, new(Listed, portfolio) { [IsThere] = true }), TableUpdateMode.Replace);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException { InnerException: RequestFailedException })
        {
            // It is stored, and listed.
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string portfolio, PortfolioKey key, long seenRevision, long answered)
    {
        VersionKey own = (VersionKey)key;
        if (own.Revision != seenRevision)
        {
            throw Conflict(portfolio, seenRevision);
        }

        TableEntity mark = EntitySum.Seal(Table, new(portfolio, HeadRow) { [TableWrite.Mark] = _ids.Next(seenRevision).ToString(), [Revision] = seenRevision, [Answered] = answered });
        await SubmitAsync([new(mark, own.Version)], seenRevision);
        try
        {
            foreach (TableEntity[] some in (await RowsAsync(portfolio, own.Life, CancellationToken.None, "PartitionKey", "RowKey")).Chunk(100))
            {
                await _tables.SubmitAsync(_table, [.. some.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All))]);
            }
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException { InnerException: RequestFailedException })
        {
            // It is deleted; what is left takes room and is never read.
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> DeletedAtAsync(string portfolio, CancellationToken cancellation) => (await HeadAsync(portfolio, cancellation))?.GetInt64(Answered) ?? 0;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ListedPortfolio>> ListAsync(string? after, int limit, CancellationToken cancellation)
    {
        List<ListedPortfolio> found = [];
        await AzureTables.TranslateErrorsAsync(async () =>
        {
            await foreach (Page<TableEntity> page in _list.QueryAsync<TableEntity>($"PartitionKey eq '{Listed}' and RowKey gt '{after}'", Math.Min(limit, 1000), cancellationToken: cancellation).AsPages())
            {
                foreach (TableEntity[] some in page.Values.Where(row => EntitySum.Holds(List, row)).Chunk(PortfoliosAtOnce))
                {
                    TableEntity?[] heads = await Task.WhenAll(some.Select(row => ListedHeadAsync(row.RowKey, cancellation)));
                    found.AddRange(heads.Where(head => head?.GetString(Life) is not null).Select(head => new ListedPortfolio(head!.PartitionKey, Terms(head))));
                    if (found.Count >= limit)
                    {
                        return true;
                    }
                }
            }

            return true;
        });
        return found.Count > limit ? found[..limit] : found;
    }

    /// <inheritdoc/>
    public async ValueTask<int> CountOfAsync(string token, CancellationToken cancellation)
    {
        int count = 0;
        for (IReadOnlyList<string> names = await NamesAsync(null, cancellation); names.Count > 0; names = await NamesAsync(names[^1], cancellation))
        {
            await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = PortfoliosAtOnce, CancellationToken = cancellation }, async (name, cancel) =>
            {
                if (await DependsAsync(name, token, cancel))
                {
                    Interlocked.Increment(ref count);
                }
            });
        }

        return count;
    }

    private async ValueTask<bool> DependsAsync(string portfolio, string token, CancellationToken cancellation)
    {
        try
        {
            return await LoadAsync(portfolio, cancellation) is { } stored
                && (stored.Head.Terms.BaseCurrency == token || stored.Entries.Any(entry => entry.Token == token || entry.Currency == token || entry.Fees.Any(fee => fee.Currency == token)));
        }
        catch (Exception e) when (e is StoreDamagedException or InvalidDataException or LaterReleaseException)
        {
            return true; // it may
        }
    }

    /// <summary>Names of portfolios in order, those of deleted ones among them; none at the end.</summary>
    internal async Task<IReadOnlyList<string>> NamesAsync(string? after, CancellationToken cancellation) => await AzureTables.TranslateErrorsAsync(async () =>
    {
        await foreach (Page<TableEntity> page in _list.QueryAsync<TableEntity>($"PartitionKey eq '{Listed}' and RowKey gt '{after}'", select: ["RowKey"], cancellationToken: cancellation).AsPages())
        {
            if (page.Values.Count > 0)
            {
                return page.Values.Select(row => row.RowKey).ToList();
            }
        }

        return [];
    });

    /// <summary>The head of a portfolio in a list: one that is damaged says so itself, and keeps no other from being listed.</summary>
    private async Task<TableEntity?> ListedHeadAsync(string portfolio, CancellationToken cancellation)
    {
        try
        {
            return await HeadAsync(portfolio, cancellation);
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }

    private static PortfolioTerms Terms(TableEntity head) =>
        StoredJson.Read<PortfolioTerms>(head.GetString("Terms"), $"the terms of the portfolio {head.PartitionKey}");

    /// <summary>Submits rows of a portfolio, its head first; the head's version afterwards.</summary>
    private async Task<ETag> SubmitAsync(List<TableWrite> rows, long seenRevision)
    {
        TableEntity head = rows[0].Row;
        try
        {
            return (await _tables.SubmitAsync(_table, [.. rows.Select(row => row.Action)]))[0].Headers.ETag!.Value;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            // Another came first; or it was this one, and the answer to it was lost.
            TableEntity? now = await HeadAsync(head.PartitionKey, CancellationToken.None);
            return now?.GetString(TableWrite.Mark) == head.GetString(TableWrite.Mark) ? now!.ETag : throw Conflict(head.PartitionKey, seenRevision);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException { InnerException: RequestFailedException })
        {
            throw AzureTables.TranslateErrorsAsync(e);
        }
    }

    private static StoreConflictException Conflict(string portfolio, long seenRevision) =>
        new($"the portfolio {portfolio} is no longer at revision {seenRevision}: another activation wrote it");

    private static IEnumerable<TableWrite> Rows(PortfolioWrite write, string life, WriteId id)
    {
        EntryChange[] changes = [.. write.Put.Select(entry => new EntryChange(entry.Id, EntryRow.Of(entry))), .. write.Deleted.Except(write.Put.Select(entry => entry.Id)).Select(entry => new EntryChange(entry, null))];
        if (changes.Length <= MostEntryRows)
        {
            // The key holds the id in a form in which every character may stand.
            return changes.Select(change => Packed(write, $"{life}-e-{Convert.ToHexString(Encoding.UTF8.GetBytes(change.Id))}", JsonSerializer.SerializeToUtf8Bytes<EntryChange[]>([change], StoredJson.Options)));
        }

        return Packs(changes).Select((pack, i) => Packed(write, $"{life}-p-{id}-{i:d2}", pack));
    }

    /// <summary>Changes as JSON arrays, each of a length that compressed or not fits into a row.</summary>
    private static IEnumerable<byte[]> Packs(IEnumerable<EntryChange> changes)
    {
        using MemoryStream pack = new();
        foreach (EntryChange change in changes)
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(change, StoredJson.Options);
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
        return new(EntitySum.Seal(Table, row), null, Unconditional: true);
    }

    private static EntryChange[] Unpacked(TableEntity row, string portfolio)
    {
        string name = $"entries of the portfolio {portfolio}";
        using BrotliStream brotli = new(new MemoryStream(AzureTables.Known(row, name).Bytes(Entries) ?? []), CompressionMode.Decompress);
        using MemoryStream json = new();
        brotli.CopyTo(json);
        return StoredJson.Read<EntryChange[]>(json.GetBuffer().AsSpan(0, (int)json.Length), name);
    }

    /// <summary>What a row of entries holds, for people.</summary>
    private static string NameOf(TableEntity row)
    {
        const string One = "-e-";
        int at = row.RowKey.LastIndexOf(One, StringComparison.Ordinal) + One.Length;
        try
        {
            return at >= One.Length ? $"the entry {Encoding.UTF8.GetString(Convert.FromHexString(row.RowKey.AsSpan(at)))} of the portfolio {row.PartitionKey}" : $"a row of entries of the portfolio {row.PartitionKey}";
        }
        catch (FormatException)
        {
            return $"the entry in row {row.RowKey} of the portfolio {row.PartitionKey}";
        }
    }

    /// <summary>The head; null if there is no such portfolio, nor was there one.</summary>
    /// <exception cref="StoreDamagedException">It is damaged, or should be there and is not.</exception>
    private async Task<TableEntity?> HeadAsync(string portfolio, CancellationToken cancellation)
    {
        NullableResponse<TableEntity> head = await AzureTables.TranslateErrorsAsync(() => _table.GetEntityIfExistsAsync<TableEntity>(portfolio, HeadRow, cancellationToken: cancellation));
        if (head.HasValue)
        {
            return AzureTables.Whole(Table, head.Value!, $"the portfolio {portfolio}");
        }

        NullableResponse<TableEntity> listed = await AzureTables.TranslateErrorsAsync(() => _list.GetEntityIfExistsAsync<TableEntity>(Listed, portfolio, cancellationToken: cancellation));
        return listed.HasValue && listed.Value!.GetBoolean(IsThere) == true
            ? throw new StoreDamagedException($"the portfolio {portfolio} is listed, and the row of its terms and revision is not in the store")
            : null;
    }

    private async Task<List<TableEntity>> RowsAsync(string portfolio, string life, CancellationToken cancellation, params string[] select)
    {
        List<TableEntity> rows = [];
        await foreach (TableEntity row in _table.QueryAsync<TableEntity>($"PartitionKey eq '{portfolio}' and RowKey gt '{life}-' and RowKey lt '{life}.'", select: select.Length > 0 ? select : null, cancellationToken: cancellation))
        {
            rows.Add(row);
        }

        return rows;
    }

    private sealed record VersionKey(long Revision, ETag Version, string Life, EntryRowSums Sums) : PortfolioKey;

    /// <summary>The checksums of a portfolio's rows of entries, by a hash of their keys: so that a head can be written with the exclusive or of all of them.</summary>
    private sealed class EntryRowSums
    {
        private readonly Dictionary<ulong, long> _sums = [];
        private long _all;

        /// <summary>The exclusive or of all.</summary>
        public long All
        {
            get
            {
                lock (_sums)
                {
                    return _all;
                }
            }
        }

        /// <summary>What that will be once rows are written.</summary>
        public long AllWith(TableEntity[] rows)
        {
            lock (_sums)
            {
                return rows.Aggregate(_all, (all, row) => all ^ _sums.GetValueOrDefault(KeyOf(row)) ^ EntitySum.Of(Table, row));
            }
        }

        /// <summary>Takes note of rows that are in the store.</summary>
        public void Put(TableEntity[] rows)
        {
            lock (_sums)
            {
                foreach (TableEntity row in rows)
                {
                    (ulong key, long sum) = (KeyOf(row), EntitySum.Of(Table, row));
                    _all ^= _sums.GetValueOrDefault(key) ^ sum;
                    _sums[key] = sum;
                }
            }
        }

        private static ulong KeyOf(TableEntity row) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(row.RowKey));
    }

    /// <summary>What became of an entry: as it is now, or null if it is deleted.</summary>
    private sealed record EntryChange(string Id, EntryRow? Entry);
}
