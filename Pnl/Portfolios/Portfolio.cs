using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// A portfolio: its terms, its ledger, and the positions that come of them. Immutable: a change makes a new portfolio,
/// which becomes visible once it is durable. A pure function of the terms, the set of entries and the rates: whichever way
/// the entries arrived, with whatever corrections, it is as if they had been written in the right order from the start. Entries of
/// one time count in their usual order, or where that is not possible in another that is (<see cref="SameTimeOrder"/>).
/// </summary>
/// <remarks>
/// <para>
/// Positions are kept as of every thousandth entry: the newest entry costs no replay, one in the past replays from the
/// last such point before it, and a time in the past is looked up in less than a thousand steps.
/// </para>
/// <para>
/// Conversions are made when an entry is posted and kept with it. Getting rates is not pure: <see cref="Needs"/> names
/// those that entries will ask for.
/// </para>
/// </remarks>
public sealed class Portfolio
{
    internal const int EntriesPerBook = 1000;

    private readonly ImmutableSortedSet<PostedEntry> _posted;
    private readonly ImmutableDictionary<string, PostedEntry> _byId;

    private readonly bool _isReordered; // whether entries of any time do not count in their usual order

    // The book at i is after the first (i + 1) * 1000 entries.
    private readonly ImmutableList<PositionBook> _books;

    private Portfolio(
        PortfolioTerms terms, ImmutableSortedSet<PostedEntry> posted, ImmutableDictionary<string, PostedEntry> byId,
        ImmutableList<PositionBook> books, PositionBook book, bool isReordered)
    {
        _isReordered = isReordered;
        Terms = terms;
        _posted = posted;
        _byId = byId;
        _books = books;
        Book = book;
    }

    /// <summary>The terms.</summary>
    public PortfolioTerms Terms { get; }

    /// <summary>The positions after all entries.</summary>
    public PositionBook Book { get; }

    /// <summary>Number of entries.</summary>
    public int Count => _posted.Count;

    /// <summary>The entries in the order in which they count: by time, and those of one time by kind and id, or as it is possible.</summary>
    public IEnumerable<LedgerEntry> Entries => _posted.Select(posted => posted.Entry);

    internal ImmutableSortedSet<PostedEntry> Posted => _posted;

    /// <summary>A portfolio without entries.</summary>
    public static Portfolio Empty(PortfolioTerms terms) =>
        new(terms, ImmutableSortedSet.Create<PostedEntry>(PostedEntry.Order), ImmutableDictionary.Create<string, PostedEntry>(StringComparer.Ordinal), [], PositionBook.Empty(terms), isReordered: false);

    /// <summary>The entry at a place in the order.</summary>
    public LedgerEntry this[int index] => _posted[index].Entry;

    /// <summary>The entry of an id; null if there is none.</summary>
    public LedgerEntry? Entry(string id) => _byId.GetValueOrDefault(id)?.Entry;

    /// <summary>What becomes of the portfolio when entries are added, see <see cref="Post"/>.</summary>
    internal PortfolioQuestion<PortfolioChange> Posting(IReadOnlyCollection<LedgerEntry> entries, RateGraph graph) =>
        new(RatesOf(entries, Terms.BaseCurrency, graph), rates => Post(entries, rates));

    /// <summary>What becomes of it when an entry is replaced, see <see cref="Correct"/>.</summary>
    internal PortfolioQuestion<PortfolioChange> Correcting(LedgerEntry entry, RateGraph graph) =>
        new(RatesOf([entry], Terms.BaseCurrency, graph), rates => Correct(entry, rates));

    /// <summary>What becomes of it on other terms, see <see cref="On"/>.</summary>
    internal PortfolioQuestion<PortfolioChange> OnTerms(PortfolioTerms terms, RateGraph graph) =>
        new(RatesOf(Entries, terms.BaseCurrency, graph), rates => On(terms, rates));

    /// <summary>What becomes of it by rates that have changed, see <see cref="Reconverted"/>.</summary>
    internal PortfolioQuestion<Portfolio> Reconverting(int slot, RateGraph graph) =>
        new(RatesOf(From(slot), Terms.BaseCurrency, graph), rates => Reconverted(slot, rates));

    private static HashSet<RateNeed> RatesOf(IEnumerable<LedgerEntry> entries, string baseCurrency, RateGraph graph)
    {
        HashSet<RateNeed> needs = [];
        Needs(entries, baseCurrency, graph, needs);
        return needs;
    }

