using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Holds the standings of a shard's tokens. What a new activation lacks it asks of the tokens, a few at once, by what the
/// store lists of them; and from time to time it looks whether the store knows of more than it was told, since a silo may
/// die between a token's acknowledgement and its telling.
/// </summary>
[GrainType("standings")]
internal sealed class StandingsGrain(TokenRevisions revisions, IHostApplicationLifetime host, TimeProvider time, ILogger<StandingsGrain> log)
    : Grain, IStandingsGrain
{
    private const int TokensAtOnce = 4, MostKept = 64;
    private static readonly TimeSpan UntilNextLook = TimeSpan.FromSeconds(BarTime.SecondsPerBar), UntilRetry = TimeSpan.FromSeconds(5), UntilAskedAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5); // an activation cannot go before its calls have ended

    private readonly Standings<StandingRow> _standings = new();
    private readonly Dictionary<Ranking, (Ranked<StandingRow> Of, Leaderboard Answer)> _answers = [];
    private readonly TaskCompletionSource _answerable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _point;
    private IGrainTimer? _gathering;

    private int Shard => (int)this.GetPrimaryKeyLong();

    private string Activation => GrainContext.ActivationId.ToString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(TimeSpan.FromDays(3650));
        _gathering = this.RegisterGrainTimer(Gather, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task Warm() => Task.CompletedTask; // its activation does it

    public Task Report(TokenStanding[] standings)
    {
        Take(standings);
        return Task.CompletedTask;
    }

    public async Task<Leaderboard> Top(LeaderboardQuery query)
    {
        Ranking ranking = query.Ranking();
        await _answerable.Task;
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        Ranked<StandingRow> ranked = _standings.Rank(ranking, now);
        if (!_answers.TryGetValue(ranking, out (Ranked<StandingRow> Of, Leaderboard Answer) kept) || !ReferenceEquals(kept.Of, ranked))
        {
            if (_answers.Count >= MostKept)
            {
                _answers.Clear();
            }

            _answers[ranking] = kept = (ranked, Answer(query, ranking, ranked, now));
        }

        return kept.Answer;
    }

    public async Task<StandingChanges> GetChanges(ChangesQuery query)
    {
        if (query.Activation != Activation)
        {
            return new(Activation, _point, []);
        }

        long began = time.GetTimestamp();
        while (true)
        {
            string[] changed =
            [
                .. query.Tokens.Select(_standings.Find).OfType<StandingRow>().Where(row => row.Point > query.After).OrderBy(row => row.Point).Select(row => row.Token),
            ];
            TimeSpan left = LongestWait - time.GetElapsedTime(began);
            if (changed.Length > 0 || left <= TimeSpan.Zero)
            {
                return new(Activation, _point, changed);
            }

            try
            {
                await _changed.Task.WaitAsync(left, time, host.ApplicationStopping);
            }
            catch (TimeoutException)
            {
                // Told with the next look.
            }
        }
    }

    private void Take(params ReadOnlySpan<TokenStanding> standings)
    {
        long before = _point;
        foreach (TokenStanding standing in standings)
        {
            if (_standings.Put(new StandingRow(standing, _point + 1)))
            {
                _point++;
            }
        }

        if (_point != before)
        {
            TaskCompletionSource changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }
    }

    private Leaderboard Answer(LeaderboardQuery query, Ranking ranking, Ranked<StandingRow> ranked, long now) => new()
    {
        AsOf = _standings.AsOf is { } asOf ? DateTimeOffset.FromUnixTimeSeconds(asOf) : null,
        Window = query.Window,
        By = query.By,
        Ascending = query.Ascending,
        Revision = _standings.Revision,
        Complete = _standings.Awaited.Count == 0,
        Tokens = ranked.Counted,
        Known = _standings.Known,
        Items = Array.ConvertAll(ranked.Places, row => row.Item(ranking.Window, now)),
    };

    private async Task Gather(CancellationToken cancellation)
    {
        TimeSpan next = UntilNextLook;
        try
        {
            TokenState[] listed = [.. await revisions.OfShardAsync(Shard)];
            Take([.. listed.Where(token => token.IsDeleted).Select(token => TokenStanding.Deleted(token.Token, token.Revision))]);
            foreach (TokenState token in listed.Where(token => !token.IsDeleted))
            {
                _standings.Await(token.Token, token.Revision);
            }

            Queue<string> awaited = new(listed.Select(token => token.Token).Where(_standings.Awaited.Contains));

            // The newest bar comes first and alone: from then on as of when an answer holds cannot be before what it was.
            if (awaited.TryDequeue(out string? newest))
            {
                await Ask(newest);
            }

            _answerable.TrySetResult();
            await Task.WhenAll(Enumerable.Range(0, TokensAtOnce).Select(async _ =>
            {
                while (!cancellation.IsCancellationRequested && awaited.TryDequeue(out string? token))
                {
                    await Ask(token);
                }
            }));
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning(e, "Shard {Shard} of standings could not read which tokens there are; the next try is in {Seconds} s", Shard, UntilRetry.TotalSeconds);
            next = UntilRetry;
        }
        finally
        {
            _gathering?.Change(_standings.Awaited.Count > 0 && next > UntilAskedAgain ? UntilAskedAgain : next, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task Ask(string token)
    {
        if (!_standings.Awaited.Contains(token))
        {
            return; // told meanwhile
        }

        try
        {
            if (await GrainFactory.GetGrain<ITokenGrain>(token).GetStanding() is { } standing)
            {
                Take(standing);
            }
            else
            {
                _standings.Forget(token);
            }
        }
        catch (Exception e)
        {
            log.LogWarning(e, "{Token} does not say how it stands; leaderboards are not complete without it", token);
        }
    }
}
