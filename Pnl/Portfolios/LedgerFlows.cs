using System.Runtime.InteropServices;

namespace Pnl;

/// <summary>
/// The external flows of a stretch of a ledger with what was held at each of them: all that its <see cref="Performance"/>
/// takes but rates, found in one pass over the entries. Names the rates, and goes on with the performance by them.
/// </summary>
internal sealed class LedgerFlows
{
    private readonly PerformanceHistory _from;
    private readonly int _count;
    private readonly string _baseCurrency;
    private readonly RateGraph _graph;
    private readonly List<Flow> _flows = [];
    private readonly List<Holding> _holdings = []; // a token each
    private readonly Dictionary<string, int> _holdingOf = new(StringComparer.Ordinal);
    private readonly List<Move> _moves = []; // of what is held, in the order of the entries
    private readonly List<(CurrencyPair Market, List<int> Slots)> _markets = [];
    private readonly Dictionary<CurrencyPair, int> _marketOf = [];

    private LedgerFlows(Portfolio portfolio, PerformanceHistory from, int count, RateGraph graph)
    {
        (_from, _count, _baseCurrency, _graph) = (from, count, portfolio.Terms.BaseCurrency, graph);
        if (from.Performance.Flows is null || count == from.Count)
        {
            return; // what is unknown stays so
        }

        PositionBook book = portfolio.BookAfter(from.Count);
        foreach (Position position in book.Positions)
        {
            Hold(position.Token, position.Quantity);
        }

        int place = from.Count;
        foreach (PostedEntry posted in portfolio.PostedFrom(from.Count).Take(count - from.Count))
        {
            PositionBook after = book.After(posted, out _)!;
            if (!Take(posted, place++, book, after))
            {
                return;
            }

            book = after;
        }
    }

    /// <summary>The rates by which flows are valued: of each market, as of which slots, ascending, each once.</summary>
    public IReadOnlyList<(CurrencyPair Market, List<int> Slots)> Needs => _markets;

    /// <summary>The flows of the entries behind those that a performance has.</summary>
    /// <param name="portfolio">The portfolio.</param>
    /// <param name="from">Its performance over some of its first entries.</param>
    /// <param name="count">Up to how many entries.</param>
    /// <param name="graph">The markets.</param>
    public static LedgerFlows Of(Portfolio portfolio, PerformanceHistory from, int count, RateGraph graph) => new(portfolio, from, count, graph);

    /// <summary>The performance over all entries up to the count.</summary>
    /// <param name="rates">The rates that <see cref="Needs"/> names.</param>
    public PerformanceHistory Performance(CrossRates rates)
    {
        Cursor cursor = new(this, rates);
        List<Performance> points = [];
        for (int next = (_from.Count / PerformanceHistory.EntriesPerPoint + 1) * PerformanceHistory.EntriesPerPoint; next <= _count; next += PerformanceHistory.EntriesPerPoint)
        {
            points.Add(cursor.UpTo(next));
        }

        return _from.With(points, _count, cursor.UpTo(_count));
    }

    /// <summary>Takes the next entry; false if its flow is not known, so that none behind it makes a difference.</summary>
    private bool Take(PostedEntry posted, int place, PositionBook before, PositionBook after)
    {
        LedgerEntry entry = posted.Entry;
        Amount? price = TradePrice.Of(posted);
        ExternalFlow flow = ExternalFlow.Of(entry, before, after);
        int moves = _moves.Count, sign = flow.Known?.Sign ?? 0;
        bool isAtMarket = !flow.AtMarket.IsZero; // which way it goes, its rate will tell
        if (flow.Known is null)
        {
            _flows.Add(new(place, entry.Time, entry.Slot, entry.Token, flow, moves, moves, price));
            return false;
        }

        if (isAtMarket || sign > 0)
        {
            NameHeld(entry.Slot);
        }

        Hold(entry.Token, after);
        foreach (string currency in PostedEntry.Currencies(entry))
        {
            Hold(currency, after);
        }

        if (isAtMarket || sign < 0)
        {
            NameHeld(entry.Slot);
        }

        if (isAtMarket)
        {
            Name(_holdings[_holdingOf[entry.Token]], entry.Slot); // though a short may be flat after it
        }

        if (isAtMarket || sign != 0)
        {
            _flows.Add(new(place, entry.Time, entry.Slot, entry.Token, flow, moves, _moves.Count, price));
        }

        return true;
    }

