using Azure;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>What a check of a cluster's tables has found.</summary>
/// <param name="Rows">Rows that were read.</param>
/// <param name="Unsummed">Those of a release that kept no checksums: nobody knows whether they are what was written.</param>
/// <param name="Damaged">What is damaged: the table, the keys of the row, and what does not hold.</param>
public sealed record AzureCheckResult(long Rows, long Unsummed, IReadOnlyList<string> Damaged);

/// <summary>
/// Reads all that a cluster keeps in tables: every checksum, every bar of every month, and whether what rows name is there. It
/// may run beside the silos, which rewrite tokens meanwhile: what is named then is looked at once more.
/// </summary>
public static class AzureCheck
{
    private static readonly string[] Tables = ["tokens", "months", "directory", "deadletters", "portfolios", "portfoliolist", "store"];

    /// <summary>Checks all of it.</summary>
    /// <exception cref="IOException">The tables cannot be read, or there is no store of that prefix.</exception>
    public static async Task<AzureCheckResult> RunAsync(AzureTables tables, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tables);
        AzureCheckResult rows = await RowsAsync(tables, cancellation);
        List<string> damaged = [.. rows.Damaged];
        await using AzureSegmentStore store = await AzureSegmentStore.OpenAsync(tables, 0);
        foreach (TokenState token in await store.StatesAsync(cancellation))
        {
            // What was rewritten between two readings is whole when it is read again.
            if (await store.FaultAsync(token.Token, cancellation) is not null && await store.FaultAsync(token.Token, cancellation) is { } fault)
            {
                damaged.Add(fault);
            }
        }

        AzurePortfolioStore portfolios = await AzurePortfolioStore.OpenAsync(tables, 0);
        string? after = null;
        while ((await portfolios.NamesAsync(after, cancellation)) is { Count: > 0 } some)
        {
            foreach (string portfolio in some)
            {
                try
                {
                    await portfolios.LoadAsync(portfolio, cancellation);
                }
                catch (Exception e) when (e is StoreDamagedException or LaterReleaseException or InvalidDataException)
                {
                    damaged.Add(e.Message);
                }
            }

            after = some[^1];
        }

        return rows with { Damaged = damaged };
    }

    /// <summary>Checks the checksum of each row alone.</summary>
    internal static Task<AzureCheckResult> RowsAsync(AzureTables tables, CancellationToken cancellation) => AzureTables.TranslateErrorsAsync(async () =>
    {
        (long rows, long unsummed) = (0, 0);
        List<string> damaged = [];
        foreach (string name in Tables)
        {
            try
            {
                await foreach (TableEntity row in tables.Existing(name).QueryAsync<TableEntity>(cancellationToken: cancellation))
                {
                    rows++;
                    if (!row.ContainsKey(EntitySum.Property))
                    {
                        unsummed++;
                    }
                    else if (!EntitySum.Holds(name, row))
                    {
                        damaged.Add($"{name}: the checksum of the row {row.PartitionKey} {row.RowKey} does not hold");
                    }
                }
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                if (name == Tables[0])
                {
                    throw new IOException($"there is no table {tables.Existing(name).Name}; set Pnl:AzureStorage:Prefix to that of the cluster", e);
                }

                // A release before had no such table.
            }
        }

        return new AzureCheckResult(rows, unsummed, damaged);
    });
}
