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
    private const int MostFailures = 1000, MostEmpty = 100;
    private const int MonthsOf15MinutesAnOrder = 12, MonthsOfHoursAnOrder = 120; // some 100,000 bars at most, as of a year of 5 minutes
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(2);

    private CancellationTokenSource _stopping = new();
    private Task _work = Task.CompletedTask;
    private long _begunAt, _savedAt, _landedBefore;
    private Task _saving = Task.CompletedTask;
    private bool _isLeaving, _isContinued; // of what is fetched already, some was by itself then

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

    public async Task<bool> Forget()
    {
        if (State.Request is not null)
        {
            if (State.EndedAt is null)
            {
                return false;
            }

            await _work; // of one that was cancelled, what was under way
            await stored.ClearStateAsync();
        }

        DelayDeactivation(TimeSpan.Zero);
        DeactivateOnIdle();
        return true;
    }

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
        _begunAt = time.GetTimestamp();
        _work = Run(_work, State.Request!, _stopping.Token);
    }

    private async Task Run(Task before, BackfillRequest request, CancellationToken stopping)
    {
        await before; // what was under way when it was held
        CountAnew();
        meter.Follow(this.GetPrimaryKeyString(), State);
        try
        {
            ICandleSource source = sources.Named(request.Source);
            State.TokensFailed = State.Failures.Count; // those that were not written down are tried again
            (BackfillPlan plans, List<string> plan) = await Plan(source, request, stopping);
            _isContinued = State.TokensTotal > 0;
            if (!IsAgain(request))
            {
                (State.TokensDone, State.TokensEmpty) = (0, 0);
                State.Empty.Clear();
            }

            State.TokensTotal = plan.Count + State.TokensDone + State.TokensFailed;
            int next = 0, endedUpTo = 0;
            bool[] ended = new bool[plan.Count];

            void End(int index, bool isDone)
            {
                State.TokensDone += isDone ? 1 : 0;
                ended[index] = true;
                if (IsAgain(request))
                {
                    State.Parts?.Remove(plan[index]);
                    while (endedUpTo < plan.Count && ended[endedUpTo])
                    {
                        State.DoneUpTo = plan[endedUpTo++];
                    }

                    State.DoneBehind = [.. Enumerable.Range(endedUpTo, next - endedUpTo).Where(i => ended[i]).Select(i => plan[i])];
                }
            }

            await Task.WhenAll(Enumerable.Range(0, TokensAtOnce(source.Limits)).Select(async _ =>
            {
                while (next < plan.Count && !stopping.IsCancellationRequested)
                {
                    int index = next++;
                    await Fetch(source, plan[index], plans, request, isDone => End(index, isDone), stopping);

                    await SaveNowAndThen();
                }
            }));
            if (!stopping.IsCancellationRequested)
            {
                State.Phase = State.TokensFailed > 0 ? BackfillPhase.CompletedWithFailures : BackfillPhase.Completed;
                State.EndedAt = time.GetUtcNow();
                await Save();
                log.LogInformation(
                    "{Kind} {Id} of {Source} from {From:u} to {To:u}: {Phase}: {Done} of {Total} tokens, {Failed} failed, {Empty} without anything to fetch; {Bars} bars landed, {Corrected} corrected, {Filled} filled",
                    request.Kind, this.GetPrimaryKeyString(), request.Source, request.From, request.To, State.Phase, State.TokensDone, State.TokensTotal, State.TokensFailed, State.TokensEmpty,
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

    /// <summary>Tokens that were under way are fetched from the start where no coverage tells what is done: what they landed is not counted twice.</summary>
    private void CountAnew()
    {
        foreach ((_, BackfillPart part) in State.Parts ?? [])
        {
            (State.BarsLanded, State.Quarantined) = (State.BarsLanded - part.Landed, State.Quarantined - part.Quarantined);
        }

        State.Parts = null;
        _landedBefore = State.BarsLanded;
    }

    /// <summary>The tokens of which anything is fetched, and how it is known what.</summary>
    private async Task<(BackfillPlan Plans, List<string> Tokens)> Plan(ICandleSource source, BackfillRequest request, CancellationToken stopping)
    {
        BackfillPlan plans = new(source, await Try(source.Name, async () => await source.ListAsync(stopping), stopping));
        bool isFed = request.Kind == BackfillKind.Reconciliation && request.Tokens is null;
        Dictionary<string, TokenInfo> fed = isFed ? await Fed(source.Name, request, stopping) : [];
        IEnumerable<string> tokens = request.Tokens?.Distinct() ?? (isFed ? fed.Keys : plans.Bases);
        List<string> plan = [];
        HashSet<string> ended = [.. State.Failures.Select(failure => failure.Token), .. State.DoneBehind];
        foreach (string token in IsAgain(request) ? tokens.Order(StringComparer.Ordinal) : tokens)
        {
            if (ended.Contains(token) || string.CompareOrdinal(token, State.DoneUpTo) <= 0)
            {
                continue;
            }

            PlannedToken planned = plans.Of(token, fed.GetValueOrDefault(token) ?? await Try(token, GrainFactory.GetGrain<ITokenGrain>(token).Get, stopping));
            if (planned.Pairs.Length == 0)
            {
                Fail(planned.Failure!);
                continue;
            }

            LeaveOut(source, planned, plans.LeftOut(planned));
            plan.Add(token);
        }

        return (plans, plan);
    }

    /// <summary>Tells which other pairs of a token are not fetched: in whatever currency they are, theirs are other rates.</summary>
    private void LeaveOut(ICandleSource source, PlannedToken planned, string[] others)
    {
        if (others.Length > 0 && State.LeftOut.Count < MostFailures && State.LeftOut.All(left => left.Token != planned.Token))
        {
            string fetched = string.Join(", ", planned.Pairs.Select(pair => pair.Pair.Symbol).Distinct());
            State.LeftOut.Add(new(
                planned.Token, "pair.leftOut",
                $"{planned.Token} is {source.Name}'s {fetched}; not fetched: {string.Join(", ", others)}. Name one among the token's listings, or register a token of its own for it, to have it"));
        }
    }

    /// <summary>The tokens that have a listing of a source and were traded in the time asked for.</summary>
    private async Task<Dictionary<string, TokenInfo>> Fed(string source, BackfillRequest request, CancellationToken stopping)
    {
        Dictionary<string, TokenInfo> fed = [];
        ITokenDirectoryGrain directory = GrainFactory.GetGrain<ITokenDirectoryGrain>(0);
        for (string? after = null; ;)
        {
            TokenInfo[] page = await Try(source, () => directory.List(null, after, TokensAPage), stopping);
            foreach (TokenInfo token in page.Where(t => (t.Sources.ContainsKey(source) || t.Listings.Any(listing => listing.Source == source)) && !(t.Listed >= request.To) && !(t.Delisted <= request.From)))
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

    private static bool IsAgain(BackfillRequest request) => request.Again || request.Kind == BackfillKind.Reconciliation;

    /// <summary>
    /// Fetches what a token lacks, or all again. Tells at its end whether it is done or was given up, in the same step as the
    /// counters: what is saved counts no token of which it does not know that it ended.
    /// </summary>
    private async Task Fetch(ICandleSource source, string token, BackfillPlan plans, BackfillRequest request, Action<bool> end, CancellationToken stopping)
    {
        try
        {
            // As it is now: it may have been registered, or got other listings, since it was planned.
            ITokenGrain owner = GrainFactory.GetGrain<ITokenGrain>(token);
            TokenInfo? known = await Try(token, owner.Get, stopping);
            PlannedToken planned = plans.Of(token, known);
            known = await Register(owner, planned, known, stopping);

            long landed = 0;
            string? nothing = null;
            foreach (ListedPair pair in planned.Pairs)
            {
                (long bars, string? why, BackfillFailure? failure) = await Fetch(source, owner, known, pair, request, stopping);
                if (failure is not null)
                {
                    Fail(failure);
                    end(false);
                    return;
                }

                if (stopping.IsCancellationRequested)
                {
                    return;
                }

                landed += bars;
                nothing ??= why;
            }

            if (planned.Failure is { } unfetched)
            {
                Fail(unfetched);
                end(false);
                return;
            }

            if (landed == 0 && nothing is not null)
            {
                State.TokensEmpty++;
                if (State.Empty.Count < MostEmpty)
                {
                    State.Empty.Add(new(token, "history.none", nothing));
                }
            }

            end(true);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Fail(new(token, e is SourceException refused ? refused.Code : "internal", e.Message));
            end(false);
        }
    }

    /// <summary>Registers what is new of a token before any bar of it comes: the token itself, or its listings.</summary>
    private async Task<TokenInfo> Register(ITokenGrain owner, PlannedToken planned, TokenInfo? known, CancellationToken stopping)
    {
        if (planned.Pairs is [])
        {
            throw new SourceException(planned.Failure!.Code, planned.Failure.Detail, isTransient: false);
        }

        if (known is null)
        {
            SourcePair pair = planned.Pairs[0].Pair;
            bool isPlain = planned.Pairs is [{ Listing.Interval: Interval.FiveMinutes }];
            return Registered(await Try(
                planned.Token,
                () => owner.Register(new()
                {
                    Symbol = pair.Base.ToUpperInvariant(),
                    Quote = pair.Quote,
                    Sources = isPlain ? new() { [planned.Pairs[0].Listing.Source] = pair.Symbol } : null,
                    Listings = isPlain ? null : Array.ConvertAll(planned.Pairs, each => each.Listing),
                }),
                stopping));
        }

        foreach (ListedPair pair in planned.Pairs.Where(each => each.IsNew))
        {
            known = Registered(await Try(planned.Token, () => owner.Register(new() { AddListing = pair.Listing }), stopping));
        }

        return known;

        static TokenInfo Registered(RegisterResult result) =>
            result.Circle is { } circle ? throw new SourceException("listing.circular", circle, isTransient: false) : result.Token;
    }

    /// <summary>Fetches what is lacking of a listing, or all again. Tells the bars landed, and if there were none why.</summary>
    private async Task<(long Landed, string? Why, BackfillFailure? Failure)> Fetch(
        ICandleSource source, ITokenGrain owner, TokenInfo known, ListedPair listed, BackfillRequest request, CancellationToken stopping)
    {
        (TokenListing listing, SourcePair pair) = (listed.Listing, listed.Pair);
        Interval interval = listing.Interval;
        string name = $"{pair.Symbol} of {source.Name}{(interval == Interval.FiveMinutes ? "" : $" at {interval.Name()}")}";
        SlotRange bounds = Bounds(listing, known).Intersect(new(request.From is { } from ? BarTime.SlotAt(from) : 0, BarTime.SlotAt(request.To!.Value)));
        if (bounds.IsEmpty)
        {
            return (0, $"of {name} nothing lies in the time asked for, or it may not be taken there", null);
        }

        int to = interval.PeriodStart(bounds.To);
        int? begins = pair.Listed is { } since ? BarTime.SlotAt(since) : request.From is null ? await Try(known.Id, async () => await source.FirstSlotAsync(pair, to, stopping), stopping) : 0;
        if (begins is null)
        {
            return (0, $"{name} has no candles before {BarTime.Open(to):u}", null);
        }

        int first = interval.PeriodStart(Math.Max(bounds.From, begins.Value));
        if (first >= to)
        {
            return (0, $"of {name} nothing lies in the time asked for: it begins at {BarTime.Open(first):u}", null);
        }

        TimeRange whole = new(BarTime.Open(first), BarTime.Open(to));
        TimeRange[] wanted = IsAgain(request) ? [whole] : await Try(known.Id, () => owner.GetUnreadOf(listing, whole.From, whole.To), stopping) ?? [];
        if (wanted.Length == 0)
        {
            return (0, _isContinued ? null : $"all of {name} from {whole.From:u} to {whole.To:u} was fetched before; with again it is fetched again", null);
        }

        SlotRange[] orders = [.. wanted.SelectMany(range => BarTime.Months(Whole(interval, range), MonthsAnOrder(source.Limits, interval)))];
        long landed = 0;
        foreach (SlotRange order in request.OldestFirst ? orders : orders.Reverse())
        {
            if (stopping.IsCancellationRequested)
            {
                return (landed, null, null);
            }

            BackfillWork work = await Try(
                known.Id,
                () => GrainFactory.GetGrain<IBackfillWorkerGrain>(known.Id)
                    .Fetch(new(source.Name, pair.Symbol, pair.Base, pair.Quote, order.From, order.To, IsAgain(request), interval)),
                stopping);
            landed += work.Landed;
            State.BarsLanded += work.Landed;
            meter.Landed(request, work.Landed);
            State.BarsImported += work.Imported;
            State.BarsCorrected += work.Corrected;
            State.Quarantined += work.Quarantined;
            State.Retries += work.Retries;
            if (IsAgain(request))
            {
                BackfillPart part = (State.Parts ??= []).GetValueOrDefault(known.Id) ?? new(0, 0);
                State.Parts[known.Id] = new(part.Landed + work.Landed, part.Quarantined + work.Quarantined);
            }

            if (work.Failure is not null)
            {
                return (landed, null, work.Failure);
            }

            if (!IsAgain(request))
            {
                await SaveNowAndThen();
            }
        }

        return (landed, landed > 0 ? null : $"{name} has no candles from {whole.From:u} to {whole.To:u}", null);
    }

    /// <summary>The slots of which a listing may have bars of the token.</summary>
    private static SlotRange Bounds(TokenListing listing, TokenInfo known) =>
        listing.Listing().Bounds.Intersect((listing.Listing() with { From = known.Listed, To = known.Delisted }).Bounds);

    private static SlotRange Whole(Interval interval, TimeRange range) =>
        new(interval.PeriodStart(BarTime.SlotAt(range.From)), interval.PeriodEnd(BarTime.SlotAt(range.To) - 1));

    private static int MonthsAnOrder(SourceLimits limits, Interval interval) => interval switch
    {
        Interval.FiveMinutes => limits.MonthsAnOrder,
        Interval.FifteenMinutes => Math.Max(MonthsOf15MinutesAnOrder, limits.MonthsAnOrder),
        _ => Math.Max(MonthsOfHoursAnOrder, limits.MonthsAnOrder),
    };

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
            TokensEmpty = State.TokensEmpty,
            Empty = [.. State.Empty],
            LeftOut = [.. State.LeftOut],
            Quarantined = State.Quarantined,
        };
    }
}
