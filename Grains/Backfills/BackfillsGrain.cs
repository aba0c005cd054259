using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Knows the ids of all backfills, and which of them have not ended.</summary>
[GrainType("backfills")]
internal sealed class BackfillsGrain([PersistentState("backfills")] IPersistentState<BackfillList> stored, CandleSources sources, QuotaOptions quotas, ILogger<BackfillsGrain> log) : Grain, IBackfillsGrain
{
    private const int MostIds = 100; // left out for one start

    public async Task<BackfillStatus> Start(BackfillRequest request)
    {
        foreach (string id in stored.State.Open.ToArray())
        {
            BackfillStatus? open;
            try
            {
                open = await Coordinator(id).GetStatus();
            }
            catch (Exception e) when (IsUnreadable(e) || !IsSame(stored.State.Requests[id], request))
            {
                log.LogWarning(e, "Backfill {Id} cannot say how far it is; another begins all the same", id);
                continue;
            }

            if (open is null || open.EndedAt is not null)
            {
                stored.State.Open.Remove(id);
            }
            else if (IsSame(stored.State.Requests[id], request))
            {
                return open;
            }
        }

        for (int i = 0; stored.State.Ids.Count >= quotas.Backfills && i < stored.State.Ids.Count;)
        {
            // The oldest that has ended; one at work stays, and more of them than are kept there may be.
            string oldest = stored.State.Ids[i];
            i += stored.State.Open.Contains(oldest) || !await IsForgotten(oldest) ? 1 : 0;
        }

        stored.State.Given = Math.Max(stored.State.Given, stored.State.Ids.Count); // one of an earlier release counted by the list
        string next = await NextId();
        stored.State.Ids.Add(next);
        stored.State.Open.Add(next);
        stored.State.Requests[next] = request;
        await Save(); // before it starts, so that no backfill is at work that nobody knows of
        return await Coordinator(next).Start(request);
    }

    /// <summary>The next id whose state can be read. Where a damaged row may be another's (<see cref="StoreDamagedException"/>), ids near to it are left out.</summary>
    private async Task<string> NextId()
    {
        for (int tried = 1; ; tried++)
        {
            string next = "b" + (++stored.State.Given).ToString(CultureInfo.InvariantCulture);
            try
            {
                await Coordinator(next).GetStatus();
                return next;
            }
            catch (Exception e) when (IsUnreadable(e) && tried < MostIds)
            {
                log.LogWarning(e, "No backfill is called {Id}: what is stored under that name cannot be read", next);
            }
        }
    }

    public Task<string[]> Sources() => Task.FromResult(sources.All.Select(source => source.Name).ToArray());

    public Task<string[]> List() => Task.FromResult(Enumerable.Reverse(stored.State.Ids).ToArray());

    public async Task<BackfillForgetting> Forget(string id)
    {
        if (!stored.State.Ids.Contains(id))
        {
            return BackfillForgetting.Unknown;
        }

        stored.State.Given = Math.Max(stored.State.Given, stored.State.Ids.Count);
        if (!await Forgotten(id))
        {
            return BackfillForgetting.AtWork;
        }

        await Save();
        return BackfillForgetting.Forgotten;
    }

    /// <summary>Whether one is forgotten; one that cannot be asked stays, and keeps no other from beginning.</summary>
    private async Task<bool> IsForgotten(string id)
    {
        try
        {
            return await Forgotten(id);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Backfill {Id} cannot be forgotten; another begins all the same", id);
            return false;
        }
    }

    /// <summary>Whether what is stored of a backfill cannot be read, which no other try changes.</summary>
    internal static bool IsUnreadable(Exception e) => e is StoreDamagedException or LaterReleaseException || e.InnerException is { } inner && IsUnreadable(inner);

    private async Task<bool> Forgotten(string id)
    {
        if (!await Coordinator(id).Forget())
        {
            return false;
        }

        stored.State.Ids.Remove(id);
        stored.State.Open.Remove(id);
        stored.State.Requests.Remove(id);
        return true;
    }

    public async Task ContinueAll()
    {
        List<Exception> failures = [];
        bool changed = false;
        foreach (string id in stored.State.Open.ToArray())
        {
            try
            {
                // Without a status it died between being listed and being started.
                BackfillStatus status = await Coordinator(id).GetStatus() ?? await Coordinator(id).Start(stored.State.Requests[id]);
                if (status.EndedAt is not null)
                {
                    changed |= stored.State.Open.Remove(id);
                    continue;
                }

                await Coordinator(id).Continue();
            }
            catch (Exception e)
            {
                failures.Add(e); // one that cannot go on keeps no other from it
            }
        }

        if (changed)
        {
            await Save();
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
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

    private IBackfillCoordinatorGrain Coordinator(string id) => GrainFactory.GetGrain<IBackfillCoordinatorGrain>(id);

    private static bool IsSame(BackfillRequest one, BackfillRequest other) =>
        one with { Tokens = null } == other with { Tokens = null } &&
        (one.Tokens is null == other.Tokens is null) && (one.Tokens ?? []).ToHashSet().SetEquals(other.Tokens ?? []);
}

/// <summary>The list as it is stored.</summary>
internal sealed class BackfillList
{
    public List<string> Ids { get; set; } = [];

    /// <summary>The number of the last id that was given; 0 if an earlier release gave them all, by their count.</summary>
    public int Given { get; set; }

    public HashSet<string> Open { get; set; } = [];

    public Dictionary<string, BackfillRequest> Requests { get; set; } = [];
}
