using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>Knows up to which day a source is compared, and begins the next one. The work is a backfill's.</summary>
[GrainType("reconciliation")]
internal sealed class ReconciliationGrain(
    [PersistentState("reconciliation")] IPersistentState<ReconciliationState> stored,
    ReconcileOptions options,
    TimeProvider time,
    ILogger<ReconciliationGrain> log) : Grain, IReconciliationGrain
{
    /// <summary>How long after one that could not even begin it is tried again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private ReconciliationState State => stored.State;

    private string Source => this.GetPrimaryKeyString();

    public async Task Check()
    {
        DateTimeOffset now = time.GetUtcNow();
        int today = DayOf(now);
        if (State.LastDay is null)
        {
            // Nothing came live yet: today is the first day of which something will have.
            State.LastDay = today - 1;
            await Save();
        }

        if (State.Backfill is { } id && !await HasEnded(id, now))
        {
            return;
        }

        int due = DayOf(now - options.After) - 1;
        if (due <= State.LastDay || now < State.NotBefore)
        {
            return;
        }

        int day = Math.Max(State.LastDay.Value + 1, due - options.MostDays + 1);
        if (day > State.LastDay + 1)
        {
            log.LogWarning(
                "The days from {From:yyyy-MM-dd} to {To:yyyy-MM-dd} are not compared with {Source}: more than {Days} days passed since. POST /v1/backfills of the kind reconciliation does it",
                Start(State.LastDay.Value + 1), Start(day - 1), Source, options.MostDays);
        }

        BackfillStatus begun = await GrainFactory.GetGrain<IBackfillsGrain>(0).Start(
            new() { Source = Source, From = Start(day), To = Start(day + 1), Kind = BackfillKind.Reconciliation });
        (State.LastDay, State.Backfill) = (day - 1, begun.Id);
        await Save();
    }

    /// <summary>Whether a backfill has ended, and with it its day: one that could not begin is tried again later.</summary>
    private async Task<bool> HasEnded(string id, DateTimeOffset now)
    {
        BackfillStatus? status = null;
        try
        {
            status = await GrainFactory.GetGrain<IBackfillCoordinatorGrain>(id).GetStatus();
        }
        catch (Exception e) when (BackfillsGrain.IsUnreadable(e))
        {
            log.LogWarning(e, "Backfill {Id} cannot say how far it is; its day is compared anew", id);
        }

        if (status is { EndedAt: null })
        {
            return false;
        }

        if (status is null or { Phase: BackfillPhase.Failed })
        {
            State.NotBefore = now + Pause;
        }
        else
        {
            State.LastDay++;
        }

        State.Backfill = null;
        await Save();
        return true;
    }

    private async Task Save()
    {
        try
        {
            await stored.WriteStateAsync();
        }
        catch
        {
            // Whether it was stored is unknown: the next activation reads what is.
            DeactivateOnIdle();
            throw;
        }
    }

    private static int DayOf(DateTimeOffset time) => BarTime.DayOf(BarTime.SlotAt(time));

    private static DateTimeOffset Start(int day) => BarTime.Open(BarTime.FirstSlotOfDay(day));
}

/// <summary>What of it is stored.</summary>
internal sealed class ReconciliationState
{
    /// <summary>The last UTC day that is compared, since the Unix epoch; null before the first check.</summary>
    public int? LastDay { get; set; }

    /// <summary>The backfill at work on the day after it; null if there is none.</summary>
    public string? Backfill { get; set; }

    /// <summary>When the next try may begin.</summary>
    public DateTimeOffset NotBefore { get; set; }
}
