using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Tokens whose bars are put together from several listings, or converted. What is kept of each listing lies in a row of its
/// own; the token's bars are what <see cref="LifeMerge"/> makes of them. A token of one listing in its own quote keeps its bars
/// once, and has none of this.
/// </summary>
internal sealed partial class TokenGrain
{
    private static readonly TimeSpan ConversionPeriod = TimeSpan.FromMinutes(1), ConversionPause = TimeSpan.FromSeconds(1);

    private KeptListing[]? _kept; // null until they are needed
    private ListingOrder? _order;
    private Task<KeptListing[]>? _keptLoading;
    private StoredConversions _conversions = StoredConversions.None;
    private IGrainTimer? _converting;
    private (long Revision, int MaxRanges, LifeRange[] Life, ListingState[] Listings)? _life;

    public async Task<TimeRange[]?> GetUnreadOf(TokenListing listing, DateTimeOffset from, DateTimeOffset to)
    {
        if (_registration is null)
        {
            return Unknown<TimeRange[]>();
        }

        Listing wanted = listing.Listing();
        Coverage covered = Coverage.None;
        if (_registration.Kept is null)
        {
            covered = SoleOf(_registration).IsSame(wanted) ? new ListedBars(wanted, _history).Covered : covered;
        }
        else if ((await Kept()).FirstOrDefault(kept => kept.Listing.IsSame(wanted)) is { } own)
        {
            covered = new ListedBars(wanted, own.History).Covered;
        }

        return [.. covered.MissingIn(new SlotRange(BarTime.SlotAt(from), BarTime.SlotAt(to)).Intersect(BoundsOf(wanted)))
            .Select(range => new TimeRange(BarTime.Open(range.From), BarTime.Open(range.To)))];
    }

    /// <summary>The listing of a source's bars; callers' where no source is named.</summary>
    private Listing ListingOf(string? source, Interval interval = Interval.FiveMinutes) => source is null
        ? new(Listing.Api, "", _registration!.Quote, interval)
        : FirstListing(source, interval) ?? new(source, "", _registration!.Quote, interval);

    /// <summary>That of a stream's bar. One that names no source is an earlier release's feed's, or a producer's: it is the first listing's.</summary>
    private Listing ListingOfStream(string? source) => source is null
        ? FirstListing(null, Interval.FiveMinutes) ?? ListingOf(null)
        : ListingOf(source);

    /// <summary>The first listing of an interval, of a source if one is named.</summary>
    private Listing? FirstListing(string? source, Interval interval)
    {
        foreach (Listing listing in Order.Listings)
        {
            if (listing.Interval == interval && (source is null || listing.Source == source))
            {
                return listing;
            }
        }

        return null;
    }

    /// <summary>The listings of the registration as it is; kept, since every bar asks for them.</summary>
    private ListingOrder Order => _order is { } known && ReferenceEquals(known.Of, _registration) ? known : _order = new(_registration!, [.. _registration!.InOrder()], SoleOf(_registration));

    /// <summary>Whose the bars of a token are that keeps them once.</summary>
    private static Listing SoleOf(TokenRegistration registration) =>
        registration.Whose is { } key && Listing.TryParse(key, out Listing? whose) ? whose
            : registration.InOrder() is [var first, ..] ? first : new(Listing.Api, "", registration.Quote);

    /// <summary>Whether a listing's bars are, or can be, all that the token has, so that they are kept once.</summary>
    private bool IsSole(Listing listing) => _registration!.Kept is null && listing.Quote == _registration.Quote &&
        (Order.Sole.IsSame(listing) || IsBlank);

    /// <summary>Whether nothing is kept of any listing.</summary>
    private bool IsBlank => _history.IsEmpty && _history.Coverage.Ranges.IsEmpty && _history.Coarse.IsNone;

    /// <summary>The slots of which a listing's bars are the token's: within its bounds as registered, and not before the token was listed.</summary>
    private SlotRange BoundsOf(Listing listing) => _registration!.BoundsOf(listing, Order.Listings);

