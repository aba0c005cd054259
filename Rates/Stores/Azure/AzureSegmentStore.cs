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
    private const string Revision = "Revision", Registration = "Registration", Index = "Index", Before = "Before", Tail = "Tail", Covered = "Coverage", Receipts = "Receipts", Last = "LastSlot", Bars = "Bars", Deleted = "Deleted", Count = "Count", First = "FirstSlot";
    private const string StateSum = "StateSum"; // of what StatesAsync reads, which is not the whole row
    private const string Sums = "Sums"; // of the months of an index
    private const string Tokens = "tokens", MonthsTable = "months", Letters = "deadletters";
    private static readonly string[] StateColumns = ["PartitionKey", "RowKey", Revision, Last, Deleted, StateSum];

    private readonly AzureTables _tables;
    private readonly TableClient _tokens, _months, _letters;
    private int _lettersWritten;
    private readonly TableGroups _groups;
    private readonly TokenDirectory _directory;
    private readonly WriteIds _ids;
    private readonly Channel<string> _toSweep = Channel.CreateBounded<string>(new BoundedChannelOptions(SweepsWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _sweeping;
    private long _monthGroups;
    private volatile Task<string[]>? _damagedNames;

    private AzureSegmentStore(AzureTables tables, TableClient tokens, TableClient months, TableClient directory, TableClient letters, ulong writer, TimeSpan linger)
    {
        (_tables, _tokens, _months, _letters, _ids) = (tables, tokens, months, letters, new(writer));
        _groups = new(tables, tokens, linger);
        _directory = new(tables, directory, _ids, NamesAsync, TextAsync);
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
        TableClient tokens = await tables.TableAsync(Tokens);
        await tables.CheckVersionAsync(tokens);
        return new(
            tables, tokens, await tables.TableAsync(MonthsTable), await tables.TableAsync(TokenDirectory.Table), await tables.TableAsync(Letters),
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

        if (await DamagedNameAsync(token, cancellation) is not null)
        {
            _damagedNames = null; // perhaps it was deleted meanwhile
            if (await DamagedNameAsync(token, cancellation) is { } damaged)
            {
                throw new SegmentCorruptException($"the row of a token that stands in the store as '{damaged}' is damaged, and may be that of {token}");
            }
        }

        return null;
    }

    /// <summary>The damaged name that may have been the one looked for; the name itself if its row is in another's place.</summary>
    private async Task<string?> DamagedNameAsync(string token, CancellationToken cancellation)
    {
        string[] names = await DamagedNamesAsync(cancellation);
        return names.Contains(token) ? token : SummedTable.Near(names, token);
    }

    /// <summary>A token as it is stored; of one of an earlier format summaries of months are left out.</summary>
    private async Task<(StoredToken Token, bool IsOfEarlierFormat)?> FindAsync(string token, CancellationToken cancellation)
    {
        string? before = null;
        while (true)
        {
            NullableResponse<TableEntity> found = await AzureTables.TranslateErrorsAsync(() => _tokens.GetEntityIfExistsAsync<TableEntity>(BucketOf(token), token, cancellationToken: cancellation));
            if (!found.HasValue)
            {
                return null;
            }

            if (!EntitySum.Holds(Tokens, found.Value!))
            {
                throw new SegmentCorruptException($"the row of {token} with its registration, open days, coverage and revision is damaged: its checksum does not hold");
            }

            TableEntity row = AzureTables.Known(found.Value!, token, Format);
            bool isEarlier = AzureTables.FormatOf(row) < Format;
            Segment? open = row.Bytes(Tail) is { } tail ? Segment.Open(tail, $"open days of {token}") : null;
            (WriteId? index, ImmutableArray<(int Month, WriteId Write)> writes, ImmutableArray<MonthSummary> months) = (null, [], []);
            if (row.GetString(Index) is { } name)
            {
                index = WriteId.Parse(name);
                if (await FoundAsync(token, AzureTokenKey.IndexRow(index.Value), cancellation) is not { } summaries)
                {
                    // Rewritten twice and swept between the two readings; or truly gone.
                    before = before == name ? throw new SegmentCorruptException($"the index of the months of {token} is not in the store") : name;
                    continue;
                }

                if (EntitySum.Holds(MonthsTable, summaries))
                {
                    byte[] bytes = AzureTables.Known(summaries, IndexOf(token), Format).Bytes(Bars) ?? [];
                    int format = AzureTables.FormatOf(summaries);
                    isEarlier |= format < Format;
                    (writes, months) = format < Format ? (MonthIndex.WritesOf(bytes, format, token), []) : MonthIndex.Read(bytes, token);
                }
                else
                {
                    (writes, months) = await MendedAsync(token, row, summaries, open?.Summary() ?? default, cancellation);
                }
            }

            if (row.ContainsKey(EntitySum.Property) && !isEarlier && !Agrees(row, months, open?.Summary() ?? default))
            {
                throw new SegmentCorruptException($"the months of {token} do not come to what its row says ({row.GetInt64(Count)} bars): one is missing or damaged");
            }

            CoverageBytes.Known read = CoverageBytes.Read(row.Bytes(Covered) ?? [], $"the coverage of {token}");
            string registered = row.GetString(Registration);
            TokenRegistration registration = StoredJson.Read<TokenRegistration>(registered, $"the registration of {token}");
            long revision = row.GetInt64(Revision)!.Value;
            return (new(
                new AzureTokenKey(token, revision, row.ETag, registration, registered, index, writes), revision, registration, months,
                open, read.Coverage) { Coarse = read.Coarse, Conversions = read.Conversions, Receipts = row.Bytes(Receipts) is { } counted ? CoverageBytes.ReadReceipts(counted, $"what {token} counted of backfills") : read.Receipts }, isEarlier);
        }
    }

    /// <summary>
    /// Months of which the index is damaged: those whose entries hold, and the others made anew from their bars, which have
    /// checksums of their own. All must come to what the token's row says.
    /// </summary>
    private async Task<(ImmutableArray<(int Month, WriteId Write)> Writes, ImmutableArray<MonthSummary> Months)> MendedAsync(
        string token, TableEntity row, TableEntity index, RateSummary open, CancellationToken cancellation)
    {
        List<(int Month, WriteId Write, MonthSummary Summary)> all = [];
        List<string> damaged = [];
        foreach ((int month, WriteId write, MonthSummary? summary) in MonthIndex.Held(index.Bytes(Bars) ?? [], index.Bytes(Sums) ?? [], token))
        {
            try
            {
                all.Add((month, write, summary ?? new(month, (await MonthAsync(token, month, write, cancellation)
                    ?? throw new SegmentCorruptException($"{StoredMonth.NameOf(month, token)} is not in the store")).Summary())));
            }
            catch (SegmentCorruptException e)
            {
                damaged.Add(e.Message);
            }
        }

        ImmutableArray<MonthSummary> months = [.. all.Select(month => month.Summary)];
        return Agrees(row, months, open) ? ([.. all.Select(month => (month.Month, month.Write))], months)
            : throw new SegmentCorruptException($"{IndexOf(token)} is damaged, and not all of it can be made anew from bars{(damaged.Count > 0 ? ": " + string.Join("; ", damaged) : "")}");
    }

    /// <summary>Whether months and open days follow each other and come to what a token's row says.</summary>
    private static bool Agrees(TableEntity row, ImmutableArray<MonthSummary> months, RateSummary open)
    {
        RateSummary life = default;
        foreach (RateSummary part in months.Select(month => month.Summary).Append(open))
        {
            if (!life.IsEmpty && !part.IsEmpty && part.FirstSlot <= life.LastSlot)
            {
                return false;
            }

            life += part;
        }

        return row.GetInt64(Count) == life.Count && (life.IsEmpty || row.GetInt32(First) == life.FirstSlot && row.GetInt32(Last) == life.LastSlot);
    }

    private static string IndexOf(string token) => $"the index of the months of {token}";

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
        StoredKey key = await WriteAsync(new(stored.Key.Token, stored.Key, stored.Revision, revision, stored.Registration, history, months) { KeepsRegistration = true, Conversions = stored.Conversions, Receipts = stored.Receipts });
        return stored with { Key = key, Revision = revision, Months = history.Months };
    }

    /// <inheritdoc/>
    public async Task RenewAsync(IProgress<StoreRenewal>? progress, CancellationToken cancellation)
    {
        (long renewed, int done) = (0, 0);
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            List<string> earlier = [];
            await AzureTables.TranslateErrorsAsync(async () =>
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
                try
                {
                    if (await LoadAsync(token, cancel) is { } stored)
                    {
                        Interlocked.Add(ref renewed, stored.Months.Length + 1);
                    }
                }
                catch (Exception e) when (e is SegmentCorruptException or LaterReleaseException)
                {
                    // Left as it is, and no other's renewal waits for it: whoever reads it is told.
                }
            });
            progress?.Report(new(renewed, ++done / (double)Buckets));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Segment> ReadMonthAsync(StoredKey key, int month, CancellationToken cancellation)
    {
        AzureTokenKey own = Own(key);
        string name = StoredMonth.NameOf(month, key.Token);
        if (own.WriteOf(month) is not { } write)
        {
            throw new SegmentCorruptException($"{name} is not in the store");
        }

        if (await MonthAsync(own.Token, month, write, cancellation) is { } segment)
        {
            return segment;
        }

        NullableResponse<TableEntity> now = await AzureTables.TranslateErrorsAsync(() => _tokens.GetEntityIfExistsAsync<TableEntity>(BucketOf(own.Token), own.Token, [Revision], cancellation));
        throw now.HasValue && now.Value!.ETag == own.Version
            ? new SegmentCorruptException($"{name} is not in the store")
            : Conflict(own.Token, own.Revision);
    }

    /// <summary>The bars of a month as a write left them; null if they are not there.</summary>
    private async Task<Segment?> MonthAsync(string token, int month, WriteId write, CancellationToken cancellation)
    {
        string name = StoredMonth.NameOf(month, token);
        return await FoundAsync(token, AzureTokenKey.MonthRow(month, write), cancellation) is not { } found ? null
            : !EntitySum.Holds(MonthsTable, found) ? throw new SegmentCorruptException($"{name} is damaged: its checksum does not hold")
            : Segment.Open(AzureTables.Known(found, name, Format).Bytes(Bars) ?? [], name) is var segment && segment.BaseDay != BarTime.FirstDayOfMonth(month)
                ? throw new SegmentCorruptException($"{name} holds another month's bars")
                : segment;
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
        return AzureTables.TranslateErrorsAsync(async () =>
        {
            await _letters.UpsertEntityAsync(EntitySum.Seal(Letters, row), TableUpdateMode.Replace);
            if (Interlocked.Increment(ref _lettersWritten) % DeadLetter.WritesATrim == 1)
            {
                await TrimLettersAsync();
            }

            return true;
        });
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(string? after, int limit, CancellationToken cancellation) => await AzureTables.TranslateErrorsAsync(async () =>
    {
        (string day, string row) = KeyOf(after ?? "");
        List<DeadLetter> letters = [];
        await foreach (TableEntity found in _letters.QueryAsync<TableEntity>(
            after is null ? null : TableClient.CreateQueryFilter($"PartitionKey gt {day} or (PartitionKey eq {day} and RowKey gt {row})"), Math.Min(limit, LettersAtOnce), cancellationToken: cancellation))
        {
            letters.Add(Letter(found));
            if (letters.Count == limit)
            {
                break;
            }
        }

        return letters;
    });

    /// <inheritdoc/>
    public async ValueTask<DeadLetter?> DeadLetterAsync(string id, CancellationToken cancellation) => await AzureTables.TranslateErrorsAsync(async () =>
    {
        (string day, string row) = KeyOf(id);
        NullableResponse<TableEntity> found = await _letters.GetEntityIfExistsAsync<TableEntity>(day, row, cancellationToken: cancellation);
        return found.HasValue ? Letter(found.Value!) : null;
    });

    /// <inheritdoc/>
    public Task RemoveDeadLetterAsync(string id) =>
        AzureTables.TranslateErrorsAsync(() => _letters.DeleteEntityAsync(KeyOf(id).Day, KeyOf(id).Row)); // which does nothing where there is none

    /// <summary>Deletes what is behind the newest ones.</summary>
    private async Task TrimLettersAsync()
    {
        int kept = 0;
        await foreach (TableEntity row in _letters.QueryAsync<TableEntity>(select: [nameof(TableEntity.PartitionKey), nameof(TableEntity.RowKey)]))
        {
            if (++kept > DeadLetter.MostKept)
            {
                await _letters.DeleteEntityAsync(row.PartitionKey, row.RowKey);
            }
        }
    }

    private static (string Day, string Row) KeyOf(string letter) => letter.Split('-', 2) is [var day, var row] ? (day, row) : (letter, "");

    private static DeadLetter Letter(TableEntity row) =>
        (EntitySum.Holds(Letters, row)
            ? new DeadLetter(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64("At")!.Value), row.GetString("Token"), row.GetString("Reason"), Encoding.UTF8.GetString(row.Bytes("Payload") ?? []))
            : new DeadLetter(DateTimeOffset.UnixEpoch, "", DeadLetter.Damaged, $"dead letter {row.PartitionKey} {row.RowKey} is damaged: its checksum does not hold"))
        with { Id = $"{row.PartitionKey}-{row.RowKey}" };

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string? search, string? after, int limit, CancellationToken cancellation) =>
        await _directory.ListAsync(search, after, limit, cancellation);

    /// <inheritdoc/>
    public int GroupOf(string token) => Bucket(token);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TokenState>> StatesAsync(CancellationToken cancellation)
    {
        ConcurrentBag<List<TokenState>> all = [];
        await AzureTables.TranslateErrorsAsync(async () =>
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, Buckets),
                new ParallelOptions { MaxDegreeOfParallelism = BucketsAtOnce, CancellationToken = cancellation },
                async (bucket, cancel) =>
                {
                    List<TokenState> states = [];
                    await foreach (TableEntity row in _tokens.QueryAsync<TableEntity>($"PartitionKey eq '{bucket:d3}'", select: StateColumns, cancellationToken: cancel))
                    {
                        if (ListingRow.IsListing(row.RowKey))
                        {
                            continue;
                        }

                        // Of one that is damaged no more than its name is told; it says so itself when it is asked.
                        states.Add(IsDamagedState(row) ? new(row.RowKey, 0, null)
                            : new(row.RowKey, row.GetInt64(Revision)!.Value, row.GetInt32(Last)) { IsDeleted = row.GetBoolean(Deleted) == true });
                    }

                    all.Add(states);
                });
            return true;
        });
        return [.. all.SelectMany(states => states)];
    }

    /// <summary>The checksum over what <see cref="StatesAsync"/> reads of a token's row.</summary>
    private static long SumOfState(TableEntity row) =>
        RowSum.Of("state", row.PartitionKey, row.RowKey, row.GetInt64(Revision), row.GetInt32(Last), row.GetBoolean(Deleted) == true ? 1L : 0L);

    private static bool IsDamagedState(TableEntity row) => row.TryGetValue(StateSum, out object? sum) && sum is not null && !(sum is long stored && stored == SumOfState(row));

    /// <summary>
    /// The names of rows of tokens that do not hold, read once, for those whom a search for a name finds nothing: the name
    /// itself may be what is damaged.
    /// </summary>
    private async Task<string[]> DamagedNamesAsync(CancellationToken cancellation)
    {
        Task<string[]> reading = _damagedNames ??= ReadAsync();
        try
        {
            return await reading.WaitAsync(cancellation);
        }
        catch (IOException)
        {
            _ = Interlocked.CompareExchange(ref _damagedNames, null, reading); // the next who needs them tries again
            throw;
        }

        Task<string[]> ReadAsync() => AzureTables.TranslateErrorsAsync(async () =>
        {
            List<string> names = [];
            await foreach (TableEntity row in _tokens.QueryAsync<TableEntity>(select: StateColumns))
            {
                if (IsDamagedState(row) || row.GetInt64(Revision) is not null && row.PartitionKey != BucketOf(row.RowKey))
                {
                    names.Add(row.RowKey);
                }
            }

            return names.ToArray();
        });
    }

    /// <summary>What is damaged of a token, all bars read; null if nothing is. It writes nothing.</summary>
    internal async Task<string?> FaultAsync(string token, CancellationToken cancellation)
    {
        try
        {
            if (await FindAsync(token, cancellation) is { } stored)
            {
                foreach ((int month, _) in Own(stored.Token.Key).Months)
                {
                    await ReadMonthAsync(stored.Token.Key, month, cancellation);
                }
            }

            return null;
        }
        catch (Exception e) when (e is SegmentCorruptException or LaterReleaseException or InvalidDataException or StoreConflictException)
        {
            return e.Message;
        }
    }

    /// <summary>The ids of all tokens that have a row.</summary>
    private async Task<IEnumerable<string>> NamesAsync(CancellationToken cancellation) => (await StatesAsync(cancellation)).Select(state => state.Token);

    /// <summary>By what text a token is found, from its own row; of one that cannot be read its id, and nothing of one that is not there.</summary>
    private async Task<string> TextAsync(string token, CancellationToken cancellation)
    {
        try
        {
            return await LoadAsync(token, cancellation) is { } stored ? TokenDirectory.TextOf(token, stored.Registration) : "";
        }
        catch (Exception e) when (e is SegmentCorruptException or LaterReleaseException)
        {
            return token;
        }
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
        NullableResponse<TableEntity> row = await _tokens.GetEntityIfExistsAsync<TableEntity>(BucketOf(token), token);
        if (!row.HasValue || !EntitySum.Holds(Tokens, row.Value!) || row.Value!.GetString(Index) is not { } name)
        {
            return;
        }

        HashSet<string> kept = new(StringComparer.Ordinal);
        string? index = name;
        for (int generation = 0; generation < 2 && index is not null; generation++)
        {
            string key = AzureTokenKey.IndexRow(WriteId.Parse(index));
            if (await FoundAsync(token, key, CancellationToken.None) is not { } found)
            {
                break;
            }

            if (!EntitySum.Holds(MonthsTable, found))
            {
                return; // nobody knows for certain what it names
            }

            AzureTables.Known(found, IndexOf(token), Format);

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
            [TableWrite.Mark] = id.ToString(), [Revision] = write.Revision, [Registration] = registered, [Count] = (long)life.Count, [AzureTables.Format] = Format,
        };
        if (write.Registration.Deleted is not null)
        {
            row[Deleted] = true;
        }

        if (!life.IsEmpty)
        {
            (row[First], row[Last]) = (life.FirstSlot, life.LastSlot);
        }

        if (index is { } named)
        {
            row[Index] = named.ToString();
        }

        row.Put(Covered, CoverageBytes.Of(write.History, write.Conversions, BackfillReceipts.None));
        if (!write.Receipts.All.IsEmpty)
        {
            row.Put(Receipts, CoverageBytes.Of(write.Receipts)); // apart, so that a silo of the release before reads the row without them
        }

        if (write.History.Tail is { } tail)
        {
            row.Put(Tail, tail.Bytes);
        }

        row[StateSum] = SumOfState(row);
        return EntitySum.Seal(Tokens, row);
    }

    private async Task WriteMonthsAsync(TokenWrite write, WriteId? before, WriteId id, ImmutableArray<(int Month, WriteId Write)> writes)
    {
        List<TableWrite> rows = [];
        foreach (SealedMonth month in write.Sealed)
        {
            TableEntity row = new(write.Token, AzureTokenKey.MonthRow(month.Summary.Month, id));
            row.Put(Bars, month.Segment.Bytes);
            rows.Add(new(EntitySum.Seal(MonthsTable, row), null, Unconditional: true));
        }

        TableEntity index = new(write.Token, AzureTokenKey.IndexRow(id)) { [AzureTables.Format] = Format };
        if (before is { } known)
        {
            index[Before] = known.ToString();
        }

        byte[] entries = MonthIndex.Bytes(writes, write.History.Months);
        index.Put(Bars, entries);
        index.Put(Sums, MonthIndex.Sums(entries, write.Token));
        rows.Add(new(EntitySum.Seal(MonthsTable, index), null, Unconditional: true));

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
            await AzureTables.TranslateErrorsAsync(() => _tables.SubmitAsync(_months, [.. some.Select(row => row.Action)]));
        }
    }

    /// <summary>A row of a token's months, as it is.</summary>
    private async Task<TableEntity?> FoundAsync(string token, string row, CancellationToken cancellation)
    {
        NullableResponse<TableEntity> found = await AzureTables.TranslateErrorsAsync(() => _months.GetEntityIfExistsAsync<TableEntity>(token, row, cancellationToken: cancellation));
        return found.HasValue ? found.Value : null;
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
