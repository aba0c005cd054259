using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>The tables of an account that belong to one cluster: their names begin with its prefix.</summary>
/// <param name="service">The account.</param>
/// <param name="prefix">Letters and digits, the first a letter.</param>
/// <param name="time">The clock by which it waits.</param>
public sealed class AzureTables(TableServiceClient service, string prefix, TimeProvider time)
{
    private const int Tries = 12, Version = 1, Connections = 64;
    private const string VersionRow = "version";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.05), LongestPause = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How calls are made: what the service answers busy to (503, 500), and what the network lost, the client sends again,
    /// after 0.1, 0.2, 0.4... s. A grain call is given up after 30 s, and these are before that. No more connections than a
    /// service accepts at once: when thousands of tokens are loaded, calls wait here, not in a full queue of the network that loses
    /// them, where each would be tried again after seconds.
    /// </summary>
    public static T Patient<T>(T options)
        where T : ClientOptions
    {
        ArgumentNullException.ThrowIfNull(options);
        (options.Retry.Mode, options.Retry.Delay, options.Retry.MaxDelay, options.Retry.MaxRetries, options.Retry.NetworkTimeout) =
            (RetryMode.Exponential, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(3), 6, TimeSpan.FromSeconds(5));
        options.Transport = new HttpClientTransport(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = Connections, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }); // in time for an account that fails over
        return options;
    }

    /// <summary>The clock by which stores wait.</summary>
    internal TimeProvider Time => time;

    /// <summary>
    /// Submits a transaction. One of which the service could do no part at the moment is answered 202 with that failure within,
    /// which the client does not send again; this does.
    /// </summary>
    /// <exception cref="RequestFailedException">It was refused, or the moment lasts.</exception>
    internal async Task<IReadOnlyList<Response>> SubmitAsync(TableClient table, IReadOnlyCollection<TableTransactionAction> actions)
    {
        TimeSpan pause = FirstPause;
        for (int tried = 1; ; tried++)
        {
            try
            {
                return (await table.SubmitTransactionAsync(actions)).Value;
            }
            catch (RequestFailedException e) when (e.Status is 408 or 429 or 500 or 502 or 503 or 504 && tried < Tries)
            {
                await Task.Delay(pause, time);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>A table, which may not be there.</summary>
    internal TableClient Existing(string name) => service.GetTableClient(prefix + name);

    /// <summary>A table, which is made if it is not there.</summary>
    internal async Task<TableClient> TableAsync(string name)
    {
        TableClient table = service.GetTableClient(prefix + name);
        await TranslateErrorsAsync(async () => await table.CreateIfNotExistsAsync());
        return table;
    }

    /// <summary>
    /// Checks that this release knows how things are laid out over all tables: a row says the version, and without it that is
    /// the first. A release that lays them out otherwise writes it before anything else.
    /// </summary>
    /// <exception cref="InvalidDataException">They are of a later version.</exception>
    internal async Task CheckVersionAsync(TableClient tokens)
    {
        NullableResponse<TableEntity> found = await TranslateErrorsAsync(() => tokens.GetEntityIfExistsAsync<TableEntity>(VersionRow, VersionRow));
        if (found.HasValue && found.Value!.GetInt32(Format) is var version && version != Version)
        {
            throw new InvalidDataException($"the tables of the prefix '{prefix}' were written by a later release (version {version}, this one knows {Version})");
        }
    }

    /// <summary>
    /// Which store it is, and which of its lives: a row of the table <c>store</c>, which whoever starts first makes. One that is
    /// damaged is replaced by another identity, under which nothing holds that was told before.
    /// </summary>
    /// <param name="inNewEpoch">Whether it takes on a new epoch.</param>
    /// <exception cref="IOException">The table cannot be reached or made.</exception>
    public async Task<StoreIdentity> IdentityAsync(bool inNewEpoch)
    {
        const string Row = "store", Id = "Id", Epoch = "Epoch";
        TableClient table = await TableAsync(Row);
        StoreIdentity made = StoreIdentity.New();
        for (int tried = 1; ; tried++)
        {
            NullableResponse<TableEntity> found = await TranslateErrorsAsync(() => table.GetEntityIfExistsAsync<TableEntity>(Row, Row));
            try
            {
                if (!found.HasValue)
                {
                    await table.AddEntityAsync(Stored(made));
                    return made;
                }

                // One that is damaged is another store's for all that can be known: what was told of it holds no more.
                TableEntity row = found.Value!;
                StoreIdentity? kept = EntitySum.Holds(Row, row) && row.GetString(Id) is { } id && row.GetString(Epoch) is { } epoch ? new(id, epoch) : null;
                if (kept is not null && !inNewEpoch)
                {
                    return kept;
                }

                StoreIdentity now = made with { Id = kept?.Id ?? made.Id, IsReplacement = kept is null };
                await table.UpdateEntityAsync(Stored(now), row.ETag, TableUpdateMode.Replace);
                return now;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412 && tried < Tries)
            {
                // Another was first, or an answer was lost: what is there now counts.
            }
            catch (RequestFailedException e)
            {
                throw TranslateErrorsAsync(e);
            }
        }

        static TableEntity Stored(StoreIdentity identity) => EntitySum.Seal(Row, new(Row, Row) { [Id] = identity.Id, [Epoch] = identity.Epoch });
    }

    /// <summary>The property of a row that says its format; of the first of its kind it lacks.</summary>
    internal const string Format = "Format";

    /// <summary>A row, if it is of a format of its kind that is known.</summary>
    /// <param name="row">The row.</param>
    /// <param name="name">What it holds, for the message.</param>
    /// <param name="known">The last format known.</param>
    /// <exception cref="LaterReleaseException">It is of a format that this release does not know.</exception>
    internal static TableEntity Known(TableEntity row, string name, int known = 1) => row.TryGetValue(Format, out object? format) && !(format is int number && number <= known)
        ? throw new LaterReleaseException($"{name} was written by a later release and is left as it is (format {format}, this one knows {known})")
        : row;

    /// <summary>A row that was read whole, if its checksum holds and it is of a format that is known.</summary>
    /// <param name="table">The table, without the prefix.</param>
    /// <param name="row">The row.</param>
    /// <param name="name">What it holds, for the message.</param>
    /// <param name="known">The last format known.</param>
    /// <exception cref="StoreDamagedException">Its checksum does not hold.</exception>
    /// <exception cref="LaterReleaseException">It is of a format that this release does not know.</exception>
    internal static TableEntity Whole(string table, TableEntity row, string name, int known = 1) => EntitySum.Holds(table, row) ? Known(row, name, known)
        : throw new StoreDamagedException($"{name} is damaged: its checksum does not hold");

    /// <summary>The format of a row.</summary>
    internal static int FormatOf(TableEntity row) => row.GetInt32(Format) ?? 1;

    /// <summary>The error of a disk in place of the client's, which no other process could read.</summary>
    internal static async Task<T> TranslateErrorsAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException { InnerException: RequestFailedException })
        {
            throw TranslateErrorsAsync(e);
        }
    }

    internal static IOException TranslateErrorsAsync(Exception e) => new($"Azure Tables: {Why(e)}", e);

    private static string Why(Exception e) => (e as RequestFailedException ?? e.InnerException as RequestFailedException) is { ErrorCode: { Length: > 0 } code } failed
        ? $"{code} ({failed.Status})" : e.Message.Split('\n')[0];
}