    /// <summary>Where a listing stands in the order: callers' bars come first and those of listings that are not registered last, unless they are named.</summary>
    private static (int Place, string Key) PlaceOf(TokenRegistration registration, Listing listing)
    {
        int place = registration.InOrder().ToList().FindIndex(listing.IsSame);
        return place >= 0 ? (place, "") : (listing.Source == Listing.Api ? -1 : int.MaxValue, listing.Key);
    }

    private static (BarColumns Bars, RejectedBar[] Rejected) Within(SlotRange bounds, BarColumns bars)
    {
        ReadOnlySpan<int> slots = bars.Slots.Span;
        int from = 0, to = slots.Length;
        while (from < to && slots[from] < bounds.From)
        {
            from++;
        }

        while (to > from && slots[to - 1] >= bounds.To)
        {
            to--;
        }

        if (to - from == slots.Length)
        {
            return (bars, []);
        }

        List<RejectedBar> rejected = [];
        for (int i = 0; i < slots.Length; i++)
        {
            if (i < from || i >= to)
            {
                rejected.Add(new(i, BarTime.OpenSeconds(slots[i]), BarDefect.TimeNotListed.Code()));
            }
        }

        return (new(bars.Slots[from..to], bars.Mantissas[from..to], bars.Scale), [.. rejected]);
    }

    /// <summary>Carries what changed in the registration into the bars: the order, the bounds, the quote.</summary>
    /// <returns>Whether it changed the bars, and is stored with them; false if they are as they were and nothing is stored.</returns>
    private async Task<bool> Reorder(TokenRegistration before, TokenRegistration after)
    {
        if (before.Kept is null)
        {
            Listing sole = SoleOf(before);
            SlotRange bounds = after.BoundsOf(sole);
            if (_history.IsEmpty || (_history.Life.FirstSlot >= bounds.From && _history.Life.LastSlot < bounds.To))
            {
                return false;
            }
        }
        else if (before.Quote == after.Quote && before.Kept.Select(Parse).All(kept => PlaceOf(before, kept) == PlaceOf(after, kept) && before.BoundsOf(kept) == after.BoundsOf(kept)))
        {
            return false;
        }

        await LoadedHere(() => PutTogether(after, null, null, []));
        return true;
    }

    /// <summary>Takes bars of one of several listings.</summary>
    private async Task<HistoryChange> TakeTogether(Listing listing, NewBars bars, Func<int, int, BackfillReceipts>? counting)
    {
        if (listing.Quote == Id)
        {
            throw new ArgumentException($"{Id} cannot be quoted in itself", nameof(listing));
        }

        KeptListing[] kept = await Kept();
        KeptListing own = kept.FirstOrDefault(each => each.Listing.IsSame(listing)) ??
            await KeptListing.LoadAsync(new(listing.Source, listing.Symbol, listing.Quote, listing.Interval), ListingRow.Of(Id, kept.Length), store, cache.NewOwner());
        HistoryChange change = await own.AskAsync(bars, store, cache);
        if (!change.IsChange && _registration!.Kept?.Contains(own.Listing.Key) == true && !kept.Any(IsAhead) && (counting?.Invoke(0, 0) ?? _receipts) == _receipts)
        {
            return change;
        }

        // What is told is what became of the token's bars: one that another listing has as well, or that comes behind one, changes nothing.
        IReadOnlyCollection<int> days = change.Accepted + change.Corrected > 0 ? bars.Days() : [];
        int sent = change.Accepted + change.Unchanged + change.Corrected;
        (int accepted, int corrected) = WithinBatch(await PutTogether(_registration!, (own, change), days, days, counting is null ? null : differences => counting(WithinBatch(differences).Accepted, WithinBatch(differences).Corrected)));
        return change with { Accepted = accepted, Corrected = corrected, Unchanged = sent - accepted - corrected };

        (int Accepted, int Corrected) WithinBatch((int Accepted, int Corrected) differences) =>
            (Math.Min(differences.Accepted, sent), Math.Min(differences.Corrected, sent - Math.Min(differences.Accepted, sent)));
    }

