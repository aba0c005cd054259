using System.Collections.Immutable;

namespace Pnl.Grains;

internal sealed partial class PortfolioGrain
{
    private readonly Dictionary<CostBasis, (Portfolio Of, Portfolio By)> _otherBases = [];
    private readonly Dictionary<CostBasis, KeptReport> _reports = []; // of the last known bars, as of the revision that each names
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5); // an activation cannot go before its calls have ended

    private long? _answeredAsOf;
    private (Portfolio Of, LotReport[] Lots)? _lots;
    private (Portfolio Ledger, long Revision, PortfolioSeriesQuery Of, PerformanceStatistics Statistics, bool Complete)? _whole;
    private (Portfolio Of, RateGraph Graph, LedgerFlows Flows)? _flows; // of all entries, for series
    private (Portfolio Of, RateGraph Graph, string[] Tokens)? _followed;

    // An answer must not be of an earlier time than one before, though an entry was deleted by which a token counted.
    private long? LatestAsOf => _answeredAsOf is { } answered && !(answered < _head?.AsOf) ? answered : _head?.AsOf;

    public async Task<EntriesPage?> GetEntries(EntryPlace? after, int limit)
    {
        if (_head is null)
        {
            return Unknown<EntriesPage>();
        }

        await Settle();
        int at = after is null ? 0 : _portfolio.CountThrough(after.Id, after.Time, after.Kind);
        PortfolioEntry[] items = [.. Enumerable.Range(at, Math.Clamp(_portfolio.Count - at, 0, limit)).Select(i => PortfolioEntry.Of(_portfolio[i]))];
        return new(items, items.Length > 0 && at + items.Length < _portfolio.Count ? new(items[^1].Time, items[^1].Kind, items[^1].Id) : null, Revision);
    }

    public async Task<PortfolioReport?> GetPnl(PortfolioQuery query)
    {
        if (_head is null)
        {
            return Unknown<PortfolioReport>();
        }

        return (await Ask(() => Asked(query))).At(query.At ?? time.GetUtcNow());
    }

    /// <summary>What a portfolio comes to as of a time, or as of the last known bars.</summary>
    private PortfolioQuestion<KeptReport> Asked(PortfolioQuery query)
    {
        CostBasis basis = query.CostBasis ?? _head!.Terms.CostBasis;
        if (query.At is null && _reports.TryGetValue(basis, out KeptReport? known) && known.Report.Revision == Revision)
        {
            return PortfolioQuestion<KeptReport>.Of(known);
        }

        PositionBook book = query.At is { } at ? By(basis).At(at) : By(basis).Book;
        int slot = query.At is { } then ? BarTime.LastClosedSlot(then) : LastSlot();
        HashSet<RateNeed> needs = [];
        PortfolioPnl.Needs(book, _rates.Graph, slot, needs);
        int count = query.At is { } end ? _portfolio.CountUpTo(end) : _portfolio.Count;
        LedgerFlows flows = LedgerFlows.Of(_portfolio, _performance.UpTo(count), count, _rates.Graph);
        return new(needs, Report) { Columns = flows.Needs };

        KeptReport Report(CrossRates rates)
        {
            PerformanceHistory performance = flows.Performance(rates);
            _performance = performance.Count >= _performance.Count ? performance : _performance;
            KeptReport report = this.Report(query.At, basis, book, performance.Performance, rates, slot);
            if (query.At is null)
            {
                _answeredAsOf = report.Report.AsOf?.ToUnixTimeSeconds();
                _reports[basis] = report;
            }

            return report;
        }
    }

    public async Task<PortfolioSeries?> GetSeries(PortfolioSeriesQuery query, CancellationToken cancellation = default)
    {
        if (_head is null)
        {
            return Unknown<PortfolioSeries>();
        }

        (int[] slots, int? next, ValuationSeries series, PerformanceStatistics statistics, bool complete) = await OfOneState(async () =>
        {
            (int[] slots, int? next) = Periods(query);
            ValuationSeries series = await Value(query.Interval, slots, cancellation);
            (PerformanceStatistics statistics, bool complete) = (query.RangeFrom is null && next is null) || _portfolio.Count == 0
                ? (series.Statistics(query.Interval), Array.TrueForAll(series.Complete, point => point))
                : await Whole(query, cancellation);
            return (slots, next, series, statistics, complete);
        });
        (long revision, long lastChange) = (Revision, LastChange());
        DateTimeOffset? asOf = AsOf(Markets(_portfolio.Book), int.MaxValue, isNow: true);
        DateTimeOffset? changedFrom = query.SeenRevision is { } seen ? await ChangedFrom(seen) : null;
        return new PortfolioSeries
        {
            Portfolio = Id,
            BaseCurrency = _head.Terms.BaseCurrency,
            CostBasis = _head.Terms.CostBasis,
            Interval = query.Interval,
            AsOf = asOf,
            Revision = revision,
            Complete = complete,
            Time = Array.ConvertAll(slots, slot => BarTime.OpenSeconds(query.Interval.PeriodStart(slot))),
            ValuedAt = Array.ConvertAll(series.Time, close => Math.Min(close, lastChange)),
            MarketValue = series.MarketValue,
            Contributions = series.Contributions,
            Distributions = series.Distributions,
            RealisedPnl = series.Realised,
            UnrealisedPnl = series.Unrealised,
            TotalPnl = series.Total,
            Twr = series.TimeWeightedReturn,
            Statistics = new(Finite(statistics.MaxDrawdown), Finite(statistics.Volatility), Finite(statistics.Sharpe), Finite(statistics.Sortino)),
            Next = next is { } slot ? BarTime.Open(slot) : null,
            ChangedFrom = changedFrom,
        };
    }

    public async Task<LotsPage?> GetLots(LotsQuery query)
    {
        if (_head is null)
        {
            return Unknown<LotsPage>();
        }

        await Settle();
        if (_lots is not { } kept || !ReferenceEquals(kept.Of, _portfolio))
        {
            ILookup<string, ClosedLot> closed = _portfolio.ClosedLots();
            _lots = kept = (_portfolio, [.. _portfolio.Book.Positions.SelectMany(position => Lots(position, closed[position.Token]))]);
        }

        LotReport[] asked = query.Token is null ? kept.Lots : [.. kept.Lots.Where(lot => lot.Token == query.Token)];
        LotReport[] items = [.. asked.Skip(query.Skip).Take(query.Limit)];
        return new(Id, _head.Terms.BaseCurrency, Revision, items, query.Skip + items.Length < asked.Length) { IsChanged = query.SeenRevision < _lotsSince };
    }

    public async Task<PortfolioState?> GetState()
    {
        if (await GetPnl(new()) is not { } pnl)
        {
            return null;
        }

        if (_followed is not { } known || !ReferenceEquals(known.Of, _portfolio) || !ReferenceEquals(known.Graph, _rates.Graph))
        {
            // What a currency has no market of yet may get one; a token that only others are converted over changes nothing.
            SortedSet<string> tokens = new(_currencies.Keys, StringComparer.Ordinal);
            tokens.UnionWith(_currencies.Keys.SelectMany(currency => _rates.Graph.Between(currency, _portfolio.Terms.BaseCurrency)).Select(market => market.Token));
            _followed = known = (_portfolio, _rates.Graph, [.. tokens]);
        }

        return new(pnl, _head!.Revision, known.Tokens);
    }

    public async Task<bool> WaitForChange(long ledger)
    {
        long began = time.GetTimestamp();
        while (_head?.Revision == ledger)
        {
            TimeSpan left = LongestWait - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            try
            {
                await _changed.Task.WaitAsync(left, time, host.ApplicationStopping);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<LotReport> Lots(Position position, IEnumerable<ClosedLot> closed)
    {
        bool known = position.Missing.IsEmpty;
        return closed.Select(lot => new LotReport
        {
            Token = position.Token,
            Quantity = lot.Quantity,
            OpenedBy = lot.OpenedBy,
            Opened = lot.Opened,
            ClosedBy = lot.ClosedBy,
            Closed = lot.Closed,
            Cost = known ? lot.Cost : null,
            Proceeds = known ? lot.Proceeds : null,
            Gain = known ? lot.Gain : null,
            HoldingPeriodSeconds = (long)lot.HoldingPeriod.TotalSeconds,
        }).Concat(position.Lots.OrderBy(lot => lot.Number).Select(lot => new LotReport
        {
            Token = position.Token,
            Quantity = lot.Quantity,
            OpenedBy = lot.EntryId,
            Opened = lot.Opened,
            Cost = known ? lot.Cost : null,
        }));
    }

    /// <summary>All external flows of the ledger as it is.</summary>
    private LedgerFlows Flows()
    {
        if (_flows is not { } known || !ReferenceEquals(known.Of, _portfolio) || !ReferenceEquals(known.Graph, _rates.Graph))
        {
            _flows = known = (_portfolio, _rates.Graph, LedgerFlows.Of(_portfolio, PerformanceHistory.Empty, _portfolio.Count, _rates.Graph));
        }

        return known.Flows;
    }

    private Portfolio By(CostBasis basis)
    {
        if (basis == _portfolio.Terms.CostBasis)
        {
            return _portfolio;
        }

        if (!_otherBases.TryGetValue(basis, out (Portfolio Of, Portfolio By) known) || !ReferenceEquals(known.Of, _portfolio))
        {
            _otherBases[basis] = known = (_portfolio, _portfolio.By(basis));
        }

        return known.By;
    }

    /// <summary>The last slot that counts now: that of the last known bar of any position, and not before the last entry.</summary>
    private int LastSlot()
    {
        int last = Markets(_portfolio.Book).Max(market => _rates.Last(market)?.Slot) ?? -1;
        return _portfolio.Count > 0 ? Math.Max(last, _portfolio[_portfolio.Count - 1].Slot)
            : last >= 0 ? last
            : BarTime.LastClosedSlot(time.GetUtcNow());
    }

    /// <summary>The markets over which positions are valued, of those too that are flat.</summary>
    private IEnumerable<CurrencyPair> Markets(PositionBook book) =>
        book.Positions.SelectMany(position => _rates.Graph.Between(position.Token, book.Terms.BaseCurrency)).Distinct();

    private DateTimeOffset? AsOf(IEnumerable<CurrencyPair> markets, int slot, bool isNow)
    {
        long? last = markets.Max(market => _rates.Bar(market, slot)?.Slot) is { } bar ? BarTime.CloseSeconds(bar) : null;
        last = isNow && LatestAsOf is { } before && !(last >= before) ? before : last;
        return last is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private KeptReport Report(DateTimeOffset? at, CostBasis basis, PositionBook book, Performance performance, CrossRates rates, int slot)
    {
        PortfolioPnl pnl = PortfolioPnl.Of(book, rates, slot);
        Amount? value = Performance.Value(book, rates, slot);
        DateTimeOffset? asOf = AsOf(Markets(book), slot, isNow: at is null);
        bool any = book.Positions.Any();
        DateTimeOffset lastEntry = _portfolio.Count > 0 ? _portfolio[_portfolio.Count - 1].Time : DateTimeOffset.UnixEpoch;
        DateTimeOffset end = at ?? (asOf > lastEntry ? asOf.Value : lastEntry);
        PortfolioReport report = new()
        {
            Portfolio = Id,
            BaseCurrency = book.Terms.BaseCurrency,
            CostBasis = basis,
            AsOf = asOf,
            Revision = Revision,
            Complete = pnl.Complete,
            Missing = Texts(pnl.Missing),
            MarketValue = pnl.MarketValue,
            CostBasisValue = pnl.CostBasis,
            RealisedPnl = pnl.Realised,
            UnrealisedPnl = pnl.Unrealised,
            Income = pnl.Income,
            Fees = pnl.Fees,
            FeesFromOutside = pnl.FeesFromOutside,
            TotalPnl = pnl.Total,
            Contributions = pnl.Contributions,
            Distributions = pnl.Distributions,
            Twr = any ? Finite(performance.TimeWeightedReturn(value)) : null,
            Mwr = any ? Finite(performance.MoneyWeightedReturn(value, end)?.Rate) : null,
            Roi = Finite(pnl.ReturnOnContributions),
            Denominators = new(),
            Positions = [.. pnl.Positions.Select(position => Report(position, slot))],
        };
        return new(report, [.. pnl.Positions.Select(position => Oldest(position.ConversionPath, market => _rates.FreshUntil(market, slot)))]);
    }

    private PositionReport Report(PositionPnl position, int slot) => new()
    {
        Token = position.Token,
        Quantity = position.Quantity,
        AverageCost = position.AverageCost,
        CostBasis = position.CostBasis,
        Rate = position.Rate,
        ConversionPath = position.ConversionPath.IsDefault ? [] : [.. position.ConversionPath],
        MarketValue = position.MarketValue,
        RealisedPnl = position.Realised,
        UnrealisedPnl = position.Unrealised,
        Income = position.Income,
        Fees = position.Fees,
        TotalPnl = position.Total,
        Missing = Texts(position.Missing),
        RateAsOf = Oldest(position.ConversionPath, market => _rates.Bar(market, slot)?.Slot) is { } oldest ? BarTime.Close((int)oldest) : null,
    };

    /// <summary>The least of a time of all markets on a path; null if none has one.</summary>
    private static long? Oldest(ImmutableArray<string> path, Func<CurrencyPair, long?> time)
    {
        long? oldest = null;
        for (int i = 1; i < (path.IsDefault ? 0 : path.Length); i++)
        {
            if ((time(new(path[i - 1], path[i])) ?? time(new(path[i], path[i - 1]))) is { } one)
            {
                oldest = Math.Min(oldest ?? one, one);
            }
        }

        return oldest;
    }

    private static string[] Texts(ImmutableArray<MissingRate> missing) => [.. missing.Select(rate => rate.ToString())];

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    /// <summary>The slots at whose close to value, and where the rest would begin.</summary>
    private (int[] Slots, int? Next) Periods(PortfolioSeriesQuery query)
    {
        if (_portfolio.Count == 0)
        {
            return ([], null);
        }

        int last = LastSlotOfSeries();
        if (query.To is { } to)
        {
            last = Math.Min(last, BarTime.SlotAtOrAfter(to) - 1);
        }

        List<int> slots = [];
        int start = query.Interval.PeriodStart(Math.Max(0, BarTime.SlotAt(query.From ?? _portfolio[0].Time)));
        for (; start <= last; start = query.Interval.PeriodEnd(start))
        {
            if (slots.Count == query.Limit)
            {
                return ([.. slots], start);
            }

            slots.Add(Math.Min(query.Interval.PeriodEnd(start) - 1, last));
        }

        return ([.. slots], null);
    }

    /// <summary>
    /// The last slot that a series values: that of the last known bar, and not before one at whose close the last entry counts.
    /// A ledger of one moment has a point, also where that is the begin of a period.
    /// </summary>
    private int LastSlotOfSeries() =>
        Math.Max(LastSlot(), Math.Max(BarTime.SlotAtOrAfter(_portfolio[_portfolio.Count - 1].Time) - 1, BarTime.SlotAt(_portfolio[0].Time)));

    /// <summary>Unix seconds, rounded up, of the last bar or entry: at no later time has anything changed.</summary>
    private long LastChange()
    {
        long bar = Markets(_portfolio.Book).Max(market => _rates.Last(market)?.Slot) is { } slot ? BarTime.CloseSeconds(slot) : 0;
        return _portfolio.Count == 0 ? bar : Math.Max(bar, _portfolio[_portfolio.Count - 1].Time.AddTicks(TimeSpan.TicksPerSecond - 1).ToUnixTimeSeconds());
    }

    /// <summary>Values the ledger at the close of each of some slots.</summary>
    private async Task<ValuationSeries> Value(Interval interval, int[] slots, CancellationToken cancellation)
    {
        Dictionary<CurrencyPair, decimal[]> columns = [];
        LedgerFlows flows = Flows();
        if (slots.Length > 0)
        {
            CurrencyPair[] markets = [.. Markets(_portfolio.Book)];
            int before = interval.PeriodStart(slots[0]) - 1;
            await _rates.FetchAsync(markets.Select(market => new RateNeed(market, before)), flows.Needs);
            decimal[][] found = await Task.WhenAll(markets.Select(market => Column(market, interval, slots, _rates.AsOf(market, before) ?? 0m, cancellation)));
            for (int i = 0; i < markets.Length; i++)
            {
                columns[markets[i]] = found[i];
            }
        }

        return ValuationSeries.Of(_portfolio, slots, columns, flows, Conversions());
    }

    /// <summary>What is said of all pages of a series together; kept, since each page is asked for it.</summary>
    private async Task<(PerformanceStatistics Statistics, bool Complete)> Whole(PortfolioSeriesQuery query, CancellationToken cancellation)
    {
        DateTimeOffset from = query.RangeFrom ?? query.From ?? _portfolio[0].Time;
        PortfolioSeriesQuery page = query with { From = from < _portfolio[0].Time ? _portfolio[0].Time : from, RangeFrom = null, Limit = PortfolioSeriesQuery.MaxLimit };
        if (_whole is { } known && known.Of == page && ReferenceEquals(known.Ledger, _portfolio) && known.Revision == Revision)
        {
            return (known.Statistics, known.Complete);
        }

        // Of a point no more is held than its return: a life of 5-minute points has a million.
        List<double?> returns = [];
        bool complete = true;
        PortfolioSeriesQuery whole = page;
        long revision = Revision;
        for (int? next = 0; next is not null;)
        {
            cancellation.ThrowIfCancellationRequested();
            (int[] slots, next) = Periods(page);
            ValuationSeries series = await Value(query.Interval, slots, cancellation);
            returns.AddRange(series.TimeWeightedReturn);
            complete &= Array.TrueForAll(series.Complete, point => point);
            page = next is { } rest ? page with { From = BarTime.Open(rest) } : page;
        }

        PerformanceStatistics statistics = ValuationSeries.Statistics(returns, query.Interval, riskFree: 0);
        _whole = _rates.ChangedFrom == int.MaxValue ? (_portfolio, revision, whole, statistics, complete) : null;
        return (statistics, complete);
    }

    /// <summary>The rate as of each slot, carried forward from the one before the first; 0 while there is none.</summary>
    private async Task<decimal[]> Column(CurrencyPair market, Interval interval, int[] slots, decimal before, CancellationToken cancellation)
    {
        decimal[] column = new decimal[slots.Length];
        int i = 0;
        DateTimeOffset? from = BarTime.Open(interval.PeriodStart(slots[0]));
        for (DateTimeOffset end = BarTime.Close(slots[^1]); from is not null;)
        {
            RateCandles? candles = await grains.GetGrain<ITokenGrain>(market.Token).GetRates(new() { From = from, To = end, Interval = interval }, cancellation);
            for (int c = 0; c < candles?.Time.Length; c++)
            {
                for (int period = BarTime.SlotAtSeconds(candles.Time[c]); i < slots.Length && slots[i] < period; i++)
                {
                    column[i] = before;
                }

                before = candles.Close[c];
            }

            from = candles?.Next;
        }

        column.AsSpan(i).Fill(before);
        return column;
    }

    /// <summary>An answer that is kept: all of it but which rates are stale, which time alone changes.</summary>
    private sealed class KeptReport(PortfolioReport report, long?[] freshUntil)
    {
        public PortfolioReport Report { get; private set; } = report;

        /// <summary>As it is at a time; the same object as long as nothing becomes stale.</summary>
        public PortfolioReport At(DateTimeOffset now)
        {
            long seconds = now.ToUnixTimeSeconds();
            bool[] stale = Array.ConvertAll(freshUntil, until => until < seconds);
            if (!stale.SequenceEqual(Report.Positions.Select(position => position.Stale)))
            {
                Report = Report with { Positions = [.. Report.Positions.Zip(stale, (position, isStale) => position with { Stale = isStale })] };
            }

            return Report;
        }
    }
}
