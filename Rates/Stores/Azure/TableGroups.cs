using Azure;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>
/// Writes rows of many owners to one table: of each partition one group after another, whatever has gathered, up to 100
/// rows in one transaction. Nobody's row holds up another's: one that comes too late is refused by itself.
/// </summary>
/// <param name="tables">The tables, of which it is one.</param>
/// <param name="table">The table.</param>
/// <param name="linger">How long the first row of a group waits for others.</param>
/// <param name="beside">Makes a row that goes with each group of a partition; null for none.</param>
internal sealed class TableGroups(AzureTables tables, TableClient table, TimeSpan linger, Func<string, TableEntity>? beside = null)
{
    private const int MostRows = 99, MostBytes = 3_500_000; // of 100 and 4 MiB
    private const int Tries = 12;

    private readonly Dictionary<string, Queue<TableWrite>> _waiting = new(StringComparer.Ordinal);
    private long _groups;

    /// <summary>Transactions that were sent, without those that were sent again.</summary>
    public long Groups => Interlocked.Read(ref _groups);

    /// <summary>Writes a row; completes with its version when it is durable.</summary>
    /// <exception cref="StoreConflictException">Another came first.</exception>
    /// <exception cref="IOException">Whether it was stored is unknown.</exception>
    public Task<ETag> WriteAsync(TableWrite write)
    {
        string partition = write.Row.PartitionKey;
        lock (_waiting)
        {
            if (_waiting.TryGetValue(partition, out Queue<TableWrite>? queue))
            {
                queue.Enqueue(write);
                return write.Durable.Task;
            }

            _waiting.Add(partition, new([write]));
        }

        _ = Task.Run(() => EmptyAsync(partition));
        return write.Durable.Task;
    }

    private async Task EmptyAsync(string partition)
    {
        if (linger > TimeSpan.Zero)
        {
            await Task.Delay(linger, tables.Time);
        }

        while (Next(partition) is { Count: > 0 } group)
        {
            try
            {
                await SendAsync(partition, group);
            }
            catch (Exception e)
            {
                foreach (TableWrite write in group)
                {
                    write.Durable.TrySetException(e is RequestFailedException ? AzureTables.TranslateErrorsAsync(e) : new IOException($"Azure Tables: {e.Message}", e));
                }
            }
        }
    }

    /// <summary>What has gathered; nothing, and the partition is at rest, if nothing has.</summary>
    private List<TableWrite> Next(string partition)
    {
        List<TableWrite> group = [];
        HashSet<string> keys = new(StringComparer.Ordinal); // a row may be in a transaction once
        lock (_waiting)
        {
            Queue<TableWrite> queue = _waiting[partition];
            for (int bytes = 0; group.Count < MostRows && queue.TryPeek(out TableWrite? write) && (group.Count == 0 || bytes + write.Bytes <= MostBytes) && keys.Add(write.Row.RowKey);)
            {
                group.Add(queue.Dequeue());
                bytes += write.Bytes;
            }

            if (group.Count == 0)
            {
                _waiting.Remove(partition);
            }
        }

        return group;
    }

    /// <summary>Sends a group until each of its rows is written or refused; those that are take their leave of it.</summary>
    private async Task SendAsync(string partition, List<TableWrite> group)
    {
        for (int tried = 1; group.Count > 0; tried++)
        {
            TableTransactionAction[] actions = [.. group.Select(write => write.Action)];
            if (beside is not null)
            {
                actions = [.. actions, new(TableTransactionActionType.UpsertReplace, beside(partition))];
            }

            Interlocked.Increment(ref _groups);
            try
            {
                IReadOnlyList<Response> answers = await tables.SubmitAsync(table, actions);
                for (int i = 0; i < group.Count; i++)
                {
                    group[i].Durable.SetResult(answers[i].Headers.ETag ?? throw new InvalidDataException("Azure Tables: an answer has no ETag"));
                }

                group.Clear();
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412 && tried < Tries)
            {
                // Somebody came first; or nobody did, and the answer to the same transaction was lost, which the client sent again.
                await SettleAsync(group);
            }
        }
    }

    /// <summary>Looks what became of the rows of a refused group: written, too late, or yet to be written.</summary>
    private async Task SettleAsync(List<TableWrite> group)
    {
        NullableResponse<TableEntity>[] found = await Task.WhenAll(group.Select(write =>
            table.GetEntityIfExistsAsync<TableEntity>(write.Row.PartitionKey, write.Row.RowKey, [TableWrite.Mark])));
        for (int i = group.Count - 1; i >= 0; i--)
        {
            TableWrite write = group[i];
            TableEntity? row = found[i].HasValue ? found[i].Value : null;
            if (row is not null && row.GetString(TableWrite.Mark) == write.Row.GetString(TableWrite.Mark))
            {
                write.Durable.SetResult(row.ETag);
                group.RemoveAt(i);
            }
            else if (!write.Unconditional && row?.ETag != write.ExpectedETag)
            {
                write.Durable.SetException(new StoreConflictException($"{write.Row.RowKey} was written by another activation"));
                group.RemoveAt(i);
            }
        }
    }
}