    /// <summary>
    /// What is kept of each listing. Of a token that kept its bars once it is those, not stored yet. One that is ahead of the
    /// token was written by a silo that died before it wrote the token: the life is put together anew.
    /// </summary>
    private Task<KeptListing[]> Kept()
    {
        if (_kept is not null)
        {
            return Task.FromResult(_kept);
        }

        return _keptLoading ??= Load();

        async Task<KeptListing[]> Load()
        {
            try
            {
                List<KeptListing> kept = [];
                if (_registration!.Kept is { } keys)
                {
                    for (int i = 0; i < keys.Count; i++)
                    {
                        kept.Add(await KeptListing.LoadAsync(
                            Listing.TryParse(keys[i], out Listing? listing) ? listing : throw new SegmentCorruptException($"{keys[i]} is no listing of {Id}"),
                            ListingRow.Of(Id, i), store, cache.NewOwner()));
                    }
                }
                else if (!IsBlank)
                {
                    return [await KeptListing.LoadAsync(SoleOf(_registration) with { From = null, To = null }, ListingRow.Of(Id, 0), store, cache.NewOwner())];
                }

                return _kept = [.. kept];
            }
            finally
            {
                _keptLoading = null;
            }
        }
    }

    /// <summary>
    /// Puts the bars of some days together from the listings, or of all days, and stores what came of it with what changed.
    /// </summary>
    /// <param name="registration">The registration afterwards.</param>
    /// <param name="changed">The listing that changed, and how; null if none did.</param>
    /// <param name="days">The days; null for all.</param>
    /// <param name="counted">The days whose differences are told.</param>
    /// <param name="counting">What is counted of backfills then, by those differences; as before without.</param>
    /// <returns>How many bars of the token are new on the counted days, and how many have another rate.</returns>
    private async Task<(int Accepted, int Corrected)> PutTogether(
        TokenRegistration registration, (KeptListing Kept, HistoryChange Change)? changed, IReadOnlyCollection<int>? days, IReadOnlyCollection<int> counted,
        Func<(int Accepted, int Corrected), BackfillReceipts>? counting = null)
    {
        KeptListing[] kept = await Kept();
        List<(KeptListing Kept, HistoryChange Change)> written = changed is { } one ? [one] : [];
        if (registration.Kept is null && kept is [var sole])
        {
            written.Insert(0, (sole, await Moved(sole)));
            days = null;
        }

        if (changed is { Kept: var own } && !kept.Any(each => each.Row == own.Row))
        {
            kept = [.. kept, own];
        }

        if (kept.Any(IsAhead))
        {
            days = null; // its bars are not all in the life
        }

        if (registration.Kept?.Count != kept.Length)
        {
            registration = registration with { Kept = [.. kept.Select(each => each.Listing.Key)], Whose = null };
        }

        Part[] parts = [.. kept
            .Select(each => (Kept: each, written.Find(other => other.Kept.Row == each.Row).Change))
            .Select(each => new Part(each.Kept, each.Change?.History ?? each.Kept.History, each.Change?.Sealed ?? []))
            .OrderBy(part => PlaceOf(registration, part.Kept.Listing))];
        Ways ways = await FindWays(registration, parts);
        if (days is not null && ways.ChangedFrom < int.MaxValue)
        {
            // Rates by which bars of other days were converted have changed.
            int last = parts.Max(part => part.History.IsEmpty ? 0 : BarTime.DayOf(part.History.Life.LastSlot)), first = BarTime.DayOf(ways.ChangedFrom);
            days = [.. days.Concat(Enumerable.Range(first, Math.Max(0, last - first + 1))).Distinct().Order()];
        }

        LifeMerge merge = await Merge(registration, parts, ways, days);
        MergedDay[] merged = await Task.Run(() => (days ?? merge.AllDays()).Select(merge.Day).ToArray());
        Coverage unconverted = Coverage.OfSlots(merge.Unconverted);
        if (days is not null)
        {
            Coverage again = Coverage.Of(days.Select(day => new SlotRange(BarTime.FirstSlotOfDay(day), BarTime.FirstSlotOfDay(day + 1))));
            unconverted = _conversions.Unconverted.Except(again).Union(unconverted);
        }

        (Coverage fine, Coverage coarse) = merge.Covered(unconverted);
        SegmentSet months = await Load(_history, days is null ? _history.Months.Select(month => month.Month).ToHashSet() : _history.DaysNeeds(merged, Stagger));
        int changedFrom = 0;
        HistoryChange? life = days is null
            ? await Task.Run(() => Anew(TokenHistory.Empty.WithDays(merged, fine, coarse, SegmentSet.Empty, Stagger, out _)!))
            : _history.WithDays(merged, fine, coarse, months, Stagger, out changedFrom);
        if (life is null)
        {
            return await PutTogether(registration, changed, null, counted, counting); // the last bar goes
        }

        (int Accepted, int Corrected) differences = _history.Differences(merged, counted, months);

        StoredConversions conversions = new(ways.Seen, unconverted);
        BackfillReceipts receipts = counting?.Invoke(differences) ?? _receipts;
        if (life.IsChange || written.Count > 0 || !ReferenceEquals(registration, _registration) || !IsSame(conversions, _conversions) || receipts != _receipts)
        {
            _replaced = months;
            await Store(registration, life, Math.Max(1, changed is { Change: var of } ? of.Accepted + of.Corrected : 0), changedFrom, written, conversions, receipts);
        }

        FollowConversions();
        return differences;

        // Months that are as they were need not be written.
        HistoryChange Anew(HistoryChange all) => all with
        {
            IsChange = true,
            Sealed = [.. all.Sealed.Where(month => !months.Contains(month.Summary.Month) || !month.Segment.Bytes.Span.SequenceEqual(months[month.Summary.Month].Bytes.Span))],
            Dropped = [.. _history.Months.Select(month => month.Month).Except(all.History.Months.Select(month => month.Month))],
        };
    }

