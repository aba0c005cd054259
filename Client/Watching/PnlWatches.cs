using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pnl.Grains;

namespace Pnl.Client;

/// <summary>
/// All watches of tokens of this process. Whatever the number of followers, a shard is asked by one call for what changed of
/// the tokens that any of them follows, and again as soon as it has answered; these tokens are asked how they stand, where a
/// follower wants to know. If it is another activation that answers, all are, so that what changed between two activations
/// is not missed.
/// </summary>
internal sealed class PnlWatches(IGrainFactory grains, Retries retries, IOptions<PnlClientOptions> options, TimeProvider time, ILogger<PnlWatches> log)
{
    private const int TokensAtOnce = 16;
    private readonly TimeSpan _untilRetry = options.Value.FollowPause;

    private readonly Followed[] _shards = [.. Enumerable.Range(0, StandingShards.Count).Select(shard => new Followed(shard))];

    /// <param name="seen">The tokens, each with the revision that was seen last; 0 for none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TokenUnknownException">Nobody registered one of them.</exception>
    public async Task<PnlWatch<TokenPnl>> WatchAsync(IReadOnlyDictionary<string, long> seen, CancellationToken cancellation)
    {
        PnlWatch<TokenPnl> watch = null!;
        TokenFollower follower = new(needsPnl: true, state =>
        {
            if (state is not null)
            {
                watch.Offer(state.Pnl.Token, state.Pnl.Revision, state.Pnl, state.IsDeleted);
            }
        });
        watch = new(seen, left => Leave(left.Ids, follower));
        try
        {
            // Followed first and asked then: nothing can come between.
            Follow(watch.Ids, follower);
            await Parallel.ForEachAsync(watch.Ids, Bounded(cancellation), async (token, cancel) =>
            {
                // Who has followed it before goes on to, though it was deleted meanwhile: it may be one of many.
                if (await retries.ReadAsync(() => StateAsync(token), cancel) is not { } state || (state.IsDeleted && seen[token] == 0))
                {
                    throw new TokenUnknownException(token);
                }

                watch.Begin(token, state.Pnl.Revision, state.Pnl, state.IsDeleted);
            });
            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>Tells the follower of each change from now on of some tokens, registered or not.</summary>
    public void Follow(IEnumerable<string> tokens, TokenFollower follower)
    {
        foreach (string token in tokens)
        {
            Followed shard = _shards[StandingShards.Of(token)];
            if (shard.Add(token, follower))
            {
                _ = Task.Run(() => Follow(shard), CancellationToken.None);
            }
        }
    }

    /// <summary>Tells the follower no more of some tokens.</summary>
    public void Leave(IEnumerable<string> tokens, TokenFollower follower)
    {
        foreach (string token in tokens)
        {
            _shards[StandingShards.Of(token)].Remove(token, follower);
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
                    shard.Tell(token, shard.NeedsPnl(token) ? await StateAsync(token) : null));
                (activation, point) = (changes.Activation, changes.Point);
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Shard {Shard} of standings does not answer; the next try is in {Seconds} s", shard.Number, _untilRetry.TotalSeconds);
                await Task.Delay(_untilRetry, time);
            }
        }
    }

    /// <summary>How a token stands; null if nobody has ever registered it.</summary>
    private async Task<TokenState?> StateAsync(string token)
    {
        ITokenGrain grain = grains.GetGrain<ITokenGrain>(token);
        while (true)
        {
            if (await grain.GetPnl() is { } pnl)
            {
                return new(pnl, IsDeleted: false);
            }

            if (await grain.GetRatesAt(new([], 0)) is not { } rates)
            {
                return null;
            }

            if (rates.Quote.Length == 0)
            {
                return TokenState.Deleted(token, rates.Revision);
            }
        }
    }

    private static ParallelOptions Bounded(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = TokensAtOnce, CancellationToken = cancellation };

    /// <summary>The tokens of a shard that are followed, and by whom.</summary>
    private sealed class Followed(int number)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, HashSet<TokenFollower>> _followers = new(StringComparer.Ordinal);
        private TaskCompletionSource _others = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private string[]? _tokens; // the keys, until there are others
        private bool _isFollowed;

        public int Number => number;

        /// <summary>Whether somebody must begin to follow the shard.</summary>
        public bool Add(string token, TokenFollower follower)
        {
            lock (_lock)
            {
                if (!_followers.TryGetValue(token, out HashSet<TokenFollower>? followers))
                {
                    _followers.Add(token, followers = []);
                    Change();
                }

                followers.Add(follower);
                bool begins = !_isFollowed;
                _isFollowed = true;
                return begins;
            }
        }

        public void Remove(string token, TokenFollower follower)
        {
            lock (_lock)
            {
                if (_followers.TryGetValue(token, out HashSet<TokenFollower>? followers) && followers.Remove(follower) && followers.Count == 0)
                {
                    _followers.Remove(token);
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
                _isFollowed = _followers.Count > 0;
                return _isFollowed ? _tokens ??= [.. _followers.Keys] : null;
            }
        }

        /// <summary>Whether any follower of a token wants to know how it stands.</summary>
        public bool NeedsPnl(string token)
        {
            lock (_lock)
            {
                return _followers.TryGetValue(token, out HashSet<TokenFollower>? followers) && followers.Any(follower => follower.NeedsPnl);
            }
        }

        public void Tell(string token, TokenState? state)
        {
            lock (_lock)
            {
                if (_followers.TryGetValue(token, out HashSet<TokenFollower>? followers))
                {
                    foreach (TokenFollower follower in followers)
                    {
                        follower.Tell(state);
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