    /// <summary>Names the rates that entries ask for when they are posted.</summary>
    public static void Needs(IEnumerable<LedgerEntry> entries, string baseCurrency, RateGraph graph, ISet<RateNeed> needs)
    {
        Dictionary<string, IReadOnlyList<CurrencyPair>> between = [];
        foreach (LedgerEntry entry in entries)
        {
            foreach (string currency in PostedEntry.Currencies(entry))
            {
                if (!between.TryGetValue(currency, out IReadOnlyList<CurrencyPair>? markets))
                {
                    between.Add(currency, markets = graph.Between(currency, baseCurrency));
                }

                foreach (CurrencyPair market in markets)
                {
                    needs.Add(new(market, entry.Slot));
                }
            }
        }
    }

    /// <summary>
    /// Adds entries, all or none. An entry that is there already, with the same content, changes nothing.
    /// </summary>
    /// <param name="entries">Entries that passed <see cref="EntryCheck"/>, in any order.</param>
    /// <param name="rates">The rates that <see cref="Needs"/> named.</param>
    public PortfolioChange Post(IReadOnlyCollection<LedgerEntry> entries, CrossRates rates)
    {
        Dictionary<string, LedgerEntry> added = [];
        foreach (LedgerEntry entry in entries)
        {
            bool known = added.TryGetValue(entry.Id, out LedgerEntry? same) || (same = Entry(entry.Id)) is not null;
            if (!known)
            {
                added.Add(entry.Id, entry);
            }
            else if (!entry.Equals(same))
            {
                return Refused(added.ContainsKey(entry.Id)
                    ? new(entry.Id, EntryCodes.IdDuplicate, "id", "each id once, or each time with the same content")
                    : new(entry.Id, EntryCodes.IdConflict, "id", "a new id: there is an entry of this id with other content"));
            }
        }

        return Changed([.. added.Values.Select(entry => PostedEntry.Of(entry, Terms.BaseCurrency, rates))], []);
    }

    /// <summary>Puts an entry in the place of the one with the same id.</summary>
    /// <inheritdoc cref="Post" path="/param"/>
    /// <param name="entry">An entry that passed <see cref="EntryCheck"/>.</param>
    /// <param name="rates">The rates that <see cref="Needs"/> named.</param>
    public PortfolioChange Correct(LedgerEntry entry, CrossRates rates) =>
        _byId.TryGetValue(entry.Id, out PostedEntry? old)
            ? old.Entry.Equals(entry) ? new(this, 0, null) : Changed([PostedEntry.Of(entry, Terms.BaseCurrency, rates)], [old])
            : Refused(Unknown(entry.Id));

    /// <summary>Deletes an entry.</summary>
    public PortfolioChange Delete(string id) =>
        _byId.TryGetValue(id, out PostedEntry? old) ? Changed([], [old]) : Refused(Unknown(id));

    /// <summary>The same entries on other terms.</summary>
    /// <param name="terms">The new terms.</param>
    /// <param name="rates">The rates that <see cref="Needs"/> names for all entries; not looked at while the base currency stays.</param>
    public PortfolioChange On(PortfolioTerms terms, CrossRates rates)
    {
        List<PostedEntry> posted = terms.BaseCurrency == Terms.BaseCurrency
            ? [.. _posted]
            : [.. _posted.Select(old => PostedEntry.Of(old.Entry, terms.BaseCurrency, rates))];
        PortfolioChange change = Empty(terms).Changed(posted, []);
        return change with { After = change.Refused is null ? change.After : this };
    }

    /// <summary>The same entries by another cost basis, without asking for rates again.</summary>
    public Portfolio By(CostBasis basis) =>
        basis == Terms.CostBasis ? this : Empty(Terms with { CostBasis = basis }).Changed([.. _posted], []).After;

    /// <summary>
    /// Converts anew, after bars arrived late or were corrected, what was converted at or behind a slot. Replays from the
    /// first entry for which it makes a difference.
    /// </summary>
    /// <param name="slot">The first slot of which a rate may have changed.</param>
    /// <param name="rates">The rates that <see cref="Needs"/> names for the entries from <see cref="From"/> that slot on.</param>
    public Portfolio Reconverted(int slot, CrossRates rates)
    {
        List<PostedEntry> before = [], after = [];
        for (int i = CountBefore(slot); i < Count; i++)
        {
            PostedEntry old = _posted[i], anew = PostedEntry.Of(old.Entry, Terms.BaseCurrency, rates);
            if (!old.Conversions.SequenceEqual(anew.Conversions))
            {
                before.Add(old);
                after.Add(anew);
            }
        }

        return after.Count == 0 ? this : Changed(after, before).After;
    }

