using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pnl.Grains;

namespace Pnl.Client;

/// <summary>
/// All watches of portfolios of this process. A portfolio that is followed by any number of watches is asked how it stands
/// when one of the tokens changed on which its answers depend, or when it says that its ledger did; as each is told of
/// what it asked for, nobody subscribes, and nothing is missed over the death of a grain.
/// </summary>
internal sealed class PortfolioWatches(
    IGrainFactory grains, PnlWatches tokens, Retries retries, IOptions<PnlClientOptions> options, TimeProvider time, ILogger<PortfolioWatches> log)
{
    // A tick of 10,000 tokens takes as long. Only a token that falls silent is waited for in vain, and only once.
    private static readonly TimeSpan LongestBoundary = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _untilRetry = options.Value.FollowPause;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Followed> _portfolios = new(StringComparer.Ordinal);

    /// <param name="key">The portfolio's owner and id.</param>
    /// <param name="seen">The revision that was seen last; 0 for none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PortfolioUnknownException">Nobody set it up.</exception>
    public async Task<PnlWatch<PortfolioReport>> WatchAsync(string key, long seen, CancellationToken cancellation)
    {
        string portfolio = PortfolioOwner.Id(key);
        IPortfolioGrain grain = grains.GetGrain<IPortfolioGrain>(key);
        PortfolioState state = await retries.ReadAsync(grain.GetState, cancellation) ?? throw new PortfolioUnknownException(portfolio);
        PnlWatch<PortfolioReport> watch = new(new Dictionary<string, long> { [portfolio] = seen }, left => Leave(key, left));
        try
        {
            // Followed first and asked then: nothing can come between.
            Follow(key, state, watch);
            PortfolioReport pnl = await retries.ReadAsync(() => grain.GetPnl(new()), cancellation) ?? throw new PortfolioUnknownException(portfolio);
            watch.Begin(portfolio, pnl.Revision, pnl);
            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    private void Follow(string key, PortfolioState state, PnlWatch<PortfolioReport> watch)
    {
        lock (_lock)
        {
            if (!_portfolios.TryGetValue(key, out Followed? followed))
            {
                _portfolios.Add(key, followed = new());
                Followed begun = followed;
                _ = Task.Run(() => Follow(key, state, begun), CancellationToken.None);
            }

            followed.Watches.Add(watch);
        }
    }

    private void Leave(string key, PnlWatch<PortfolioReport> watch)
    {
        lock (_lock)
        {
            if (_portfolios.TryGetValue(key, out Followed? followed) && followed.Watches.Remove(watch))
            {
                followed.Wake();
            }
        }
    }

    private async Task Follow(string key, PortfolioState told, Followed followed)
    {
        IPortfolioGrain grain = grains.GetGrain<IPortfolioGrain>(key);
        TokenFollower follower = new(needsPnl: false, _ => followed.Wake());
        string[] following = [];
        long? began = null; // when the boundary began that is under way
        (long Ledger, Task<bool> Change)? asked = null;
        while (IsWatched(key, followed))
        {
            try
            {
                Task woken = followed.NextWake();
                if (await grain.GetState() is not { } state)
                {
                    End(key, followed);
                    break;
                }

                if (!state.Tokens.SequenceEqual(following))
                {
                    // Followed first and asked then, as above.
                    tokens.Follow(state.Tokens.Except(following), follower);
                    tokens.Leave(following.Except(state.Tokens), follower);
                    following = state.Tokens;
                    continue;
                }

                TimeSpan left = TimeSpan.Zero;
                if (told.Ledger == state.Ledger && PortfolioBoundary.IsUnderWay(told.Pnl, state.Pnl))
                {
                    began ??= time.GetTimestamp();
                    left = LongestBoundary - time.GetElapsedTime(began.Value);
                }

                if (left <= TimeSpan.Zero)
                {
                    began = null;
                    if (!PortfolioBoundary.IsSame(told.Pnl, state.Pnl))
                    {
                        Tell(followed, state.Pnl);
                    }

                    told = state;
                }

                if (asked is not { } waiting || waiting.Ledger != state.Ledger)
                {
                    asked = waiting = (state.Ledger, grain.WaitForChange(state.Ledger));
                    _ = waiting.Change.ContinueWith(static abandoned => abandoned.Exception, TaskScheduler.Default); // what it would tell, the next answer tells
                }

                await Task.WhenAny(woken, left > TimeSpan.Zero ? Task.Delay(left, time) : woken, waiting.Change);
                if (waiting.Change.IsCompleted)
                {
                    asked = null;
                    await waiting.Change;
                }
            }
            catch (Exception e)
            {
                asked = null;
                log.LogWarning(e, "The portfolio {Portfolio} does not answer; the next try is in {Seconds} s", key, _untilRetry.TotalSeconds);
                await Task.Delay(_untilRetry, time);
            }
        }

        tokens.Leave(following, follower);
    }

    /// <summary>Whether anybody watches a portfolio; if not, it is followed no more.</summary>
    private bool IsWatched(string key, Followed followed)
    {
        lock (_lock)
        {
            if (followed.Watches.Count > 0)
            {
                return true;
            }

            _portfolios.Remove(key);
            return false;
        }
    }

    private void Tell(Followed followed, PortfolioReport pnl)
    {
        lock (_lock)
        {
            foreach (PnlWatch<PortfolioReport> watch in followed.Watches)
            {
                watch.Offer(pnl.Portfolio, pnl.Revision, pnl);
            }
        }
    }

    private void End(string key, Followed followed)
    {
        lock (_lock)
        {
            _portfolios.Remove(key);
            foreach (PnlWatch<PortfolioReport> watch in followed.Watches)
            {
                watch.End(new PortfolioUnknownException(PortfolioOwner.Id(key)));
            }
        }
    }

    /// <summary>Who watches a portfolio, and what wakes the one who follows it for them.</summary>
    private sealed class Followed
    {
        private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HashSet<PnlWatch<PortfolioReport>> Watches { get; } = [];

        public void Wake() => Volatile.Read(ref _wake).TrySetResult();

        /// <summary>Completes when it is woken from now on.</summary>
        public Task NextWake()
        {
            TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _wake, next);
            return next.Task;
        }
    }
}