    private static Listing Parse(string key) => Listing.TryParse(key, out Listing? listing) ? listing : throw new SegmentCorruptException($"{key} is no listing");

    /// <summary>Whether a listing's row was written by a silo that died before it wrote the token.</summary>
    private bool IsAhead(KeptListing kept) => kept.Revision > _revision;

    /// <summary>The bars that were kept once become those of their listing.</summary>
    private async Task<HistoryChange> Moved(KeptListing sole)
    {
        int[] known = [.. _history.Months.Select(month => month.Month)];
        SegmentSet months = await Load(_history, known.ToHashSet());
        return new(_history, [.. _history.Months.Select(month => new SealedMonth(month, months[month.Month]))], 0, 0, 0, true)
        {
            Dropped = [.. sole.History.Months.Select(month => month.Month).Except(known)], // of a move that did not end
        };
    }

    private async Task<LifeMerge> Merge(TokenRegistration registration, Part[] parts, Ways ways, IReadOnlyCollection<int>? days)
    {
        List<LifeMerge.Input> inputs = [];
        foreach (Part part in parts)
        {
            HashSet<int> needs = [];
            if (days is null)
            {
                needs.UnionWith(part.History.Months.Select(month => month.Month));
            }
            else
            {
                part.History.DayNeeds(days, needs);
            }

            needs.ExceptWith(part.Sealed.Select(month => month.Summary.Month));
            SegmentSet segments = await part.Kept.LoadAsync(needs, store, cache);
            segments = part.Sealed.Count == 0 ? segments : segments.With(part.Sealed);
            Listing listing = registration.InOrder().FirstOrDefault(part.Kept.Listing.IsSame) ?? part.Kept.Listing;
            inputs.Add(new(
                new(listing, part.History), registration.BoundsOf(listing), segments,
                listing.Quote == registration.Quote ? null : await Converter(ways, listing.Quote, part.History.SlotsOf(days, segments))));
        }

        return new(inputs);
    }

    private static bool IsSame(StoredConversions one, StoredConversions other) =>
        one.Unconverted.Equals(other.Unconverted) && one.Seen.Count == other.Seen.Count && !one.Seen.Except(other.Seen).Any();

    /// <summary>Takes over what was stored of listings.</summary>
    private void Replace((KeptListing Kept, HistoryChange Change)[] stored)
    {
        List<KeptListing> all = [.. _kept ?? []];
        foreach ((KeptListing kept, HistoryChange change) in stored)
        {
            int at = all.FindIndex(each => each.Row == kept.Row);
            if (at < 0)
            {
                all.Add(kept);
            }
            else
            {
                all[at] = kept;
            }

            foreach (SealedMonth month in change.Sealed)
            {
                cache.Refresh(kept.Owner, month.Summary.Month, month.Segment);
            }
        }

        _kept = [.. all];
    }