    /// <summary>The entries whose conversions can depend on bars that open in a slot or later.</summary>
    public IEnumerable<LedgerEntry> From(int slot)
    {
        for (int i = CountBefore(slot); i < Count; i++)
        {
            yield return this[i];
        }
    }

    /// <summary>The positions as of a time: after all entries at it and before.</summary>
    public PositionBook At(DateTimeOffset time) => BookAfter(CountUpTo(time));

    /// <summary>The positions after so many entries.</summary>
    internal PositionBook BookAfter(int count) => count == Count ? Book : Replay(count);

    /// <summary>How many entries are at a time or before.</summary>
    internal int CountUpTo(DateTimeOffset time) => CountBefore(time, orAt: true);

    /// <summary>
    /// How many entries there are up to one, in the order in which they count. If there is none of that id any more, up to its place; where those of its time do not count
    /// in their usual order, up to the first of these.
    /// </summary>
    internal int CountThrough(string id, DateTimeOffset time, EntryKind kind)
    {
        LedgerEntry place = new(id, time, kind, "", 0m, null, null, [], null);
        if (_byId.TryGetValue(id, out PostedEntry? entry) && LedgerEntry.Compare(entry.Entry, place) == 0)
        {
            return _posted.IndexOf(entry) + 1;
        }

        int begin = CountBefore(time), end = CountUpTo(time), count = begin;
        while (count < end && _posted[count] is { Rank: 0 } at && LedgerEntry.Compare(at.Entry, place) < 0)
        {
            count++;
        }

        return count;
    }

    /// <summary>How many entries there are on which bars that open in a slot or later have no bearing.</summary>
    internal int CountBefore(int slot) => CountBefore(BarTime.Close(slot));

    /// <summary>The entries from a place on.</summary>
    internal IEnumerable<PostedEntry> PostedFrom(int place) => Behind(_posted, place);

    /// <summary>The lots that were closed, by token, in the order in which they were: one replay of the ledger.</summary>
    public ILookup<string, ClosedLot> ClosedLots()
    {
        List<(string Token, ClosedLot Lot)> closed = [];
        PositionBook book = PositionBook.Empty(Terms);
        foreach (PostedEntry posted in _posted)
        {
            book = book.After(posted, out _, (token, lot) => closed.Add((token, lot)))!;
        }

        return closed.ToLookup(each => each.Token, each => each.Lot, StringComparer.Ordinal);
    }

    private static EntryDefect Unknown(string id) => new(id, EntryCodes.IdUnknown, "id", "the id of an entry of this ledger");

    private PortfolioChange Refused(EntryDefect defect) => new(this, 0, defect);

    private PortfolioChange Changed(List<PostedEntry> added, List<PostedEntry> removed)
    {
        if (added.Count + removed.Count == 0)
        {
            return new(this, 0, null);
        }

        ImmutableSortedSet<PostedEntry> posted = _posted.Except(removed).Union(added);
        ImmutableDictionary<string, PostedEntry> byId =
            _byId.RemoveRange(removed.Select(entry => entry.Entry.Id)).SetItems(added.Select(entry => KeyValuePair.Create(entry.Entry.Id, entry)));
        int entries = added.Count + removed.Count, first = removed.Concat(added).Min(entry => _posted.IndexOf(entry) is >= 0 and int at ? at : ~_posted.IndexOf(entry));
        if (!_isReordered && !added.Exists(entry => entry.Rank != 0) && Replayed(posted, byId, first, isReordered: false, out _) is { } usual)
        {
            return new(usual, entries, null) { First = first };
        }

        // Something is given away before it is there, at least in the usual order: from the first time that is concerned on, each time's order is found anew.
        first = CountBefore(removed.Concat(added).Min(entry => entry.Entry.Time));
        return InPossibleOrder(posted, byId, first, out EntryDefect? defect) is (var ordered, var moved, var isReordered)
            ? new(Replayed(ordered, byId.SetItems(moved.Select(entry => KeyValuePair.Create(entry.Entry.Id, entry))), first, isReordered, out _)!, entries, null) { First = first }
            : Refused(defect!);
    }

