using Pnl.Gateway;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Asks the tables in which life their store is, until they answer.</summary>
internal sealed class EpochReader(AzureStorage storage, StoreEpoch epoch, TimeProvider time, ILogger<EpochReader> log) : BackgroundService
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (bool isTold = false; !stoppingToken.IsCancellationRequested; isTold = true)
        {
            try
            {
                StoreIdentity identity = await new AzureTables(storage.Tables, storage.Prefix, time).IdentityAsync(inNewEpoch: false).WaitAsync(stoppingToken);
                if (identity.IsReplacement)
                {
                    log.LogError("The row of the store's id and epoch was damaged. The store has another id and epoch now: cursors, ETags and event ids that were told before hold no more");
                }

                epoch.Learn(identity.Epoch);
                return;
            }
            catch (IOException e)
            {
                if (!isTold)
                {
                    log.LogWarning("The tables cannot be asked for the store's epoch, and nothing is answered until they can: {Reason}", e.Message);
                }

                await Task.Delay(BetweenTries, time, stoppingToken);
            }
        }
    }
}
