using Microsoft.Extensions.Logging;
using Pnl.Grains;

namespace Pnl.Client;

/// <summary>
/// All watches of this process. Whatever the number of watches, a shard is asked by one call for what changed of the tokens
/// that any of them follows, and again as soon as it has answered; these tokens are asked how they stand. If it is another
/// activation that answers, all are, so that what changed between two activations is not missed.
/// </summary>
internal sealed class PnlWatches(IGrainFactory grains, TimeProvider time, ILogger<PnlWatches> log)
{
    private const int TokensAtOnce = 16;
    private static readonly TimeSpan UntilRetry = TimeSpan.FromSeconds(0.5);

    private readonly Followed[] _shards = [.. Enumerable.Range(0, StandingShards.Count).Select(shard => new Followed(shard))];

    /// <param name="seen">The tokens, each with the revision that was seen last; 0 for none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TokenUnknownException">Nobody registered one of them.</exception>
    public async Task<PnlWatch> WatchAsync(IReadOnlyDictionary<string, long> seen, CancellationToken cancellation)
    {
        PnlWatch watch = new(seen, Leave);
        try
        {
            // Followed first and asked then: nothing can come between.
            foreach (string token in watch.Tokens)
            {
                Follow(token, watch);
            }

            await Parallel.ForEachAsync(watch.Tokens, Bounded(cancellation), async (token, cancel) =>
                watch.Begin(await grains.GetGrain<ITokenGrain>(token).GetPnl().WaitAsync(cancel) ?? throw new TokenUnknownException(token)));
            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    private void Follow(string token, PnlWatch watch)
    {
        Followed shard = _shards[StandingShards.Of(token)];
        if (shard.Add(token, watch))
        {
            _ = Task.Run(() => Follow(shard), CancellationToken.None);
        }
    }

    private void Leave(PnlWatch watch)
    {
        foreach (string token in watch.Tokens)
        {
            _shards[StandingShards.Of(token)].Remove(token, watch);
        }
    }

    private async Task Follow(Followed shard)
    {
        IStandingsGrain grain = grains.GetGrain<IStandingsGrain>(shard.Number);
        (string? activation, long point) = (null, 0);
        while (shard.Tokens(out Task others) is { } tokens)
        {
            try
            {
                Task<StandingChanges> answer = grain.GetChanges(new(activation, point, tokens));
                if (await Task.WhenAny(answer, others) != answer)
                {
                    _ = answer.ContinueWith(static abandoned => abandoned.Exception, TaskScheduler.Default); // what it would tell, the next answer tells
                    continue;
                }

                StandingChanges changes = await answer;
                await Parallel.ForEachAsync(changes.Activation == activation ? changes.Changed : tokens, Bounded(CancellationToken.None), async (token, _) =>
                {
                    if (await grains.GetGrain<ITokenGrain>(token).GetPnl() is { } pnl)
                    {
                        shard.Tell(pnl);
                    }
                });
                (activation, point) = (changes.Activation, changes.Point);
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Shard {Shard} of standings does not answer; the next try is in {Seconds} s", shard.Number, UntilRetry.TotalSeconds);
                await Task.Delay(UntilRetry, time);
            }
        }
    }

    private static ParallelOptions Bounded(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = TokensAtOnce, CancellationToken = cancellation };

    /// <summary>The tokens of a shard that are followed, and by whom.</summary>
    private sealed class Followed(int number)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, HashSet<PnlWatch>> _watches = new(StringComparer.Ordinal);
        private TaskCompletionSource _others = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private string[]? _tokens; // the keys, until there are others
        private bool _isFollowed;

        public int Number => number;

        /// <summary>Whether somebody must begin to follow the shard.</summary>
        public bool Add(string token, PnlWatch watch)
        {
            lock (_lock)
            {
                if (!_watches.TryGetValue(token, out HashSet<PnlWatch>? watches))
                {
                    _watches.Add(token, watches = []);
                    Change();
                }

                watches.Add(watch);
                bool begins = !_isFollowed;
                _isFollowed = true;
                return begins;
            }
        }

        public void Remove(string token, PnlWatch watch)
        {
            lock (_lock)
            {
                if (_watches.TryGetValue(token, out HashSet<PnlWatch>? watches) && watches.Remove(watch) && watches.Count == 0)
                {
                    _watches.Remove(token);
                    Change();
                }
            }
        }

        /// <summary>The tokens, and when there are others; null if there is none, and nobody follows the shard any more.</summary>
        public string[]? Tokens(out Task others)
        {
            lock (_lock)
            {
                others = _others.Task;
                _isFollowed = _watches.Count > 0;
                return _isFollowed ? _tokens ??= [.. _watches.Keys] : null;
            }
        }

        public void Tell(TokenPnl pnl)
        {
            lock (_lock)
            {
                if (_watches.TryGetValue(pnl.Token, out HashSet<PnlWatch>? watches))
                {
                    foreach (PnlWatch watch in watches)
                    {
                        watch.Offer(pnl);
                    }
                }
            }
        }

        private void Change()
        {
            TaskCompletionSource others = _others;
            (_tokens, _others) = (null, new(TaskCreationOptions.RunContinuationsAsynchronously));
            others.SetResult();
        }
    }
}
