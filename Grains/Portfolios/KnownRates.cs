namespace Pnl.Grains;

/// <summary>
/// The rates that a portfolio has asked for, each kept until its token says that it may have changed. A token whose grain
/// lives in this silo is not even asked whether it has: see <see cref="LiveTokens"/>.
/// </summary>
/// <remarks>
/// The markets are those of the ledger's tokens and currencies, of the currencies over which conversions commonly lead
/// (bitcoin, ether, stablecoins), and of whatever these are quoted in.
/// </remarks>
internal sealed class KnownRates(LiveTokens live, IGrainFactory grains) : IRates
{
    private const int TimesACall = 2500; // its columns are no large objects, of which the collector makes much work

    private readonly Dictionary<string, Known> _tokens = new(StringComparer.Ordinal);
    private HashSet<CurrencyPair> _pairs = [];

    /// <summary>The markets.</summary>
    public RateGraph Graph { get; private set; } = new([]);

    /// <summary>The first slot of which a rate may have changed since the owner set this back; <see cref="int.MaxValue"/> if none.</summary>
    public int ChangedFrom { get; set; } = int.MaxValue;

    /// <inheritdoc/>
    public decimal? AsOf(CurrencyPair market, int slot) => Bar(market, slot)?.Rate;

    /// <inheritdoc/>
    public void Nearest(CurrencyPair market, ReadOnlySpan<int> slots, Span<double> rates)
    {
        if (!_tokens.TryGetValue(market.Token, out Known? known) || known.Quote != market.Quote || known.Last is not { } last)
        {
            rates.Fill(double.NaN);
            return;
        }

        for (int i = 0; i < slots.Length; i++)
        {
            Bar? bar = slots[i] >= last.Slot ? last : known.Past.GetValueOrDefault(slots[i]);
            rates[i] = bar is { } there ? (double)there.Rate : double.NaN;
        }
    }

    /// <summary>The bar as of a slot; null if there is none, or nobody fetched it.</summary>
    public Bar? Bar(CurrencyPair market, int slot) =>
        !_tokens.TryGetValue(market.Token, out Known? known) || known.Quote != market.Quote || known.Last is not { } last ? null
        : slot >= last.Slot ? last
        : known.Past.GetValueOrDefault(slot);

    /// <summary>Until when the rate as of a slot is fresh, in Unix seconds; null if there is none.</summary>
    public long? FreshUntil(CurrencyPair market, int slot) =>
        Bar(market, slot) is { } bar ? BarTime.CloseSeconds(bar.Slot) + _tokens[market.Token].StalenessSeconds : null;

    /// <summary>The last known bar of a market.</summary>
    public Bar? Last(CurrencyPair market) => Bar(market, int.MaxValue);

    /// <summary>
    /// The sum of the revisions of all tokens that count for some currencies: it grows with whatever may change an answer.
    /// </summary>
    public long Revisions(IEnumerable<string> currencies) => Closure(currencies).Sum(token => _tokens.TryGetValue(token, out Known? known) ? known.Revision : 0);

    /// <summary>Brings the markets and the last bars up to what the tokens say now.</summary>
    /// <param name="currencies">What the ledger names.</param>
    /// <param name="adding">What entries that are about to be added name.</param>
    public async Task LookAsync(IReadOnlyCollection<string> currencies, IReadOnlyCollection<string> adding)
    {
        HashSet<string> wanted = new(RateGraph.Hubs, StringComparer.Ordinal);
        wanted.UnionWith(currencies);
        wanted.UnionWith(adding);
        for (List<string> wave = [.. wanted]; wave.Count > 0;)
        {
            List<Task> asked = [];
            foreach (string token in wave)
            {
                // What lives here may be behind what another silo's activation has told: then the token itself is asked.
                if (live.Find(token) is { } state && !(_tokens.TryGetValue(token, out Known? seen) && seen.Revision > state.Revision))
                {
                    Known known = Get(token);
                    Take(known, state.Quote, state.Revision, state.Last, state.StalenessSeconds, known.Revision == state.Revision ? int.MaxValue : state.Changes.From(known.Revision));
                }
                else if (!live.IsAbsent(token))
                {
                    asked.Add(AskAsync(token, []));
                }
            }

            await Task.WhenAll(asked);
            wave = [.. wave.Select(token => QuoteOf(token)).OfType<string>().Where(wanted.Add)];
        }

        HashSet<CurrencyPair> pairs = [.. wanted.Where(token => QuoteOf(token) is not null).Select(token => new CurrencyPair(token, _tokens[token].Quote))];
        if (!pairs.SetEquals(_pairs))
        {
            // A token that is new here, or goes, changes no conversion but its own: it hangs on the others by its quote alone.
            HashSet<string> between = [.. _pairs.Intersect(pairs).SelectMany(pair => (string[])[pair.Token, pair.Quote]), .. currencies];
            if (pairs.Except(_pairs).Concat(_pairs.Except(pairs)).Any(pair => between.Contains(pair.Token)))
            {
                ChangedFrom = 0;
            }

            (_pairs, Graph) = (pairs, new(pairs.OrderBy(pair => pair.Token, StringComparer.Ordinal)));
        }
    }

