using Microsoft.Extensions.Logging;

namespace Pnl.Grains;

/// <summary>
/// Takes what the tokens of this silo tell and hands it to the shards, many standings a message: while one is on its way to
/// a shard, what is told meanwhile gathers for the next, the newest of each token; before the first one of a run, what
/// comes within a moment, since at a boundary all tokens tell. Nobody waits for it, and nothing is lost while this silo
/// lives: what could not be sent is sent again.
/// </summary>
internal sealed class StandingsOutbox(IGrainFactory grains, LeaderboardOptions options, TimeProvider time, ILogger<StandingsOutbox> log)
{
    private const int MostAMessage = 1000;
    private static readonly TimeSpan UntilRetry = TimeSpan.FromSeconds(1);

    private readonly Box[] _boxes = [.. Enumerable.Range(0, StandingShards.Count).Select(_ => new Box())];

    /// <summary>Takes how a token stands.</summary>
    public void Send(TokenStanding standing)
    {
        int shard = StandingShards.Of(standing.Token);
        Box box = _boxes[shard];
        lock (box)
        {
            box.Waiting[standing.Token] = standing;
            if (box.IsSending)
            {
                return;
            }

            box.IsSending = true;
        }

        _ = Task.Run(() => Empty(shard, box)); // not on the scheduler of the grain that tells
    }

    private async Task Empty(int shard, Box box)
    {
        IStandingsGrain grain = box.Grain ??= grains.GetGrain<IStandingsGrain>(shard);
        await Task.Delay(options.Gathering, time);
        while (Next(box) is { } standings)
        {
            try
            {
                await grain.Report(standings);
            }
            catch (Exception e)
            {
                log.LogWarning(e, "{Count} standings could not be told to shard {Shard}; the next try is in {Seconds} s", standings.Length, shard, UntilRetry.TotalSeconds);
                lock (box)
                {
                    foreach (TokenStanding standing in standings)
                    {
                        box.Waiting.TryAdd(standing.Token, standing);
                    }
                }

                await Task.Delay(UntilRetry, time);
            }
        }
    }

    /// <summary>What has gathered; null, and the box no longer sending, if nothing has.</summary>
    private static TokenStanding[]? Next(Box box)
    {
        lock (box)
        {
            if (box.Waiting.Count == 0)
            {
                box.IsSending = false;
                return null;
            }

            TokenStanding[] standings = [.. box.Waiting.Values.Take(MostAMessage)];
            if (standings.Length == box.Waiting.Count)
            {
                box.Waiting.Clear();
            }
            else
            {
                Array.ForEach(standings, standing => box.Waiting.Remove(standing.Token));
            }

            return standings;
        }
    }

    private sealed class Box
    {
        public Dictionary<string, TokenStanding> Waiting { get; } = new(StringComparer.Ordinal);

        public bool IsSending { get; set; }

        public IStandingsGrain? Grain { get; set; }
    }
}