    private void Hold(string token, PositionBook book)
    {
        if (book.Position(token) is { } position)
        {
            Hold(token, position.Quantity);
        }
    }

    /// <summary>Notes how much is held of a token.</summary>
    private void Hold(string token, Amount quantity)
    {
        if (!_holdingOf.TryGetValue(token, out int i))
        {
            i = _holdings.Count;
            _holdingOf.Add(token, i);
            _holdings.Add(new(token, [.. _graph.Between(token, _baseCurrency).Select(Market)]));
        }

        _holdings[i].Quantity = quantity;
        _moves.Add(new(i, quantity));
    }

    private int Market(CurrencyPair pair)
    {
        if (!_marketOf.TryGetValue(pair, out int i))
        {
            i = _markets.Count;
            _marketOf.Add(pair, i);
            _markets.Add((pair, []));
        }

        return i;
    }

    private void NameHeld(int slot)
    {
        foreach (Holding holding in _holdings)
        {
            if (!holding.Quantity.IsZero)
            {
                Name(holding, slot);
            }
        }
    }

    private void Name(Holding holding, int slot)
    {
        foreach (int market in holding.Markets)
        {
            List<int> slots = _markets[market].Slots;
            if (slots.Count == 0 || slots[^1] != slot)
            {
                slots.Add(slot);
            }
        }
    }

    /// <summary>A flow, known but for a rate.</summary>
    /// <param name="Place">How many entries are before its own.</param>
    /// <param name="Time">When.</param>
    /// <param name="Slot">The slot as of which it is valued.</param>
    /// <param name="Token">The entry's token.</param>
    /// <param name="External">What comes in or goes out.</param>
    /// <param name="Before">How many moves are before the entry.</param>
    /// <param name="After">How many there are with its own.</param>
    /// <param name="Price">Of the token, in the base currency, where the entry knows it better than the last bar; null where it does not.</param>
    private readonly record struct Flow(int Place, DateTimeOffset Time, int Slot, string Token, ExternalFlow External, int Before, int After, Amount? Price);

    /// <summary>From here on so much is held.</summary>
    private readonly record struct Move(int Holding, Amount Quantity);

    /// <summary>A token that is or was held.</summary>
    private sealed class Holding(string token, int[] markets)
    {
        public string Token => token;

        /// <summary>The markets over which it may be converted.</summary>
        public int[] Markets => markets;

        /// <summary>What is held of it behind the last move so far.</summary>
        public Amount Quantity { get; set; }
    }

    /// <summary>The performance as the ledger goes on.</summary>
    /// <param name="of">The flows.</param>
    /// <param name="rates">The rates that they name.</param>
    public sealed class Cursor(LedgerFlows of, CrossRates rates)
    {
        private readonly Performance.Builder _performance = new(of._from.Performance);
        private readonly HeldValue _held = new(of, rates);
        private int _next;

        /// <summary>Over the first entries of the ledger: as many as those that the flows are behind, or more.</summary>
        /// <param name="count">How many, not fewer than before.</param>
        public Performance UpTo(int count)
        {
            ReadOnlySpan<Flow> flows = CollectionsMarshal.AsSpan(of._flows);
            for (; _next < flows.Length && flows[_next].Place < count; _next++)
            {
                ref readonly Flow flow = ref flows[_next];
                if (flow.External.Net(flow.Token, of._baseCurrency, flow.Slot, rates) is not { } net)
                {
                    _performance.Lose();
                    _next = flows.Length;
                    break;
                }

                if (!net.IsZero)
                {
                    _performance.Add(flow.Time, net, _performance.IsValued ? _held.At(flow, net) : null);
                }
            }

            return _performance.ToPerformance();
        }
    }

    /// <summary>
    /// What is held is worth, as time goes on. A return is a statistic in doubles, so the value is computed in these, with a
    /// bound of the error; where what they leave is too little of a difference, or a rate is missing on the usual way,
    /// it is computed exactly: what is zero or negative is so to the last digit.
    /// </summary>
    private sealed class HeldValue
    {
        private const double Ulp = 1.0 / (1L << 52);
        private const double Certain = 1e-14; // the error that counts for none, a fraction of the value

        private readonly LedgerFlows _of;
        private readonly CrossRates _rates;
        private readonly Column[] _columns;
        private readonly Term[] _terms, _inOrder; // of sums: the same value whichever way the ledger came about
        private int _moved;

