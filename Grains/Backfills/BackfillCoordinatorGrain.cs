using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Storage;
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
    private (BackfillPhase Phase, DateTimeOffset? EndedAt)? _told; // while another is being stored
    private bool _isLeaving, _isOfBefore; // a release that kept no receipts may have fetched some of it

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
            try
            {
                await Save();
            }
            catch
            {
                Leave(); // it has begun or not: the next activation knows
                throw;
            }

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

        if (from.Contains(State.Phase) && _told is null)
        {
            // What is under way is finished, and not waited for: a month of a slow source outlasts any call.
            Task stopping = to == BackfillPhase.Running ? Task.CompletedTask : _stopping.CancelAsync();
            await Enter(to, to == BackfillPhase.Cancelled ? time.GetUtcNow() : null);
            await stopping;
        }

        return Status();
    }

    /// <summary>Changes the phase. Until that is stored whoever asks is told the one before, which stays if it cannot be stored.</summary>
    private async Task Enter(BackfillPhase phase, DateTimeOffset? endedAt)
    {
        (BackfillPhase Phase, DateTimeOffset? EndedAt) before = (State.Phase, State.EndedAt);
        (_told, State.Phase, State.EndedAt) = (before, phase, endedAt);
        try
        {
            await Save();
        }
        catch
        {
            (State.Phase, State.EndedAt) = before;
            throw;
        }
        finally
        {
            _told = null;
        }
    }

    /// <summary>Gives up this activation: the next one reads what is stored, and goes on from there.</summary>
    private void Leave()
    {
        _isLeaving = true;
        DelayDeactivation(TimeSpan.Zero);
        DeactivateOnIdle();
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
        _landedBefore = State.BarsLanded;
        meter.Follow(this.GetPrimaryKeyString(), State);
        try
        {
            ICandleSource source = sources.Named(request.Source);
            if (State.DoneUpTo is null && State.DoneBehind.Count == 0)
            {
                // None has ended, or a release before this one has not kept which: all are planned, and those given up that were written down are not tried again.
                (_isOfBefore, State.TokensDone, State.TokensEmpty, State.TokensFailed) = (State.TokensDone > 0, 0, 0, State.Failures.Count);
                State.Empty.Clear();
            }

            (BackfillPlan plans, List<string> plan) = await Plan(source, request, stopping);
            HashSet<string> done = [.. State.Failures.Select(failure => failure.Token), .. State.DoneBehind];
            bool[] ended = [.. plan.Select(done.Contains)];
            State.TokensTotal = ended.Count(has => !has) + State.TokensDone + State.TokensFailed;
            int next = 0, endedUpTo = 0;

            void TokenEnds(int index, bool isDone)
            {
                State.TokensDone += isDone ? 1 : 0;
                ended[index] = true;
                State.Parts?.Remove(plan[index]);
                State.DoneBehind.Add(plan[index]);
                if (endedUpTo < plan.Count && ended[endedUpTo])
                {
                    while (endedUpTo < plan.Count && ended[endedUpTo])
                    {
                        State.DoneUpTo = plan[endedUpTo++];
                    }

                    State.DoneBehind.RemoveAll(token => string.CompareOrdinal(token, State.DoneUpTo) <= 0);
                }
            }

            await Task.WhenAll(Enumerable.Range(0, TokensAtOnce(source.Limits)).Select(async _ =>
            {
                while (next < plan.Count && !stopping.IsCancellationRequested)
                {
                    int index = next++;
                    if (ended[index])
                    {
                        continue;
                    }

                    await Fetch(source, plan[index], plans, request, isDone => TokenEnds(index, isDone), stopping);

                    await SaveNowAndThen();
                }
            }));
            if (!stopping.IsCancellationRequested)
            {
                State.Parts = State.Parts is { Count: > 0 } ? State.Parts : null;
                if (!await End(State.TokensFailed > 0 ? BackfillPhase.CompletedWithFailures : BackfillPhase.Completed, stopping))
                {
                    return;
                }

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
            State.Failures.Add(new("*", e is SourceException s ? s.Code : "internal", e.Message));
            if (!await End(BackfillPhase.Failed, stopping))
            {
                State.Failures.RemoveAt(State.Failures.Count - 1);
            }
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

    /// <summary>
    /// Ends it; whether that is stored. A store that fails is tried again, and then this activation is given up: the next one
    /// goes on from what is stored, finds what is left, and ends it.
    /// </summary>
    private async Task<bool> End(BackfillPhase phase, CancellationToken stopping)
    {
        for (int tried = 0; ; tried++)
        {
            try
            {
                await Enter(phase, time.GetUtcNow());
                return true;
            }
            catch (Exception e) when (e is not InconsistentStateException && tried < Tries && !stopping.IsCancellationRequested)
            {
                log.LogWarning(e, "Backfill {Id}: its end could not be stored; it is tried again", this.GetPrimaryKeyString());
                await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(1 << tried), time, stopping));
                if (stopping.IsCancellationRequested)
                {
                    return false; // it is held or cancelled meanwhile, or the silo stops
                }
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Backfill {Id}: its end could not be stored; another activation goes on", this.GetPrimaryKeyString());
                Leave();
                return false;
            }
        }
    }

    /// <summary>What is counted of a token that is under way takes the place of what was before.</summary>
    private void Count(string token, BackfillPart now)
    {
        BackfillPart before = PartOf(token);
        State.BarsLanded += now.Landed - before.Landed;
        State.Quarantined += now.Quarantined - before.Quarantined;
        State.BarsImported += now.Imported - before.Imported;
        State.BarsCorrected += now.Corrected - before.Corrected;
        (State.Parts ??= [])[token] = now;
    }

    private BackfillPart PartOf(string token) => State.Parts?.GetValueOrDefault(token) ?? new(0, 0);

    /// <summary>Counts of a token what it has counted itself, before anything of it is fetched: what was fetched before a death.</summary>
    private void CountBefore(string token, BackfillCount? counted, BackfillRequest request)
    {
        long landed = State.BarsLanded;
        Count(token, (counted, IsAgain(request)) switch
        {
            (null, true) => PartOf(token) with { Landed = 0, Quarantined = 0 },
            (null, false) => PartOf(token),
            (_, true) => new(0, 0, counted.Imported, counted.Corrected), // it is fetched from the start
            (_, false) => new(counted.Landed, counted.Quarantined, counted.Imported, counted.Corrected),
        });
        _landedBefore += State.BarsLanded - landed;
    }

    /// <summary>Counts a piece of work: as the token has counted it, or as the worker did where the token is of a release that counts nothing.</summary>
    private void Count(string token, BackfillWork work, BackfillRequest request)
    {
        BackfillPart part = PartOf(token);
        Count(token, work.Counted is not { } counted
            ? new(part.Landed + work.Landed, part.Quarantined + work.Quarantined, part.Imported + work.Imported, part.Corrected + work.Corrected)
            : IsAgain(request) ? new(part.Landed + work.Landed, part.Quarantined + work.Quarantined, counted.Imported, counted.Corrected)
            : new(counted.Landed, counted.Quarantined, counted.Imported, counted.Corrected));
        meter.Landed(request, work.Landed);
        State.Retries += work.Retries;
    }

    /// <summary>The tokens of which anything is fetched, by their ids, and how it is known what.</summary>
    private async Task<(BackfillPlan Plans, List<string> Tokens)> Plan(ICandleSource source, BackfillRequest request, CancellationToken stopping)
    {
        BackfillPlan plans = new(source, await Try(source.Name, async () => await source.ListAsync(stopping), stopping));
        bool isFed = request.Kind == BackfillKind.Reconciliation && request.Tokens is null;
        Dictionary<string, TokenInfo> fed = isFed ? await Fed(source.Name, request, stopping) : [];
        IEnumerable<string> tokens = request.Tokens?.Distinct() ?? (isFed ? fed.Keys : plans.Bases);
        List<string> plan = [];
        foreach (string token in tokens.Order(StringComparer.Ordinal).Where(token => string.CompareOrdinal(token, State.DoneUpTo) > 0))
        {
            plan.Add(token);
            PlannedToken planned = plans.Of(token, fed.GetValueOrDefault(token) ?? await Try(token, GrainFactory.GetGrain<ITokenGrain>(token).Get, stopping));
            if (planned.Pairs.Length > 0)
            {
                LeaveOut(source, planned, plans.LeftOut(planned));
            }
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
    /// counters: of a token of which what is saved does not know that it ended, it knows what is counted of it.
    /// </summary>
    private async Task Fetch(ICandleSource source, string token, BackfillPlan plans, BackfillRequest request, Action<bool> end, CancellationToken stopping)
    {
        PlannedToken? planned = null;
        try
        {
            // As it is now: it may have been registered, or got other listings, since it was planned.
            ITokenGrain owner = GrainFactory.GetGrain<ITokenGrain>(token);
            TokenInfo? known = await Try(token, owner.Get, stopping);
            planned = plans.Of(token, known);
            known = await Register(owner, planned, known, stopping);

            BackfillCount? counted = await Try(token, () => LandedBars.Counted(owner, planned.Pairs[0].Listing, this.GetPrimaryKeyString()), stopping);
            CountBefore(token, counted, request);
            string? nothing = null;
            foreach (ListedPair pair in planned.Pairs)
            {
                (string? why, BackfillFailure? failure) = await Fetch(source, owner, known, pair, counted is not null, request, stopping);
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

                nothing ??= why;
            }

            if (planned.Failure is { } unfetched)
            {
                Fail(unfetched);
                end(false);
                return;
            }

            if (PartOf(token).Landed == 0 && nothing is not null)
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
            await CountLast(token, planned, request);
            Fail(new(token, e is SourceException refused ? refused.Code : "internal", e.Message));
            end(false);
        }
    }

    /// <summary>Counts what a token has counted itself, where the answers to the last piece of work were lost.</summary>
    private async Task CountLast(string token, PlannedToken? planned, BackfillRequest request)
    {
        try
        {
            if (planned?.Pairs is [var pair, ..] && await LandedBars.Counted(GrainFactory.GetGrain<ITokenGrain>(token), pair.Listing, this.GetPrimaryKeyString()) is { } counted)
            {
                Count(token, new BackfillWork(0, 0, 0, 0, null, 0, counted), request);
            }
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Backfill {Id}: what {Token} has counted of it could not be asked", this.GetPrimaryKeyString(), token);
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

    /// <summary>Fetches what is lacking of a listing, or all again. Tells why if there were no bars.</summary>
    private async Task<(string? Why, BackfillFailure? Failure)> Fetch(
        ICandleSource source, ITokenGrain owner, TokenInfo known, ListedPair listed, bool hasBegun, BackfillRequest request, CancellationToken stopping)
    {
        (TokenListing listing, SourcePair pair) = (listed.Listing, listed.Pair);
        Interval interval = listing.Interval;
        string name = $"{pair.Symbol} of {source.Name}{(interval == Interval.FiveMinutes ? "" : $" at {interval.Name()}")}";
        SlotRange bounds = Bounds(listing, known).Intersect(new(request.From is { } from ? BarTime.SlotAt(from) : 0, BarTime.SlotAt(request.To!.Value)));
        if (bounds.IsEmpty)
        {
            return ($"of {name} nothing lies in the time asked for, or it may not be taken there", null);
        }

        int to = interval.PeriodStart(bounds.To);
        int? begins = pair.Listed is { } since ? BarTime.SlotAt(since) : request.From is null ? await Try(known.Id, async () => await source.FirstSlotAsync(pair, to, stopping), stopping) : 0;
        if (begins is null)
        {
            return ($"{name} has no candles before {BarTime.Open(to):u}", null);
        }

        int first = interval.PeriodStart(Math.Max(bounds.From, begins.Value));
        if (first >= to)
        {
            return ($"of {name} nothing lies in the time asked for: it begins at {BarTime.Open(first):u}", null);
        }

        TimeRange whole = new(BarTime.Open(first), BarTime.Open(to));
        TimeRange[] wanted = IsAgain(request) ? [whole] : await Try(known.Id, () => owner.GetUnreadOf(listing, whole.From, whole.To), stopping) ?? [];
        string none = $"{name} has no candles from {whole.From:u} to {whole.To:u}";
        if (wanted.Length == 0)
        {
            return (hasBegun ? none : _isOfBefore ? null : $"all of {name} from {whole.From:u} to {whole.To:u} was fetched before; with again it is fetched again", null);
        }

        SlotRange[] orders = [.. wanted.SelectMany(range => BarTime.Months(Whole(interval, range), MonthsAnOrder(source.Limits, interval)))];
        long landed = PartOf(known.Id).Landed;
        foreach (SlotRange order in request.OldestFirst ? orders : orders.Reverse())
        {
            if (stopping.IsCancellationRequested)
            {
                return (null, null);
            }

            BackfillWork work = await Try(
                known.Id,
                () => GrainFactory.GetGrain<IBackfillWorkerGrain>(known.Id)
                    .Fetch(new(source.Name, pair.Symbol, pair.Base, pair.Quote, order.From, order.To, IsAgain(request), interval, this.GetPrimaryKeyString())),
                stopping);
            Count(known.Id, work, request);
            if (work.Failure is not null)
            {
                return (null, work.Failure);
            }

            if (!IsAgain(request))
            {
                await SaveNowAndThen();
            }
        }

        return (PartOf(known.Id).Landed > landed ? null : none, null);
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
        if (time.GetElapsedTime(_savedAt) < SavePeriod || !_saving.IsCompleted)
        {
            return;
        }

        try
        {
            await Save();
        }
        catch (InconsistentStateException e)
        {
            log.LogWarning(e, "Backfill {Id}: another activation has stored how far it is, and goes on", this.GetPrimaryKeyString());
            await _stopping.CancelAsync();
            Leave();
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Backfill {Id}: how far it is was not stored; it is tried again", this.GetPrimaryKeyString());
        }
    }

    // One write after another: a second one on the same etag would be refused.
    private async Task Save()
    {
        while (!_saving.IsCompleted)
        {
            await Task.WhenAny(_saving); // whether it fails is told to whom it is
        }

        _savedAt = time.GetTimestamp();
        _saving = stored.WriteStateAsync();
        await _saving;
    }

    private BackfillStatus Status()
    {
        double seconds = _begunAt == 0 ? 0 : time.GetElapsedTime(_begunAt).TotalSeconds;
        (BackfillPhase phase, DateTimeOffset? endedAt) = _told ?? (State.Phase, State.EndedAt);
        bool running = phase == BackfillPhase.Running && seconds > 0;
        double share = State.TokensTotal == 0 ? 0 : (double)(State.TokensDone + State.TokensFailed) / State.TokensTotal;
        return new()
        {
            Id = this.GetPrimaryKeyString(),
            Kind = State.Request!.Kind,
            Phase = phase,
            Source = State.Request.Source,
            From = State.Request.From,
            To = State.Request.To,
            Tokens = new(State.TokensTotal, State.TokensDone, State.TokensFailed, State.TokensEmpty),
            Bars = new() { Landed = State.BarsLanded, Imported = State.BarsImported, Corrected = State.BarsCorrected, Quarantined = State.Quarantined },
            BarsPerSecond = running ? (State.BarsLanded - _landedBefore) / seconds
                : endedAt is { } ended && ended > State.StartedAt ? State.BarsLanded / (ended - State.StartedAt).TotalSeconds : 0,
            Eta = running && share is > 0 and < 1 ? time.GetUtcNow() + TimeSpan.FromSeconds(seconds / share * (1 - share)) : null,
            Retries = State.Retries,
            StartedAt = State.StartedAt,
            EndedAt = endedAt,
            Failures = [.. State.Failures],
            Empty = [.. State.Empty],
            Again = State.Request.Again,
            LeftOut = [.. State.LeftOut],
        };
    }
}
