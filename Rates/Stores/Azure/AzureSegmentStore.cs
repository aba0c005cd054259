using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Azure;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>
/// Keeps bars in Azure Tables, for all silos of a cluster. A token's row, in one of 128 partitions, holds its open days and
/// names the index of its months; index and months are rows that are written once and never changed, in a partition of the
/// token's own. The token's row is replaced only in the version that the writer saw, so that a change becomes visible whole
/// and of two owners one loses. Rows of a partition that are written at the same time share a transaction.
/// </summary>
public sealed class AzureSegmentStore : ISegmentStore, IAsyncDisposable
{
    private const int Buckets = 128; // must never change: it decides where a token's row is
    private const int BucketsAtOnce = 16, LettersAtOnce = 1000;
    private const int MostRows = 100, MostBytes = 3_500_000;
    private const int SweepsWaiting = 10_000;
    private const int Format = 2; // of rows of tokens and of indices of months: with the sums of segments of version 2
    private const int RenewedAtOnce = 4, MonthsAtOnce = 16;
    private const string Revision = "Revision", Registration = "Registration", Index = "Index", Before = "Before", Tail = "Tail", Covered = "Coverage", Last = "LastSlot", Bars = "Bars", Deleted = "Deleted";

    private readonly AzureTables _tables;
    private readonly TableClient _tokens, _months, _letters;
    private readonly TableGroups _groups;
    private readonly TokenDirectory _directory;
    private readonly WriteIds _ids;
    private readonly Channel<string> _toSweep = Channel.CreateBounded<string>(new BoundedChannelOptions(SweepsWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _sweeping;
    private long _monthGroups;

    private AzureSegmentStore(AzureTables tables, TableClient tokens, TableClient months, TableClient directory, TableClient letters, ulong writer, TimeSpan linger)
    {
        (_tables, _tokens, _months, _letters, _ids) = (tables, tokens, months, letters, new(writer));
        _groups = new(tables, tokens, linger);
        _directory = new(tables, directory, _ids);
        _sweeping = Task.Run(SweepAllAsync);
    }

    /// <summary>Transactions that wrote tokens' rows, and those that wrote months.</summary>
    public (long Tokens, long Months) Transactions => (_groups.Groups, Interlocked.Read(ref _monthGroups));

    /// <summary>Opens the store, and makes its tables if they are not there.</summary>
    /// <param name="tables">Where.</param>
    /// <param name="writer">A random number: different in each process.</param>
    /// <param name="linger">How long a tokens' row waits for others of its partition; 20 ms by default.</param>
    /// <exception cref="IOException">The tables cannot be reached or made.</exception>
    /// <exception cref="InvalidDataException">They are of a later version.</exception>
    public static async Task<AzureSegmentStore> OpenAsync(AzureTables tables, ulong writer, TimeSpan? linger = null)
    {
        ArgumentNullException.ThrowIfNull(tables);
        TableClient tokens = await tables.TableAsync("tokens");
        await tables.CheckVersionAsync(tokens);
        return new(
            tables, tokens, await tables.TableAsync("months"), await tables.TableAsync("directory"), await tables.TableAsync("deadletters"),
            writer, linger ?? TimeSpan.FromMilliseconds(20));
    }

    /// <inheritdoc/>
    public async ValueTask<StoredToken?> LoadAsync(string token, CancellationToken cancellation)
    {
        while (await FindAsync(token, cancellation) is { } stored)
        {
            if (!stored.IsOfEarlierFormat)
            {
                return stored.Token;
            }

            try
            {
                return await RenewAsync(stored.Token, cancellation);
            }
            catch (StoreConflictException)
            {
                // Another has renewed it, or goes on with it: what is there now.
            }
        }

        return null;
    }

    /// <summary>A token as it is stored; of one of an earlier format summaries of months are left out.</summary>
    private async Task<(StoredToken Token, bool IsOfEarlierFormat)?> FindAsync(string token, CancellationToken cancellation)
    {
        string? before = null;
        while (true)
        {
            NullableResponse<TableEntity> found = await AzureTables.Told(() => _tokens.GetEntityIfExistsAsync<TableEntity>(BucketOf(token), token, cancellationToken: cancellation));
            if (!found.HasValue)
            {
                return null;
            }

            TableEntity row = AzureTables.Known(found.Value!, token, Format);
            bool isEarlier = AzureTables.FormatOf(row) < Format;
            (WriteId? index, ImmutableArray<(int Month, WriteId Write)> writes, ImmutableArray<MonthSummary> months) = (null, [], []);
            if (row.GetString(Index) is { } name)
            {
                index = WriteId.Parse(name);
                if (await MonthsRowAsync(token, AzureTokenKey.IndexRow(index.Value), cancellation) is not { } summaries)
                {
                    // Rewritten twice and swept between the two readings; or truly gone.
                    before = before == name ? throw new SegmentCorruptException($"the index of the months of {token} is not in the store") : name;
                    continue;
                }

                byte[] bytes = summaries.Bytes(Bars) ?? [];
                int format = AzureTables.FormatOf(summaries);
                isEarlier |= format < Format;
                (writes, months) = format < Format ? (MonthIndex.WritesOf(bytes, format, token), []) : MonthIndex.Read(bytes, token);
            }

            CoverageBytes.Known read = CoverageBytes.Read(row.Bytes(Covered) ?? [], $"the coverage of {token}");
            string registered = row.GetString(Registration);
            TokenRegistration registration = StoredJson.Read<TokenRegistration>(registered, $"the registration of {token}");
            long revision = row.GetInt64(Revision)!.Value;
            return (new(
                new AzureTokenKey(token, revision, row.ETag, registration, registered, index, writes), revision, registration, months,
                row.Bytes(Tail) is { } tail ? Segment.Open(tail, $"open days of {token}") : null, read.Coverage) { Coarse = read.Coarse, Conversions = read.Conversions }, isEarlier);
        }
    }

    /// <summary>
    /// Makes a token of an earlier format anew from its bars, and stores it so: a write like any other, of the next revision and of the same
    /// bars. Whoever dies in the middle has changed nothing.
    /// </summary>
    /// <exception cref="StoreConflictException">Another came first.</exception>
    private async Task<StoredToken> RenewAsync(StoredToken stored, CancellationToken cancellation)
    {
        List<SealedMonth> months = [];
        foreach ((int Month, WriteId Write)[] some in Own(stored.Key).Months.Chunk(MonthsAtOnce))
        {
            Segment[] segments = await Task.WhenAll(some.Select(month => ReadMonthAsync(stored.Key, month.Month, cancellation).AsTask()));
            months.AddRange(some.Zip(segments, (month, segment) => new SealedMonth(new(month.Month, segment.Summary()), segment)));
        }

        TokenHistory history = TokenHistory.Restore([.. months.Select(month => month.Summary)], stored.Tail, stored.Coverage, stored.Coarse);
        long revision = stored.Revision + 1;
        StoredKey key = await WriteAsync(new(stored.Key.Token, stored.Key, stored.Revision, revision, stored.Registration, history, months) { KeepsRegistration = true });
        return stored with { Key = key, Revision = revision, Months = history.Months };
    }

    /// <inheritdoc/>
    public async Task RenewAsync(IProgress<StoreRenewal>? progress, CancellationToken cancellation)
    {
        (long renewed, int done) = (0, 0);
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            List<string> earlier = [];
            await AzureTables.Told(async () =>
            {
                await foreach (TableEntity row in _tokens.QueryAsync<TableEntity>($"PartitionKey eq '{bucket:d3}'", select: ["RowKey", AzureTables.Format], cancellationToken: cancellation))
                {
                    if (AzureTables.FormatOf(row) < Format)
                    {
                        earlier.Add(row.RowKey);
                    }
                }

                return true;
            });
            await Parallel.ForEachAsync(earlier, new ParallelOptions { MaxDegreeOfParallelism = RenewedAtOnce, CancellationToken = cancellation }, async (token, cancel) =>
            {
                if (await LoadAsync(token, cancel) is { } stored)
                {
                    Interlocked.Add(ref renewed, stored.Months.Length + 1);
                }
            });
            progress?.Report(new(renewed, ++done / (double)Buckets));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Segment> ReadMonthAsync(StoredKey key, int month, CancellationToken cancellation)
    {
        AzureTokenKey own = Own(key);
        string name = $"month {1970 + month / 12:d4}-{month % 12 + 1:d2} of {key.Token}";
        if (own.RowOf(month) is not { } row)
        {
            throw new SegmentCorruptException($"{name} is not in the store");
        }

        if (await MonthsRowAsync(own.Token, row, cancellation) is { } found)
        {
            return Segment.Open(found.Bytes(Bars) ?? [], name);
        }

        NullableResponse<TableEntity> now = await AzureTables.Told(() => _tokens.GetEntityIfExistsAsync<TableEntity>(BucketOf(own.Token), own.Token, [Revision], cancellation));
        throw now.HasValue && now.Value!.ETag == own.Version
            ? new SegmentCorruptException($"{name} is not in the store")
            : Conflict(own.Token, own.Revision);
    }

    /// <inheritdoc/>
    public async Task<StoredKey> WriteAsync(TokenWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        AzureTokenKey? key = write.Key is null ? null : Own(write.Key);
        if (key is not null && key.Revision != write.SeenRevision)
        {
            throw Conflict(write.Token, write.SeenRevision);
        }

        WriteId id = _ids.Next(write.Revision);
        (WriteId? index, ImmutableArray<(int Month, WriteId Write)> writes) = (key?.Index, key?.Months ?? []);
        if (write.Sealed.Count > 0 || write.Dropped.Count > 0)
        {
            (index, writes) = (id, WithMonths(writes, write, id));
            await WriteMonthsAsync(write, key?.Index, id, writes);
        }

        // Listed before it is there rather than there and never listed; what is deleted, the other way round.
        bool list = !ListingRow.IsListing(write.Token) && (key is null || !write.KeepsRegistration && TokenDirectory.TextOf(write.Token, key.Registration) != TokenDirectory.TextOf(write.Token, write.Registration));
        bool isDeleted = write.Registration.Deleted is not null;
        if (list && !isDeleted)
        {
            await _directory.PutAsync(write.Token, write.Registration);
        }

        try
        {
            string registered = key is not null && write.KeepsRegistration ? key.Json : JsonSerializer.Serialize(write.Registration, StoredJson.Options);
            ETag version = await _groups.WriteAsync(new(Row(write, registered, id, index), key?.Version));
            if (list && isDeleted)
            {
                await _directory.PutAsync(write.Token, write.Registration);
            }

            if (write.Sealed.Count + write.Dropped.Count > 0 && key?.Index is not null)
            {
                _toSweep.Writer.TryWrite(write.Token);
            }

            return new AzureTokenKey(write.Token, write.Revision, version, write.Registration, registered, index, writes);
        }
        catch (StoreConflictException)
        {
            if (list && await LoadAsync(write.Token, CancellationToken.None) is { } other)
            {
                await _directory.PutAsync(write.Token, other.Registration); // the loser's text must not stay
            }

            throw Conflict(write.Token, write.SeenRevision);
        }
    }

    /// <inheritdoc/>
    public Task WriteDeadLetterAsync(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);

        // Newest first is the order of the keys: days and milliseconds count down.
        long milliseconds = letter.At.ToUnixTimeMilliseconds();
        TableEntity row = new(
            (99_999 - milliseconds / 86_400_000).ToString("d5", CultureInfo.InvariantCulture),
            $"{long.MaxValue - milliseconds:x16}-{ulong.MaxValue - _ids.Next(0).Nonce:x16}")
        {
            ["At"] = milliseconds, ["Token"] = letter.Token, ["Reason"] = letter.Reason,
        };
        row.Put("Payload", Encoding.UTF8.GetBytes(letter.Payload));
        return AzureTables.Told(() => _letters.UpsertEntityAsync(row, TableUpdateMode.Replace));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(int limit, CancellationToken cancellation) => await AzureTables.Told(async () =>
    {
        List<DeadLetter> letters = [];
        await foreach (TableEntity row in _letters.QueryAsync<TableEntity>(maxPerPage: Math.Min(limit, LettersAtOnce), cancellationToken: cancellation))
        {
            letters.Add(new(
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("At")!.Value), row.GetString("Token"), row.GetString("Reason"), Encoding.UTF8.GetString(row.Bytes("Payload") ?? [])));
            if (letters.Count == limit)
            {
                break;
            }
        }

        return letters;
    });

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string? search, string? after, int limit, CancellationToken cancellation) =>
        await _directory.ListAsync(search, after, limit, cancellation);

    /// <inheritdoc/>
    public int GroupOf(string token) => Bucket(token);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TokenState>> StatesAsync(CancellationToken cancellation)
    {
        ConcurrentBag<List<TokenState>> all = [];
        await AzureTables.Told(async () =>
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, Buckets),
                new ParallelOptions { MaxDegreeOfParallelism = BucketsAtOnce, CancellationToken = cancellation },
                async (bucket, cancel) =>
                {
                    List<TokenState> states = [];
                    await foreach (TableEntity row in _tokens.QueryAsync<TableEntity>($"PartitionKey eq '{bucket:d3}'", select: ["RowKey", Revision, Last, Deleted], cancellationToken: cancel))
                    {
                        if (ListingRow.IsListing(row.RowKey))
                        {
                            continue;
                        }

                        states.Add(new(row.RowKey, row.GetInt64(Revision)!.Value, row.GetInt32(Last)) { IsDeleted = row.GetBoolean(Deleted) == true });
                    }

                    all.Add(states);
                });
            return true;
        });
        return [.. all.SelectMany(states => states)];
    }

    /// <summary>Ends the sweeping; what was handed in is written by then, since its writers wait for it.</summary>
    public async ValueTask DisposeAsync()
    {
        _toSweep.Writer.TryComplete();
        await _sweeping;
    }

    /// <summary>
    /// Deletes rows of months that nothing names any more: neither the index nor the one before it, which a reader may still
    /// go by; nor may a writer be about to name them, since they are of a revision that has passed.
    /// </summary>
    internal async Task SweepAsync(string token)
    {
        NullableResponse<TableEntity> row = await _tokens.GetEntityIfExistsAsync<TableEntity>(BucketOf(token), token, [Index, Revision]);
        if (!row.HasValue || row.Value!.GetString(Index) is not { } name)
        {
            return;
        }

        HashSet<string> kept = new(StringComparer.Ordinal);
        string? index = name;
        for (int generation = 0; generation < 2 && index is not null; generation++)
        {
            string key = AzureTokenKey.IndexRow(WriteId.Parse(index));
            if (await MonthsRowAsync(token, key, CancellationToken.None) is not { } found)
            {
                break;
            }

            kept.Add(key);
            kept.UnionWith(MonthIndex.WritesOf(found.Bytes(Bars) ?? [], AzureTables.FormatOf(found), token).Select(month => AzureTokenKey.MonthRow(month.Month, month.Write)));
            index = found.GetString(Before);
        }

        if (!kept.Contains(AzureTokenKey.IndexRow(WriteId.Parse(name))))
        {
            return; // rewritten meanwhile: the next sweep
        }

        long revision = row.Value.GetInt64(Revision)!.Value;
        List<TableTransactionAction> gone = [];
        await foreach (TableEntity each in _months.QueryAsync<TableEntity>($"PartitionKey eq '{token}'", select: ["PartitionKey", "RowKey"]))
        {
            if (!kept.Contains(each.RowKey) && WriteId.Parse(each.RowKey[(each.RowKey.IndexOf('-', StringComparison.Ordinal) + 1)..]).Revision <= revision)
            {
                gone.Add(new(TableTransactionActionType.Delete, new TableEntity(token, each.RowKey), ETag.All));
            }
        }

        try
        {
            foreach (TableTransactionAction[] some in gone.Chunk(MostRows))
            {
                await _tables.SubmitAsync(_months, some);
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            await SweepAsync(token); // another sweep was there: what it has left over
        }
    }

    private static string BucketOf(string token) => Bucket(token).ToString("d3", CultureInfo.InvariantCulture);

    private static int Bucket(string token) => (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(token)) % Buckets);

    private static StoreConflictException Conflict(string token, long revision) =>
        new($"{token} is no longer at revision {revision}: another activation wrote it");

    private static AzureTokenKey Own(StoredKey key) => key as AzureTokenKey ?? throw new ArgumentException($"the key of {key.Token} is another store's", nameof(key));

    private static ImmutableArray<(int Month, WriteId Write)> WithMonths(ImmutableArray<(int Month, WriteId Write)> writes, TokenWrite write, WriteId id)
    {
        SortedDictionary<int, WriteId> all = new(writes.ToDictionary(month => month.Month, month => month.Write));
        foreach (SealedMonth month in write.Sealed)
        {
            all[month.Summary.Month] = id;
        }

        foreach (int month in write.Dropped)
        {
            all.Remove(month);
        }

        return [.. all.Select(month => (month.Key, month.Value))];
    }

    private static TableEntity Row(TokenWrite write, string registered, WriteId id, WriteId? index)
    {
        RateSummary life = write.History.Life;
        TableEntity row = new(BucketOf(write.Token), write.Token)
        {
            [TableWrite.Mark] = id.ToString(), [Revision] = write.Revision, [Registration] = registered, ["Count"] = (long)life.Count, [AzureTables.Format] = Format,
        };
        if (write.Registration.Deleted is not null)
        {
            row[Deleted] = true;
        }

        if (!life.IsEmpty)
        {
            (row["FirstSlot"], row[Last]) = (life.FirstSlot, life.LastSlot);
        }

        if (index is { } named)
        {
            row[Index] = named.ToString();
        }

        row.Put(Covered, CoverageBytes.Of(write.History, write.Conversions));
        if (write.History.Tail is { } tail)
        {
            row.Put(Tail, tail.Bytes);
        }

        return row;
    }

    private async Task WriteMonthsAsync(TokenWrite write, WriteId? before, WriteId id, ImmutableArray<(int Month, WriteId Write)> writes)
    {
        List<TableWrite> rows = [];
        foreach (SealedMonth month in write.Sealed)
        {
            TableEntity row = new(write.Token, AzureTokenKey.MonthRow(month.Summary.Month, id));
            row.Put(Bars, month.Segment.Bytes);
            rows.Add(new(row, null, Anyway: true));
        }

        TableEntity index = new(write.Token, AzureTokenKey.IndexRow(id)) { [AzureTables.Format] = Format };
        if (before is { } known)
        {
            index[Before] = known.ToString();
        }

        index.Put(Bars, MonthIndex.Bytes(writes, write.History.Months));
        rows.Add(new(index, null, Anyway: true));

        // Nobody sees them yet: it matters not whether they go in one transaction, only that all are there before they are named.
        for (int at = 0; at < rows.Count;)
        {
            int from = at;
            for (int bytes = 0; at < rows.Count && at - from < MostRows && (at == from || bytes + rows[at].Bytes <= MostBytes); at++)
            {
                bytes += rows[at].Bytes;
            }

            TableWrite[] some = [.. rows[from..at]];
            Interlocked.Increment(ref _monthGroups);
            await AzureTables.Told(() => _tables.SubmitAsync(_months, [.. some.Select(row => row.Action)]));
        }
    }

    private async Task<TableEntity?> MonthsRowAsync(string token, string row, CancellationToken cancellation)
    {
        NullableResponse<TableEntity> found = await AzureTables.Told(() => _months.GetEntityIfExistsAsync<TableEntity>(token, row, cancellationToken: cancellation));
        return found.HasValue ? AzureTables.Known(found.Value!, $"a row of the months of {token}", Format) : null;
    }

    private async Task SweepAllAsync()
    {
        await foreach (string token in _toSweep.Reader.ReadAllAsync())
        {
            try
            {
                await SweepAsync(token);
            }
            catch (Exception e) when (e is RequestFailedException or IOException or AggregateException or SegmentCorruptException or LaterReleaseException)
            {
                // What is left over costs room, and goes with the next sweep.
            }
        }
    }
}