    /// <summary>Fetches the rates that are not here yet, of each token together.</summary>
    /// <param name="needs">Some.</param>
    /// <param name="columns">Of each of some markets many: the slots ascend, each once.</param>
    public Task FetchAsync(IEnumerable<RateNeed> needs, IEnumerable<(CurrencyPair Market, List<int> Slots)> columns)
    {
        Dictionary<string, List<int>> lacking = [];
        foreach ((CurrencyPair market, List<int> slots) in columns)
        {
            if (_tokens.TryGetValue(market.Token, out Known? known) && slots.FindAll(known.Lacks) is { Count: > 0 } some)
            {
                lacking.Add(market.Token, some); // a token has one market
            }
        }

        foreach ((CurrencyPair market, int slot) in needs)
        {
            if (_tokens.TryGetValue(market.Token, out Known? known) && known.Lacks(slot))
            {
                if (!lacking.TryGetValue(market.Token, out List<int>? slots))
                {
                    lacking.Add(market.Token, slots = []);
                }

                if ((slots.Count == 0 || slots[^1] < slot ? ~slots.Count : slots.BinarySearch(slot)) is < 0 and int place)
                {
                    slots.Insert(~place, slot);
                }
            }
        }

        foreach ((string token, List<int> slots) in lacking)
        {
            Dictionary<int, Bar?> past = _tokens[token].Past;
            past.EnsureCapacity(past.Count + slots.Count);
        }

        return Task.WhenAll(lacking.SelectMany(token => token.Value.Chunk(TimesACall).Select(slots => AskAsync(token.Key, slots))));
    }

    private HashSet<string> Closure(IEnumerable<string> currencies)
    {
        HashSet<string> tokens = new(RateGraph.Hubs, StringComparer.Ordinal);
        tokens.UnionWith(currencies);
        for (List<string> wave = [.. tokens]; wave.Count > 0;)
        {
            wave = [.. wave.Select(token => QuoteOf(token)).OfType<string>().Where(tokens.Add)];
        }

        return tokens;
    }

    /// <summary>What a token is quoted in; null if there is none, or no longer.</summary>
    private string? QuoteOf(string token) => _tokens.GetValueOrDefault(token)?.Quote is { Length: > 0 } quote ? quote : null;

    private async Task AskAsync(string token, int[] slots)
    {
        long seen = _tokens.TryGetValue(token, out Known? known) ? known.Revision : 0;
        if (await grains.GetGrain<ITokenGrain>(token).GetRatesAt(new(Array.ConvertAll(slots, BarTime.CloseSeconds), seen)) is not { } answer)
        {
            live.NoteAbsent(token);
            return;
        }

        known = Get(token);
        if (answer.Revision < known.Revision)
        {
            throw new TimeoutException($"{token} answers of a state before one that was seen"); // by an activation that is gone; to be asked again
        }

        // Answers of the same token may overtake each other, so that more was seen meanwhile than when it was asked.
        int changed = answer.Revision == known.Revision ? int.MaxValue : answer.ChangedFrom is { } from ? BarTime.SlotAtSeconds(from) - 1 : int.MaxValue;
        Take(known, answer.Quote, answer.Revision, answer.LastClose is { } close ? new Bar(BarTime.SlotAtSeconds(close) - 1, answer.LastRate!.Value) : null, answer.StalenessSeconds, changed);
        for (int i = 0; i < slots.Length; i++)
        {
            known.Keep(slots[i], answer.Rates[i] is { } rate ? new Bar(BarTime.SlotAtSeconds(answer.Closes[i]) - 1, rate) : null);
        }
    }

    private Known Get(string token)
    {
        if (!_tokens.TryGetValue(token, out Known? known))
        {
            _tokens.Add(token, known = new());
        }

        return known;
    }

    private void Take(Known known, string quote, long revision, Bar? last, int stalenessSeconds, int changed)
    {
        if (known.IsNew)
        {
            changed = int.MaxValue; // nothing was computed by it yet; what hangs on the market itself is seen with the graph
        }

        known.Take(quote, revision, last, stalenessSeconds, changed);
        ChangedFrom = Math.Min(ChangedFrom, changed);
    }

    private sealed class Known
    {
        private int _latest = int.MinValue; // of the slots in Past

        public bool IsNew => Revision == 0;

        public string Quote { get; private set; } = "";

        public long Revision { get; private set; }

        public Bar? Last { get; private set; }

        public int StalenessSeconds { get; private set; }

        public Dictionary<int, Bar?> Past { get; } = [];

        /// <summary>Whether the bar as of a slot is another than the last one, and not known.</summary>
        public bool Lacks(int slot) => Last is { } last && slot < last.Slot && !Past.ContainsKey(slot);

        public void Take(string quote, long revision, Bar? last, int stalenessSeconds, int changed)
        {
            (Quote, Revision, Last, StalenessSeconds) = (quote, revision, last, stalenessSeconds);
            if (changed > _latest)
            {
                return;
            }

            _latest = int.MinValue;
            foreach (int slot in Past.Keys.ToArray())
            {
                if (slot >= changed)
                {
                    Past.Remove(slot);
                }
                else
                {
                    _latest = Math.Max(_latest, slot);
                }
            }
        }

        public void Keep(int slot, Bar? bar)
        {
            Past[slot] = bar;
            _latest = Math.Max(_latest, slot);
        }
    }
}
