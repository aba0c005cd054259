using System.Globalization;
using Orleans.Runtime;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Knows the ids of all backfills, and which of them have not ended.</summary>
[GrainType("backfills")]
internal sealed class BackfillsGrain([PersistentState("backfills")] IPersistentState<BackfillList> stored, CandleSources sources) : Grain, IBackfillsGrain
{
    public async Task<BackfillStatus> Start(BackfillRequest request)
    {
        foreach (string id in stored.State.Open.ToArray())
        {
            BackfillStatus? open = await Coordinator(id).GetStatus();
            if (open is null || open.EndedAt is not null)
            {
                stored.State.Open.Remove(id);
            }
            else if (IsSame(stored.State.Requests[id], request))
            {
                return open;
            }
        }

        string next = "b" + (stored.State.Ids.Count + 1).ToString(CultureInfo.InvariantCulture);
        stored.State.Ids.Add(next);
        stored.State.Open.Add(next);
        stored.State.Requests[next] = request;
        await Save(); // before it starts, so that no backfill is at work that nobody knows of
        return await Coordinator(next).Start(request);
    }

    public Task<string[]> Sources() => Task.FromResult(sources.All.Select(source => source.Name).ToArray());

    public Task<string[]> List() => Task.FromResult(Enumerable.Reverse(stored.State.Ids).ToArray());

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

    public HashSet<string> Open { get; set; } = [];

    public Dictionary<string, BackfillRequest> Requests { get; set; } = [];
}
