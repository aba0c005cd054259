using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Owns a token's bars: takes them from its own stream and from calls, stores them, and answers from what is stored. The
/// arithmetic is <see cref="TokenHistory"/>'s. The history changes only once a change is durable, and in one step, so
/// reads may run while a write waits for the disk.
/// </summary>
[GrainType("token")]
[ImplicitStreamSubscription(RateEvent.StreamNamespace)]
internal sealed partial class TokenGrain(
    ISegmentStore store, SegmentCache cache, StandingsOutbox outbox, LiveTokens live, CandleSources sources, StorageReachability storage, FeedLoadLimiter loads, PnlMeter meter, TimeProvider time,
    ILogger<TokenGrain> log)
    : Grain, ITokenGrain, IStreamSubscriptionObserver, IAsyncObserver<RateEvent>
{
    private readonly long _owner = cache.NewOwner();
    private StoredKey? _key;
    private long _revision;
    private TokenRegistration? _registration;
    private TokenHistory _history = TokenHistory.Empty;
    private SegmentSet _replaced = SegmentSet.Empty; // months as this history has them, while the store may hold them rewritten
    private RateChanges _changes = RateChanges.Since(0);
    private BackfillReceipts _receipts = BackfillReceipts.None;
    private LiveToken? _told;
    private Rolling? _rolling;
    private RollingEdges _edges = RollingEdges.None;
    private bool _isAsked; // whether somebody asked for the rolling windows since they were told
    private bool _telling; // whether what changed is yet to be told
    private IGrainTimer? _forgetting;

    private string Id => this.GetPrimaryKeyString();

    private int Stagger => field != 0 ? field : field = TokenHistory.Stagger(Id);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        storage.Check();
        if (await loads.LoadAsync(cancellation => store.LoadAsync(Id, cancellation), cancellationToken) is { } stored)
        {
            (_key, _revision, _receipts) = (stored.Key, stored.Revision, stored.Receipts);
            if (stored.Registration.Deleted is not null)
            {
                return; // what is left is its revision
            }

            _registration = stored.Registration;
            (_history, _conversions) = (stored.History(), stored.Conversions);
            _changes = RateChanges.Since(_revision);
            Show();
            FollowConversions();
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_told is not null)
        {
            live.Remove(Id, _told);
        }

        Healed();

        return Task.CompletedTask;
    }

    public async Task<RegisterResult> Register(TokenDetails details)
    {
        TokenRegistration? known = _registration;
        string symbol = details.Symbol ?? known?.Symbol ?? Id.ToUpperInvariant();
        TokenRegistration registration = new()
        {
            Symbol = symbol,
            Name = details.Name ?? known?.Name ?? symbol,
            Quote = details.Quote ?? known?.Quote ?? "usd",
            Listed = details.Listed ?? known?.Listed,
            Delisted = details.Delisted ?? known?.Delisted,
            StalenessSeconds = details.StalenessSeconds ?? known?.StalenessSeconds ?? 900,
            Sources = details.Sources ?? known?.Sources ?? new Dictionary<string, string>(),
            Listings = known.ListingsAfter(details),
            Whose = known?.Whose,
            Kept = known?.Kept,
        };
        if (details.AddListing?.Listing() is { } added && !registration.InOrder().Any(added.IsSame))
        {
            registration = registration with { Listings = [.. registration.InOrder(), added] };
        }

        if (known is not null && registration.Quote != known.Quote && !_history.IsEmpty)
        {
            return new(Info(), Created: false, QuoteConflict: true);
        }

        if (known is null || !registration.IsSame(known))
        {
            NoConversion circle = (await FindWays(registration, ForeignQuotes(registration))).None.Values.FirstOrDefault(none => none.IsCircle);
            if (circle.IsCircle)
            {
                return new(known is null ? TokenInfos.Of(Id, _revision, registration, null, null, 0, registration.StalenessSeconds, time.GetUtcNow()) : Info(), Created: false, QuoteConflict: false) { Circle = circle.Why };
            }
        }

        if (known is { Kept: null, Whose: null } && !IsBlank)
        {
            // Whose the bars are must not change with the order.
            Listing sole = SoleOf(known);
            registration = SoleOf(registration).IsSame(sole) ? registration : registration with { Whose = sole.Key };
        }

        if (known is not null && !registration.IsSame(known) && await Reorder(known, registration))
        {
            return new(Info(), Created: false, QuoteConflict: false);
        }

        if (known is null || !registration.IsSame(known))
        {
            await Store(registration, HistoryChange.None(_history), 1, registration.Quote == known?.Quote && registration.StalenessSeconds == known.StalenessSeconds ? int.MaxValue : 0); // what is stale is no rate
        }

        return new(Info(), Created: known is null, QuoteConflict: false);
    }

    public async Task<IngestResult?> Ingest(BarBatch batch)
    {
        if (_registration is null)
        {
            return Unknown<IngestResult>();
        }

        ReadOnlyMemory<long> times = batch.Time;
        ReadOnlyMemory<decimal> rates = batch.Rate;
        if (times.Length != rates.Length || times.Length > BarBatch.MaxLength)
        {
            throw new ArgumentException($"a batch has columns of equal length, {BarBatch.MaxLength} at most; got {times.Length} times and {rates.Length} rates", nameof(batch));
        }

        Bar[] bars = new Bar[times.Length];
        List<RejectedBar> rejected = [];
        DateTimeOffset now = time.GetUtcNow();
        Listing listing = batch.Listing?.Listing() ?? ListingOf(batch.Source, batch.Interval);
        SlotRange bounds = BoundsOf(listing);
        int count = 0, rounded = 0;
        for (int i = 0; i < bars.Length; i++)
        {
            BarDefect defect = BarCheck.Check(times.Span[i], rates.Span[i], listing.Interval, now, out Bar bar, out bool isRounded);
            defect = defect == BarDefect.None && (bar.Slot < bounds.From || bar.Slot >= bounds.To) ? BarDefect.TimeNotListed : defect;
            if (defect == BarDefect.None)
            {
                bars[count++] = bar;
                rounded += isRounded ? 1 : 0;
            }
            else
            {
                rejected.Add(new(i, times.Span[i], defect.Code()));
            }
        }

        HistoryChange change = await IngestAsync(
            listing, new(bars.AsMemory(0, count), new(BarCheck.Covered(batch.CoveredFrom, batch.CoveredTo, now), listing.Interval, batch.SetAside), Stagger),
            Counting(batch.Tally, listing, rejected.Count));
        meter.Ingested(PnlMeter.ByCall, change, rejected.Count);
        return new(change.Accepted, change.Unchanged, change.Corrected, [.. rejected], _revision) { Rounded = rounded, Counted = Counted(batch.Tally, listing) };
    }

    public async Task<IngestResult?> IngestHistory(HistoryBatch batch)
    {
        if (_registration is null)
        {
            return Unknown<IngestResult>();
        }

        if (batch.Slots.Length > HistoryBatch.MaxLength)
        {
            throw new ArgumentException($"a batch has {HistoryBatch.MaxLength} bars at most; got {batch.Slots.Length}", nameof(batch));
        }

        if (batch is { Tally: not null, Slots.IsEmpty: true } && batch.CoveredFrom >= batch.CoveredTo)
        {
            return new(0, 0, 0, [], _revision) { Counted = Counted(batch.Tally, batch.Listing?.Listing() ?? ListingOf(null, batch.Interval)) }; // only asked
        }

        DateTimeOffset now = time.GetUtcNow();
        if (!batch.Slots.IsEmpty && batch.Slots.Span[^1] > BarTime.SlotAt(now) + 1)
        {
            throw new ArgumentException($"a bar that opens at {BarTime.Open(batch.Slots.Span[^1]):u} lies in the future", nameof(batch));
        }

        // Of a silo whose clock is ahead a bar may be closed that is open here: it is told, and comes again.
        int closed = batch.Slots.Length;
        while (closed > 0 && batch.Slots.Span[closed - 1] > BarTime.LastClosedSlot(now))
        {
            closed--;
        }

        RejectedBar[] open = [.. Enumerable.Range(closed, batch.Slots.Length - closed).Select(i => new RejectedBar(i, BarTime.OpenSeconds(batch.Slots.Span[i]), BarDefect.BarOpen.Code()))];
        BarColumns bars = new(batch.Slots[..closed], batch.Mantissas[..closed], batch.Scale);
        Listing listing = batch.Listing?.Listing() ?? ListingOf(null, batch.Interval);
        SlotRange covered = new(batch.CoveredFrom, Math.Min(batch.CoveredTo, BarTime.SlotAt(now)));
        (bars, RejectedBar[] outside) = Within(BoundsOf(listing), bars);
        RejectedBar[] rejected = [.. outside, .. open];
        HistoryChange change = await IngestAsync(listing, new(bars, new(covered.IsEmpty ? default : covered, listing.Interval, batch.SetAside), Stagger), Counting(batch.Tally, listing, rejected.Length));
        meter.Ingested(PnlMeter.ByHistory, change, rejected.Length);
        return new(change.Accepted, change.Unchanged, change.Corrected, rejected, _revision) { Counted = Counted(batch.Tally, listing) };
    }

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        await handleFactory.Create<RateEvent>().ResumeAsync(this);

    public Task OnNextAsync(RateEvent item, StreamSequenceToken? token = null) => IngestEvent(item);

    /// <summary>
    /// Takes a bar from a stream. A bar that cannot be taken is put aside and the stream goes on; only a store that
    /// fails makes the stream try again.
    /// </summary>
    public async Task IngestEvent(RateEvent item)
    {
        if (await Take(item) is { } reason)
        {
            log.LogWarning("Put aside an event of {Token}'s stream: {Reason}: {Event}", Id, reason, item);
            await store.WriteDeadLetterAsync(new(time.GetUtcNow(), Id, reason, DeadBar.Write(item)));
            meter.PutAside(reason);
        }
    }

    public Task<string?> TakeAgain(RateEvent item) => Take(item);

    /// <summary>Takes a bar from a stream; completes when it is durable.</summary>
    /// <returns>Why it cannot be taken; null if it was.</returns>
    private async Task<string?> Take(RateEvent? item)
    {
        if (_registration is null)
        {
            Forget();
            return "token.unknown";
        }

        DateTimeOffset now = time.GetUtcNow();
        Bar bar = default;
        BarDefect defect = item is null ? BarDefect.RateMissing : BarCheck.Check(item.Time, item.Rate, now, out bar);
        Listing listing = ListingOfStream(item?.Source);
        SlotRange bounds = BoundsOf(listing);
        defect = defect == BarDefect.None && (bar.Slot < bounds.From || bar.Slot >= bounds.To) ? BarDefect.TimeNotListed : defect;
        if (defect != BarDefect.None)
        {
            return defect.Code();
        }

        meter.Ingested(PnlMeter.ByStream, await IngestAsync(listing, new(new[] { bar }, BarCheck.Covered(item!.CoveredFrom, item.Time + BarTime.SecondsPerBar, now), Stagger)), 0);
        HealIfNeeded();
        return null;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex)
    {
        log.LogError(ex, "The stream of {Token} reports an error", Id);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Lets a token go that nobody registered, so that asking for any id costs no memory. Not at once: those who ask for it
    /// together would chase each other's activations and get none.
    /// </summary>
    private void Forget() => _forgetting ??= this.RegisterGrainTimer(
        () =>
        {
            _forgetting = null; // it may be registered, and deleted again
            if (_registration is null)
            {
                DeactivateOnIdle();
            }

            return Task.CompletedTask;
        },
        new GrainTimerCreationOptions { DueTime = TimeSpan.FromSeconds(10), Period = Timeout.InfiniteTimeSpan });

    /// <summary>Takes bars of a listing; completes when they are durable.</summary>
    /// <param name="listing">The listing.</param>
    /// <param name="bars">The bars, which may be none.</param>
    /// <param name="counting">What is counted of backfills then, by the bars that were new and those that were corrected; as before without.</param>
    private async Task<HistoryChange> IngestAsync(Listing listing, NewBars bars, Func<int, int, BackfillReceipts>? counting = null)
    {
        if (!IsSole(listing))
        {
            return await LoadedHere(() => TakeTogether(listing, bars, counting));
        }

        SegmentSet segments = await LoadedHere(async () => await Load(_history, bars.Months(_history), goesOn: true));
        HistoryChange change = bars.Answer(_history, segments);
        BackfillReceipts receipts = counting?.Invoke(change.Accepted, change.Corrected) ?? _receipts;
        if (change.IsChange || receipts != _receipts)
        {
            _replaced = segments;
            TokenRegistration registration = Order.Sole.IsSame(listing) ? _registration! : _registration! with { Whose = listing.Key };
            await Store(registration, change, Math.Max(1, change.Accepted + change.Corrected), change.Accepted + change.Corrected > 0 ? bars.FirstSlot : int.MaxValue, [], _conversions, receipts);
        }

        return change;
    }

    /// <summary>
    /// Does what loads months for a write. Nothing of this activation rewrites them meanwhile, so a conflict means that another activation
    /// has: this one goes, and the next reads what is stored.
    /// </summary>
    private async Task<T> LoadedHere<T>(Func<Task<T>> load)
    {
        try
        {
            return await load();
        }
        catch (StoreConflictException)
        {
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>What is counted of backfills once bars of one are stored; null if they are none's.</summary>
    private Func<int, int, BackfillReceipts>? Counting(BackfillTally? tally, Listing listing, int rejected) => tally is null ? null
        : (accepted, corrected) => _receipts.With(
            tally.Backfill, listing.Key, new(tally.From, Math.Max(tally.From, tally.To)), tally.Landed, tally.Quarantined + rejected, accepted + corrected, corrected);

    /// <summary>What is counted of a backfill; null if nothing is.</summary>
    private BackfillCount? Counted(BackfillTally? tally, Listing listing) => tally is null || _receipts.Find(tally.Backfill) is not { } receipt ? null
        : new(receipt.Landed, receipt.Imported, receipt.Corrected, receipt.Quarantined, [.. receipt.HandedOf(listing.Key).Ranges.SelectMany(range => new[] { range.From, range.To })]);

    private Task Store(TokenRegistration registration, HistoryChange change, int revisions, int changedFrom) =>
        Store(registration, change, revisions, changedFrom, [], _conversions);

    /// <summary>Stores a change, and those of the listings that it was put together from.</summary>
    private async Task Store(
        TokenRegistration registration, HistoryChange change, int revisions, int changedFrom, List<(KeptListing Kept, HistoryChange Change)> listings, StoredConversions conversions,
        BackfillReceipts? counted = null)
    {
        BackfillReceipts receipts = counted ?? _receipts;
        (long revision, long began) = (_revision + revisions, time.GetTimestamp());
        try
        {
            TokenWrite write = new(Id, _key, _revision, revision, registration, change.History, change.Sealed)
            {
                KeepsRegistration = ReferenceEquals(registration, _registration),
                Dropped = change.Dropped,
                Conversions = conversions,
                Receipts = receipts,
            };
            if (listings.Count == 0)
            {
                _key = await store.WriteAsync(write);
            }
            else
            {
                StoredKey[] keys = await store.WriteAsync([.. listings.Select(listing => listing.Kept.Write(listing.Change, revision))], write);
                _key = keys[^1];
                Replace([.. listings.Select((listing, i) => (listing.Kept with { Key = keys[i], Revision = revision, History = listing.Change.History }, listing.Change))]);
            }

            (_revision, _registration, _history, _replaced, _conversions) = (revision, registration.Deleted is null ? registration : null, change.History, SegmentSet.Empty, conversions);
            _receipts = receipts;
            _changes = _changes.With(revision, changedFrom);
            meter.Written(began, durable: true, change.Sealed);
            Show();
        }
        catch
        {
            meter.Written(began, durable: false, []);

            // Whether it was stored is unknown: the next activation reads what is. Until then reads answer the state before.
            DeactivateOnIdle();
            throw;
        }

        foreach (SealedMonth month in change.Sealed)
        {
            cache.Refresh(_owner, month.Summary.Month, month.Segment);
        }

        if (!_telling)
        {
            _telling = true;
            _ = Tell();
        }
    }

    /// <summary>Shows the silo how the token stands now.</summary>
    private void Show()
    {
        if (_registration is null)
        {
            if (_told is not null)
            {
                live.Remove(Id, _told);
            }

            _told = null;
            return;
        }

        _told = new(_registration!.Quote, _revision, _history.IsEmpty ? null : new Bar(_history.Life.LastSlot, _history.Life.Last), _changes, StaleAfter(_history), _registration.Delisted);
        live.Put(Id, _told);
    }

    /// <summary>
    /// Loads months of a history. A read may run while a month of it is rewritten, and the store may be ahead of what the
    /// grain was told: the rewritten month must not get into an answer of the old state, nor the old one into the cache.
    /// </summary>
    /// <param name="history">The history.</param>
    /// <param name="months">The months.</param>
    /// <param name="goesOn">Whether a month that is damaged is given as such and does not end it.</param>
    /// <param name="cancellation">Whoever asked waits no longer.</param>
    private async ValueTask<SegmentSet> Load(TokenHistory history, IReadOnlySet<int> months, bool goesOn = false, CancellationToken cancellation = default)
    {
        if (months.Count == 0)
        {
            return SegmentSet.Empty;
        }

        SegmentSet segments = await store.LoadAsync(
            cache, _key!, _owner, months.Where(month => !_replaced.Contains(month)), month => ReferenceEquals(history, _history) && !_replaced.Contains(month),
            goesOn ? e => log.LogError(e, "{Token} takes bars beside a month that is damaged, and keeps its days open until that is repaired", Id) : null, cancellation);
        foreach (int month in months.Where(_replaced.Contains))
        {
            segments.Add(month, _replaced[month]); // also in place of one that was read, where a write began meanwhile
        }

        return segments;
    }
}
