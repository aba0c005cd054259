using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Looks every few seconds whether the data folder is still what was opened, and tells the log once of each change.</summary>
internal sealed class StoreWatch(SqliteDatabase database, TimeProvider time, ILogger<StoreWatch> log) : BackgroundService
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database.Identity.IsReplacement)
        {
            log.LogError("The row of the store's id and epoch was damaged. The store has another id and epoch now: cursors, ETags and event ids that were told before hold no more");
        }

        using PeriodicTimer timer = new(BetweenLooks, time);
        string? told = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            string? fault = database.Fault;
            if (fault is not null && told is null)
            {
                log.LogError("Nothing can be stored in the data folder: {Reason}. Writes are refused with 503 until then", fault);
            }
            else if (fault is null && told is not null)
            {
                log.LogInformation("The data folder can be written again");
            }

            told = fault;
        }
    }
}