        public HeldValue(LedgerFlows of, CrossRates rates)
        {
            (_of, _rates) = (of, rates);
            _columns = [.. of._markets.Select(market => new Column(market.Market, [.. market.Slots], rates.Rates))];
            _terms = [.. of._holdings.Select(holding => new Term(of, holding.Token))];
            _inOrder = [.. _terms.OrderBy(term => term.Token, StringComparer.Ordinal)];
        }

        /// <summary>The value before and after a flow; null if it is not known.</summary>
        public FlowValue? At(in Flow flow, Amount net)
        {
            MoveTo(net.Sign > 0 ? flow.Before : flow.After);
            double sum = 0, rest = 0, error = 0;
            foreach (Term term in _inOrder)
            {
                if (term.Quantity.IsZero)
                {
                    continue;
                }

                double value = term.Value(_columns, flow.Slot);
                value = flow.Price is { } price && term.Token == flow.Token && TradePrice.IsNear(price.ToDouble(), value / term.Quantity.ToDouble()) ? price.ToDouble() * term.Quantity.ToDouble() : value;
                double next = sum + value;
                rest += Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum; // what the sum loses (Neumaier)
                (sum, error) = (next, error + term.Error * Math.Abs(value));
            }

            (double held, double money) = (sum + rest, net.ToDouble());
            double errorWithNet = error + 4 * Ulp * Math.Abs(money), with = net.Sign > 0 ? held + money : held - money;
            return error <= Certain * Math.Abs(held) && errorWithNet <= Certain * Math.Abs(with) // of a NaN neither holds
                ? net.Sign > 0 ? new(held, Math.Sign(held), with) : new(with, Math.Sign(with), held)
                : Exact(flow) is { } exact ? FlowValue.Of(exact, net) : null;
        }

        private Amount? Exact(in Flow flow)
        {
            Amount? value = Amount.Zero;
            foreach (Term term in _terms)
            {
                if (!term.Quantity.IsZero)
                {
                    Amount? rate = _rates.Of(term.Token, _of._baseCurrency, flow.Slot).Factor;
                    value += term.Quantity * (flow.Price is { } price && term.Token == flow.Token && rate is { } market && TradePrice.IsNear(price, market) ? price : rate);
                }
            }

            return value;
        }

        private void MoveTo(int moves)
        {
            for (; _moved < moves; _moved++)
            {
                Move move = _of._moves[_moved];
                _terms[move.Holding].Hold(move.Quantity);
            }
        }

        /// <summary>One token, and the usual way over which it is converted.</summary>
        private sealed class Term
        {
            private readonly (int Market, bool Inverse)[]? _path;
            private double _quantity;

            public Term(LedgerFlows of, string token)
            {
                Token = token;
                _path = of._graph.Usual(token, of._baseCurrency).Path is { } path ? Array.ConvertAll(path, step => (of._marketOf[step.Pair], step.Inverse)) : null;
            }

            public string Token { get; }

            /// <summary>The most that its value is wrong by, a fraction: a quantity and a rate become doubles within two units in the last place, and each step adds a product.</summary>
            public double Error => (6 + 4 * (_path?.Length ?? 0)) * Ulp;

            public Amount Quantity { get; private set; }

            public void Hold(Amount quantity) => (Quantity, _quantity) = (quantity, quantity.ToDouble());

            /// <summary>What it is worth; not a number if there is no way, or a rate on it is missing.</summary>
            public double Value(Column[] columns, int slot)
            {
                if (_path is null)
                {
                    return double.NaN;
                }

                double value = _quantity;
                foreach ((int market, bool inverse) in _path)
                {
                    double rate = columns[market].At(slot);
                    value = inverse ? value / rate : value * rate;
                }

                return value;
            }
        }

        /// <summary>The rates of a market at the slots that were named, read from the first to the last.</summary>
        private sealed class Column
        {
            private readonly int[] _slots;
            private readonly double[] _rates;
            private int _at;

            public Column(CurrencyPair market, int[] slots, IRates rates)
            {
                (_slots, _rates) = (slots, new double[slots.Length]);
                rates.Nearest(market, slots, _rates);
            }

            public double At(int slot)
            {
                while (_slots[_at] < slot)
                {
                    _at++;
                }

                return _slots[_at] == slot ? _rates[_at] : throw new InvalidOperationException($"no rate as of slot {slot} was named");
            }
        }
    }
}