    /// <summary>Whose rates the token has, and what is kept of each listing.</summary>
    private async Task<(LifeRange[] Life, ListingState[] Listings)> Life(int maxRanges)
    {
        while (true)
        {
            (TokenHistory history, TokenRegistration registration, long revision) = (_history, _registration!, _revision);
            if (_life is { } known && known.Revision == revision && known.MaxRanges == maxRanges && !IsAhead(history, out _))
            {
                return (known.Life, known.Listings);
            }

            LifeRange[] life;
            (Listing Listing, TokenHistory History)[] kept;
            if (registration.Kept is null)
            {
                Listing sole = SoleOf(registration);
                TokenHistory shown = Shown;
                kept = IsBlank ? [] : [(sole, shown)];
                life = shown.IsEmpty ? [] : [Range(sole, shown.Life.FirstSlot, shown.Life.LastSlot, shown.Life.Count)];
            }
            else
            {
                KeptListing[] all = [.. (await Kept()).OrderBy(each => PlaceOf(registration, each.Listing))];
                kept = [.. all.Select(each => (each.Listing, each.History))];
                SegmentSet own = await Load(history, history.Months.Select(month => month.Month).ToHashSet());
                List<LifeMerge.Input> inputs = [];
                foreach (KeptListing each in all)
                {
                    // What could be converted is what the life has.
                    SegmentSet months = await each.LoadAsync(each.History.Months.Select(month => month.Month).ToHashSet(), store, cache);
                    inputs.Add(new(new(each.Listing, each.History), registration.BoundsOf(each.Listing), months, each.Listing.Quote == registration.Quote ? null : history.Has(own)));
                }

                if (!ReferenceEquals(history, _history))
                {
                    continue;
                }

                LifeMerge merge = new(inputs);
                await Task.Run(() =>
                {
                    foreach (int day in merge.AllDays())
                    {
                        merge.Day(day);
                    }
                });
                life = [.. merge.Life.Skip(Math.Max(0, merge.Life.Count - maxRanges)).Select(range => Range(all[range.Input].Listing, range.FirstSlot, range.LastSlot, range.Bars))];
            }

            IEnumerable<Listing> order = registration.InOrder();
            ListingState[] states = [.. order.Concat(kept.Select(each => each.Listing).Where(each => !order.Any(each.IsSame)))
                .Select(listing => State(listing, kept.FirstOrDefault(each => each.Listing.IsSame(listing)).History, maxRanges))];
            if (ReferenceEquals(history, _history) && revision == _revision)
            {
                _life = (revision, maxRanges, life, states);
                return (life, states);
            }
        }

        static LifeRange Range(Listing listing, int firstSlot, int lastSlot, int bars) => new(
            BarTime.Open(listing.Interval.PeriodStart(firstSlot)), BarTime.Close(lastSlot), listing.Source, listing.Symbol, listing.Quote, listing.Interval, bars);
    }

    private static ListingState State(Listing listing, TokenHistory? history, int maxRanges)
    {
        Coverage covered = history is null ? Coverage.None : new ListedBars(listing, history).Covered;
        bool isEmpty = history is null or { IsEmpty: true };
        return listing.Message().State() with
        {
            FirstBar = isEmpty ? null : BarTime.Open(listing.Interval.PeriodStart(history!.Life.FirstSlot)),
            LastBar = isEmpty ? null : BarTime.Open(listing.Interval.PeriodStart(history!.Life.LastSlot)),
            Bars = history?.Life.Count ?? 0,
            Fetched = Newest(covered.Ranges, maxRanges),
            NeverFetched = isEmpty && covered.Ranges.IsEmpty,
        };
    }

    /// <summary>The listings of a registration in their order of preference.</summary>
    /// <param name="Of">The registration.</param>
    /// <param name="Listings">In their order.</param>
    /// <param name="Sole">Whose the bars are where they are kept once.</param>
    private sealed record ListingOrder(TokenRegistration Of, Listing[] Listings, Listing Sole);

    /// <summary>A listing's bars as they go into the life.</summary>
    private sealed record Part(KeptListing Kept, TokenHistory History, IReadOnlyList<SealedMonth> Sealed);
}
