using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Orchestrates one backfill. Its turns are short; the work is the workers'.</summary>
[GrainType("backfill")]
[Reentrant] // its work goes on while it is asked how far it is
internal sealed class BackfillCoordinatorGrain(
    [PersistentState("backfill")] IPersistentState<BackfillState> stored,
    CandleSources sources,
    TimeProvider time,
    ILogger<BackfillCoordinatorGrain> log) : Grain, IBackfillCoordinatorGrain, IDisposable
{
    private const int TokensAtOnce = 16;
    private const int Tries = 5;
    private const int MostFailures = 1000;
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(2);
    private static readonly string[] QuotesByPreference = ["usd", "usdt", "usdc", "busd", "eur", "btc", "eth"];

    private CancellationTokenSource _stopping = new();
    private Task _work = Task.CompletedTask;
    private long _begunAt, _savedAt, _landedBefore;
    private Task _saving = Task.CompletedTask;

    private BackfillState State => stored.State;

    public async Task<BackfillStatus> Start(BackfillRequest request)
    {
        if (State.Request is null)
        {
            // What is closed by now is what "all" means: the end does not move while it runs.
            DateTimeOffset closed = BarTime.Open(BarTime.SlotAt(time.GetUtcNow()));
            State.Request = request with { To = request.To < closed ? request.To : closed };
            State.Phase = BackfillPhase.Running;
            State.StartedAt = time.GetUtcNow();
            await Save();
            Begin();
        }

        return Status();
    }

    public Task Continue()
    {
        if (State.Phase == BackfillPhase.Running && State.Request is not null && _work.IsCompleted)
        {
            Begin();
        }

        return Task.CompletedTask;
    }

    public Task<BackfillStatus?> GetStatus() => Task.FromResult(State.Request is null ? null : Status());

    public Task<BackfillStatus?> Pause() => Change(BackfillPhase.Paused, from: [BackfillPhase.Running]);

    public Task<BackfillStatus?> Cancel() => Change(BackfillPhase.Cancelled, from: [BackfillPhase.Running, BackfillPhase.Paused]);

    public async Task<BackfillStatus?> Resume()
    {
        BackfillStatus? status = await Change(BackfillPhase.Running, from: [BackfillPhase.Paused]);
        await Continue();
        return status;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();

    private async Task<BackfillStatus?> Change(BackfillPhase to, BackfillPhase[] from)
    {
        if (State.Request is null)
        {
            return null;
        }

        if (from.Contains(State.Phase))
        {
            State.Phase = to;
            State.EndedAt = to == BackfillPhase.Cancelled ? time.GetUtcNow() : null;
            if (to != BackfillPhase.Running)
            {
                await _stopping.CancelAsync();
                await _work;
            }

            await Save();
        }

        return Status();
    }

    private void Begin()
    {
        DelayDeactivation(TimeSpan.FromDays(3650));
        _stopping.Dispose();
        _stopping = new();
        (_begunAt, _landedBefore) = (time.GetTimestamp(), State.BarsLanded);
        _work = Run(State.Request!, _stopping.Token);
    }

    private async Task Run(BackfillRequest request, CancellationToken stopping)
    {
        try
        {
            ICandleSource source = sources.Named(request.Source);
            List<(string Token, SourcePair Pair)> plan = await Plan(source, request, stopping);
            State.TokensTotal = plan.Count + State.TokensFailed;
            State.TokensDone = 0;
            HashSet<string> failed = [.. State.Failures.Select(failure => failure.Token)];
            int next = 0;
            await Task.WhenAll(Enumerable.Range(0, TokensAtOnce).Select(async _ =>
            {
                while (next < plan.Count && !stopping.IsCancellationRequested)
                {
                    (string token, SourcePair pair) = plan[next++];
                    if (!failed.Contains(token) && await Fetch(source, token, pair, request, stopping) && !stopping.IsCancellationRequested)
                    {
                        State.TokensDone++;
                    }

                    await SaveNowAndThen();
                }
            }));
            if (!stopping.IsCancellationRequested)
            {
                State.Phase = State.TokensFailed > 0 ? BackfillPhase.CompletedWithFailures : BackfillPhase.Completed;
                State.EndedAt = time.GetUtcNow();
                await Save();
                log.LogInformation(
                    "Backfill {Id}: {Phase}: {Done} of {Total} tokens, {Bars} bars landed", this.GetPrimaryKeyString(), State.Phase, State.TokensDone, State.TokensTotal, State.BarsLanded);
                DelayDeactivation(TimeSpan.Zero);
            }
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            log.LogError(e, "Backfill {Id} cannot go on", this.GetPrimaryKeyString());
            State.Phase = BackfillPhase.Failed;
            State.EndedAt = time.GetUtcNow();
            State.Failures.Add(new("*", e is SourceException s ? s.Code : "internal", e.Message));
            await Save();
        }
        catch (OperationCanceledException)
        {
            // Held, ended, or the silo stops; the next Continue goes on.
        }
    }

    /// <summary>The pairs to fetch, and the tokens to which they belong.</summary>
    private async Task<List<(string Token, SourcePair Pair)>> Plan(ICandleSource source, BackfillRequest request, CancellationToken stopping)
    {
        IReadOnlyList<SourcePair> pairs = await source.ListAsync(stopping);
        ILookup<string, SourcePair> byBase = pairs.ToLookup(pair => pair.Base);
        List<(string, SourcePair)> plan = [];
        foreach (string token in request.Tokens ?? [.. byBase.Select(group => group.Key).Order(StringComparer.Ordinal)])
        {
            TokenInfo? known = await GrainFactory.GetGrain<ITokenGrain>(token).Get();
            SourcePair? pair = known?.Sources.GetValueOrDefault(source.Name) is { } symbol
                ? pairs.FirstOrDefault(p => p.Symbol == symbol)
                : byBase[token].Where(p => known is null || known.Quote == p.Quote)
                    .OrderBy(p => Array.IndexOf(QuotesByPreference, p.Quote) is >= 0 and int rank ? rank : QuotesByPreference.Length)
                    .ThenBy(p => p.Quote, StringComparer.Ordinal).FirstOrDefault();
            if (pair is null)
            {
                if (!State.Failures.Exists(failure => failure.Token == token))
                {
                    Fail(new(token, "symbol.unknown", known is null
                        ? $"{source.Name} has no pair of {token}"
                        : $"{source.Name} has no pair of {token} in {known.Quote}; name it in the token's sources"));
                }

                continue;
            }

            plan.Add((token, pair));
        }

        return plan;
    }

    /// <summary>Fetches what a token lacks; false if it was given up.</summary>
    private async Task<bool> Fetch(ICandleSource source, string token, SourcePair pair, BackfillRequest request, CancellationToken stopping)
    {
        try
        {
            ITokenGrain owner = GrainFactory.GetGrain<ITokenGrain>(token);
            TokenInfo? known = await owner.Get();
            if (known is null)
            {
                await owner.Register(new() { Symbol = pair.Base.ToUpperInvariant(), Quote = pair.Quote, Sources = new() { [source.Name] = pair.Symbol } });
            }

            int to = BarTime.SlotAt(request.To!.Value);
            int? first = request.From is { } from ? BarTime.SlotAt(from)
                : pair.Listed is { } listed ? BarTime.SlotAt(listed)
                : await source.FirstSlotAsync(pair, to, stopping);
            if (first is null || first >= to)
            {
                return true;
            }

            TimeRange[] unread = await owner.GetUnread(BarTime.Open(first.Value), BarTime.Open(to)) ?? [];
            IEnumerable<SlotRange> orders = unread.SelectMany(range => Months(new(BarTime.SlotAt(range.From), BarTime.SlotAt(range.To))));
            foreach (SlotRange order in request.OldestFirst ? orders : orders.Reverse())
            {
                if (stopping.IsCancellationRequested)
                {
                    return true;
                }

                BackfillWork work = await Fetch(token, new(source.Name, pair.Symbol, pair.Base, pair.Quote, order.From, order.To), stopping);
                State.BarsLanded += work.Landed;
                State.BarsImported += work.Imported;
                State.Quarantined += work.Quarantined;
                State.Retries += work.Retries;
                if (work.Failure is { } failure)
                {
                    Fail(failure);
                    return false;
                }

                await SaveNowAndThen();
            }

            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Fail(new(token, e is SourceException source1 ? source1.Code : "internal", e.Message));
            return false;
        }
    }

    /// <summary>One order; a worker that died with its silo is asked again.</summary>
    private async Task<BackfillWork> Fetch(string token, BackfillOrder order, CancellationToken stopping)
    {
        for (int tried = 0; ; tried++)
        {
            try
            {
                return await GrainFactory.GetGrain<IBackfillWorkerGrain>(token).Fetch(order);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException or IOException && tried < Tries)
            {
                State.Retries++;
                log.LogWarning(e, "Backfill {Id}: the worker of {Token} failed; it is asked again", this.GetPrimaryKeyString(), token);
                await Task.Delay(TimeSpan.FromSeconds(1 << tried), time, stopping);
            }
        }
    }

    private static IEnumerable<SlotRange> Months(SlotRange range)
    {
        for (int from = range.From; from < range.To;)
        {
            int end = Math.Min(BarTime.FirstSlotOfMonth(BarTime.MonthOf(from) + 1), range.To);
            yield return new(from, end);
            from = end;
        }
    }

    private void Fail(BackfillFailure failure)
    {
        State.TokensFailed++;
        if (State.Failures.Count < MostFailures)
        {
            State.Failures.Add(failure);
        }
    }

    private async Task SaveNowAndThen()
    {
        if (time.GetElapsedTime(_savedAt) >= SavePeriod && _saving.IsCompleted)
        {
            await Save();
        }
    }

    // One write after another: a second one on the same etag would be refused.
    private async Task Save()
    {
        while (!_saving.IsCompleted)
        {
            await _saving;
        }

        _savedAt = time.GetTimestamp();
        _saving = stored.WriteStateAsync();
        await _saving;
    }

    private BackfillStatus Status()
    {
        double seconds = _begunAt == 0 ? 0 : time.GetElapsedTime(_begunAt).TotalSeconds;
        bool running = State.Phase == BackfillPhase.Running && seconds > 0;
        double share = State.TokensTotal == 0 ? 0 : (double)(State.TokensDone + State.TokensFailed) / State.TokensTotal;
        return new()
        {
            Id = this.GetPrimaryKeyString(),
            Phase = State.Phase,
            Request = State.Request!,
            TokensTotal = State.TokensTotal,
            TokensDone = State.TokensDone,
            TokensFailed = State.TokensFailed,
            BarsLanded = State.BarsLanded,
            BarsImported = State.BarsImported,
            BarsPerSecond = running ? (State.BarsLanded - _landedBefore) / seconds
                : State.EndedAt is { } ended && ended > State.StartedAt ? State.BarsLanded / (ended - State.StartedAt).TotalSeconds : 0,
            Eta = running && share is > 0 and < 1 ? time.GetUtcNow() + TimeSpan.FromSeconds(seconds / share * (1 - share)) : null,
            Retries = State.Retries,
            StartedAt = State.StartedAt,
            EndedAt = State.EndedAt,
            Failures = [.. State.Failures],
            Quarantined = State.Quarantined,
        };
    }
}
