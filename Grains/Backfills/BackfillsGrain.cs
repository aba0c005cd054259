using System.Globalization;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>Knows the ids of all backfills, and which of them have not ended.</summary>
[GrainType("backfills")]
internal sealed class BackfillsGrain([PersistentState("backfills")] IPersistentState<BackfillList> stored) : Grain, IBackfillsGrain
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
        await stored.WriteStateAsync(); // before it starts, so that no backfill is at work that nobody knows of
        return await Coordinator(next).Start(request);
    }

    public Task<string[]> List() => Task.FromResult(Enumerable.Reverse(stored.State.Ids).ToArray());

    public async Task ContinueAll()
    {
        foreach (string id in stored.State.Open)
        {
            if (await Coordinator(id).GetStatus() is null)
            {
                await Coordinator(id).Start(stored.State.Requests[id]); // died between being listed and being started
            }

            await Coordinator(id).Continue();
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
