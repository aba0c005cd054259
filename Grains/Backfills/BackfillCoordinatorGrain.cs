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
    PnlMeter meter,
    TimeProvider time,
    ILogger<BackfillCoordinatorGrain> log) : Grain, IBackfillCoordinatorGrain, IDisposable
{
    private const int FewestTokensAtOnce = 16, MostTokensAtOnce = 64;
    private const int Tries = 5;
    private const int TokensAPage = 1000;
    private const int MostFailures = 1000;
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(2);

    private CancellationTokenSource _stopping = new();
    private Task _work = Task.CompletedTask;
    private long _begunAt, _savedAt, _landedBefore;
    private Task _saving = Task.CompletedTask;
    private bool _isLeaving;

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
        if (State.Phase == BackfillPhase.Running && State.Request is not null && (_work.IsCompleted || _stopping.IsCancellationRequested) && !_isLeaving)
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

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isLeaving = true;
        return _stopping.CancelAsync();
    }

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
                // What is under way is finished, and not waited for: a month of a slow source outlasts any call.
                await _stopping.CancelAsync();
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
        _work = Run(_work, State.Request!, _stopping.Token);
    }

    private async Task Run(Task before, BackfillRequest request, CancellationToken stopping)
    {
        await before; // what was under way when it was held
        meter.Follow(this.GetPrimaryKeyString(), State);
        try
        {
            ICandleSource source = sources.Named(request.Source);
            State.TokensFailed = State.Failures.Count; // those that were not written down are tried again
            List<(string Token, SourcePair Pair)> plan = await Plan(source, request, stopping);
            State.TokensDone = IsAgain(request) ? State.TokensDone : 0;
            State.TokensTotal = plan.Count + State.TokensDone + State.TokensFailed;
            int next = 0, endedUpTo = 0;
            bool[] ended = new bool[plan.Count];

            void End(int index, bool isDone)
            {
                State.TokensDone += isDone ? 1 : 0;
                ended[index] = true;
                if (IsAgain(request))
                {
                    while (endedUpTo < plan.Count && ended[endedUpTo])
                    {
                        State.DoneUpTo = plan[endedUpTo++].Token;
                    }

                    State.DoneBehind = [.. Enumerable.Range(endedUpTo, next - endedUpTo).Where(i => ended[i]).Select(i => plan[i].Token)];
                }
            }

            await Task.WhenAll(Enumerable.Range(0, TokensAtOnce(source.Limits)).Select(async _ =>
            {
                while (next < plan.Count && !stopping.IsCancellationRequested)
                {
                    int index = next++;
                    await Fetch(source, plan[index].Token, plan[index].Pair, request, isDone => End(index, isDone), stopping);

                    await SaveNowAndThen();
                }
            }));
            if (!stopping.IsCancellationRequested)
            {
                State.Phase = State.TokensFailed > 0 ? BackfillPhase.CompletedWithFailures : BackfillPhase.Completed;
                State.EndedAt = time.GetUtcNow();
                await Save();
                log.LogInformation(
                    "{Kind} {Id} of {Source} from {From:u} to {To:u}: {Phase}: {Done} of {Total} tokens, {Failed} failed; {Bars} bars landed, {Corrected} corrected, {Filled} filled",
                    request.Kind, this.GetPrimaryKeyString(), request.Source, request.From, request.To, State.Phase, State.TokensDone, State.TokensTotal, State.TokensFailed,
                    State.BarsLanded, State.BarsCorrected, State.BarsImported - State.BarsCorrected);
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
        catch (Exception e)
        {
            // Held, ended, or the silo stops, in which nothing can be called any more; the next Continue goes on.
            log.LogInformation("Backfill {Id} stops: {Why}", this.GetPrimaryKeyString(), e.Message);
        }
        finally
        {
            meter.Leave(this.GetPrimaryKeyString(), State);
        }

        if (stopping.IsCancellationRequested && !_isLeaving)
        {
            try
            {
                await Save(); // with what was under way
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Backfill {Id}: how far it is was not stored", this.GetPrimaryKeyString());
            }
        }
    }

    /// <summary>The pairs to fetch, and the tokens to which they belong.</summary>
    private async Task<List<(string Token, SourcePair Pair)>> Plan(ICandleSource source, BackfillRequest request, CancellationToken stopping)
    {
        IReadOnlyList<SourcePair> pairs = await Try(source.Name, async () => await source.ListAsync(stopping), stopping);
        ILookup<string, SourcePair> byBase = pairs.ToLookup(pair => pair.Base), bySymbol = pairs.ToLookup(pair => pair.Symbol);
        Dictionary<string, TokenInfo> listed = request.Tokens is null && IsAgain(request) ? await Fed(source.Name, request, stopping) : [];
        IEnumerable<string> tokens = request.Tokens?.Distinct() ?? (IsAgain(request) ? listed.Keys : byBase.Select(group => group.Key).Order(StringComparer.Ordinal));
        List<(string, SourcePair)> plan = [];
        HashSet<string> ended = [.. State.Failures.Select(failure => failure.Token), .. State.DoneBehind];
        foreach (string token in IsAgain(request) ? tokens.Order(StringComparer.Ordinal) : tokens)
        {
            if (ended.Contains(token) || string.CompareOrdinal(token, State.DoneUpTo) <= 0)
            {
                continue;
            }

            TokenInfo? known = listed.GetValueOrDefault(token) ?? await Try(token, GrainFactory.GetGrain<ITokenGrain>(token).Get, stopping);
            SourcePair? pair = known?.Sources.GetValueOrDefault(source.Name) is { } symbol
                ? bySymbol[symbol].FirstOrDefault()
                : byBase[token].Where(p => known is null || known.Quote == p.Quote).Order(QuotePreference.Order).FirstOrDefault();
            if (pair is null)
            {
                Fail(new(token, "symbol.unknown", known is null
                    ? $"{source.Name} has no pair of {token}"
                    : $"{source.Name} has no pair of {token} in {known.Quote}; name it in the token's sources"));
                continue;
            }

            if (known is not null && pair.Quote != known.Quote)
            {
                Fail(new(token, "quote.mismatch", $"{source.Name}'s {pair.Symbol} is in {pair.Quote}, {token} in {known.Quote}: register a token of its own for that pair"));
                continue;
            }

            LeaveOut(source, token, pair, byBase[token]);
            plan.Add((token, pair));
        }

        return plan;
    }

    /// <summary>Tells which other pairs of a token are not fetched: in whatever currency they are, theirs are other rates.</summary>
    private void LeaveOut(ICandleSource source, string token, SourcePair pair, IEnumerable<SourcePair> all)
    {
        string others = string.Join(", ", all.Where(other => other.Symbol != pair.Symbol).Select(other => other.Symbol).Order(StringComparer.Ordinal));
        if (others.Length > 0 && State.LeftOut.Count < MostFailures && State.LeftOut.All(left => left.Token != token))
        {
            State.LeftOut.Add(new(token, "pair.leftOut", $"{token} is {source.Name}'s {pair.Symbol}; not fetched: {others}. Register a token of its own for a pair to have it"));
        }
    }

    /// <summary>The tokens that name a source as one of theirs and were traded in the time asked for.</summary>
    private async Task<Dictionary<string, TokenInfo>> Fed(string source, BackfillRequest request, CancellationToken stopping)
    {
        Dictionary<string, TokenInfo> fed = [];
        ITokenDirectoryGrain directory = GrainFactory.GetGrain<ITokenDirectoryGrain>(0);
        for (string? after = null; ;)
        {
            TokenInfo[] page = await Try(source, () => directory.List(null, after, TokensAPage), stopping);
            foreach (TokenInfo token in page.Where(t => t.Sources.ContainsKey(source) && !(t.Listed >= request.To) && !(t.Delisted <= request.From)))
            {
                fed[token.Id] = token;
            }

            if (page.Length < TokensAPage)
            {
                return fed;
            }

            after = page[^1].Id;
        }
    }

    private static bool IsAgain(BackfillRequest request) => request.Kind == BackfillKind.Reconciliation;

    /// <summary>
    /// Fetches what a token lacks, or all again. Tells at its end whether it is done or was given up, in the same step as the
    /// counters: what is saved counts no token of which it does not know that it ended.
    /// </summary>
    private async Task Fetch(ICandleSource source, string token, SourcePair pair, BackfillRequest request, Action<bool> end, CancellationToken stopping)
    {
        try
        {
            ITokenGrain owner = GrainFactory.GetGrain<ITokenGrain>(token);
            TokenInfo? known = await Try(token, owner.Get, stopping);
            if (known is null)
            {
                await Try(token, () => owner.Register(new() { Symbol = pair.Base.ToUpperInvariant(), Quote = pair.Quote, Sources = new() { [source.Name] = pair.Symbol } }), stopping);
            }

            int to = BarTime.SlotAt(request.To!.Value);
            int? listed = pair.Listed is { } since ? BarTime.SlotAt(since) : null;
            if (known?.Listed is { } began)
            {
                // A symbol may have been another token's before.
                listed = Math.Max(BarTime.SlotAtSeconds(began.ToUnixTimeSeconds() + BarTime.SecondsPerBar - 1), listed ?? 0);
            }

            int? first = request.From is { } from ? Math.Max(BarTime.SlotAt(from), listed ?? 0)
                : listed ?? await Try(token, async () => await source.FirstSlotAsync(pair, to, stopping), stopping);
            if (first is null || first >= to)
            {
                end(true);
                return;
            }

            TimeRange whole = new(BarTime.Open(first.Value), BarTime.Open(to));
            TimeRange[] wanted = IsAgain(request) ? [whole] : await Try(token, () => owner.GetUnread(whole.From, whole.To), stopping) ?? [];
            IEnumerable<SlotRange> orders = wanted
                .SelectMany(range => BarTime.Months(new(BarTime.SlotAt(range.From), BarTime.SlotAt(range.To)), source.Limits.MonthsAnOrder));
            foreach (SlotRange order in request.OldestFirst ? orders : orders.Reverse())
            {
                if (stopping.IsCancellationRequested)
                {
                    return;
                }

                BackfillWork work = await Try(
                    token,
                    () => GrainFactory.GetGrain<IBackfillWorkerGrain>(token).Fetch(new(source.Name, pair.Symbol, pair.Base, pair.Quote, order.From, order.To, IsAgain(request))),
                    stopping);
                State.BarsLanded += work.Landed;
                meter.Landed(request, work.Landed);
                State.BarsImported += work.Imported;
                State.BarsCorrected += work.Corrected;
                State.Quarantined += work.Quarantined;
                State.Retries += work.Retries;
                if (work.Failure is { } failure)
                {
                    Fail(failure);
                    end(false);
                    return;
                }

                if (!IsAgain(request))
                {
                    await SaveNowAndThen();
                }
            }

            end(true);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Fail(new(token, e is SourceException source1 ? source1.Code : "internal", e.Message));
            end(false);
        }
    }

    /// <summary>
    /// Asks, and asks again what failed by the death of a silo, a store that was busy or a source that was down: no token is
    /// given up for what passes.
    /// </summary>
    private async Task<T> Try<T>(string whom, Func<Task<T>> ask, CancellationToken stopping)
    {
        for (int tried = 0; ; tried++)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (e is not SourceException { IsTransient: false } && tried < Tries && !stopping.IsCancellationRequested)
            {
                State.Retries++;
                log.LogWarning(e, "Backfill {Id}: {Whom} did not answer; it is asked again", this.GetPrimaryKeyString(), whom);
                await Task.Delay(TimeSpan.FromSeconds(1 << tried), time, stopping);
            }
        }
    }

    /// <summary>So many that the limit of a source is used up though a page takes a second; few where nothing limits but the processors.</summary>
    private static int TokensAtOnce(SourceLimits limits) => limits.PermitsAWindow == int.MaxValue
        ? FewestTokensAtOnce
        : (int)Math.Clamp(limits.PermitsAWindow / limits.CandlesCost / limits.Window.TotalSeconds, FewestTokensAtOnce, MostTokensAtOnce);

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
            BarsCorrected = State.BarsCorrected,
            BarsPerSecond = running ? (State.BarsLanded - _landedBefore) / seconds
                : State.EndedAt is { } ended && ended > State.StartedAt ? State.BarsLanded / (ended - State.StartedAt).TotalSeconds : 0,
            Eta = running && share is > 0 and < 1 ? time.GetUtcNow() + TimeSpan.FromSeconds(seconds / share * (1 - share)) : null,
            Retries = State.Retries,
            StartedAt = State.StartedAt,
            EndedAt = State.EndedAt,
            Failures = [.. State.Failures],
            LeftOut = [.. State.LeftOut],
            Quarantined = State.Quarantined,
        };
    }
}