    /// <summary>Puts the entries of each time from a place on into an order that is possible.</summary>
    /// <returns>All entries, those whose rank is another now, and whether any has one; null if an entry gives away what is not held in any order.</returns>
    private (ImmutableSortedSet<PostedEntry> Posted, List<PostedEntry> Moved, bool IsReordered)? InPossibleOrder(
        ImmutableSortedSet<PostedEntry> posted, ImmutableDictionary<string, PostedEntry> byId, int first, out EntryDefect? defect)
    {
        defect = null;
        PositionBook book = BookAfter(first);
        List<PostedEntry> moved = [];
        bool isReordered = posted.Take(first).Any(entry => entry.Rank != 0);
        foreach (IReadOnlyList<PostedEntry> together in ByTime(Behind(posted, first)))
        {
            if (SameTimeOrder.Find(book, together, out PositionBook after, out defect) is not { } order)
            {
                return null;
            }

            book = after;
            isReordered |= order[0].Rank != 0;
            moved.AddRange(order.Where(entry => entry.Rank != byId[entry.Entry.Id].Rank));
        }

        ImmutableSortedSet<PostedEntry>.Builder ordered = posted.ToBuilder();
        ordered.ExceptWith(moved.Select(entry => byId[entry.Entry.Id]));
        ordered.UnionWith(moved);
        return (ordered.ToImmutable(), moved, isReordered);
    }

    /// <summary>Entries by their time, those of one time by kind and id.</summary>
    private static IEnumerable<IReadOnlyList<PostedEntry>> ByTime(IEnumerable<PostedEntry> posted)
    {
        List<PostedEntry> together = [];
        foreach (PostedEntry entry in posted)
        {
            if (together.Count > 0 && together[0].Entry.Time != entry.Entry.Time)
            {
                yield return together;
                together = [];
            }

            together.Add(entry);
            if (together.Count > 1)
            {
                together.Sort(Usual);
            }
        }

        if (together.Count > 0)
        {
            yield return together;
        }
    }

    private static int Usual(PostedEntry a, PostedEntry b) => LedgerEntry.Compare(a.Entry, b.Entry);

    /// <summary>The portfolio of some entries, replayed from a place on up to which they are as they were; null if one gives away what is not held.</summary>
    private Portfolio? Replayed(ImmutableSortedSet<PostedEntry> posted, ImmutableDictionary<string, PostedEntry> byId, int first, bool isReordered, out EntryDefect? defect)
    {
        defect = null;
        int kept = first == Count ? _books.Count : first / EntriesPerBook;
        ImmutableList<PositionBook> books = kept == _books.Count ? _books : _books.RemoveRange(kept, _books.Count - kept);
        PositionBook book = first == Count ? Book : kept == 0 ? PositionBook.Empty(Terms) : books[kept - 1];
        int at = first == Count ? first : kept * EntriesPerBook;
        foreach (PostedEntry entry in Behind(posted, at))
        {
            if (book.After(entry, out defect) is not { } next)
            {
                return null;
            }

            book = next;
            if (++at % EntriesPerBook == 0)
            {
                books = books.Add(book);
            }
        }

        return new(Terms, posted, byId, books, book, isReordered);
    }

    /// <summary>All from a place on: a few by their places, since a set has no other way than to begin at its start.</summary>
    private static IEnumerable<PostedEntry> Behind(ImmutableSortedSet<PostedEntry> posted, int at)
    {
        if (posted.Count - at > 2 * EntriesPerBook)
        {
            return posted.Skip(at);
        }

        return Enumerable.Range(at, posted.Count - at).Select(i => posted[i]);
    }

    private PositionBook Replay(int count)
    {
        int kept = count / EntriesPerBook;
        PositionBook book = kept == 0 ? PositionBook.Empty(Terms) : _books[kept - 1];
        for (int i = kept * EntriesPerBook; i < count; i++)
        {
            book = book.After(_posted[i], out _)!;
        }

        return book;
    }

    /// <summary>How many entries are before a time.</summary>
    private int CountBefore(DateTimeOffset time, bool orAt = false)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = _posted[middle].Entry.Time.CompareTo(time);
            (low, high) = order < 0 || (orAt && order == 0) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

/// <summary>What came of a change of a portfolio.</summary>
/// <param name="After">The portfolio after it; the one before it if it was refused.</param>
/// <param name="Entries">How many entries were added, replaced (counts twice) or deleted; 0 if all was there already.</param>
/// <param name="Refused">Why nothing was changed.</param>
public sealed record PortfolioChange(Portfolio After, int Entries, EntryDefect? Refused)
{
    /// <summary>How many entries at the begin are as they were; those behind them may be others.</summary>
    internal int First { get; init; }
}
