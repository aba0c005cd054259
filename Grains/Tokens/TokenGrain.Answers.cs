using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

internal sealed partial class TokenGrain
{
    public async Task<TokenInfo?> Get()
    {
        if (_registration is not null)
        {
            await Closed(_history);
        }

        return _registration is null ? Unknown<TokenInfo>() : Info();
    }

    public Task<TimeRange[]?> GetUnread(DateTimeOffset from, DateTimeOffset to) => Task.FromResult(_registration is null
        ? Unknown<TimeRange[]>()
        : [.. _history.Coverage.MissingIn(new(BarTime.SlotAt(from), BarTime.SlotAt(to)))
            .Select(range => new TimeRange(BarTime.Open(range.From), BarTime.Open(range.To)))]);

    public async Task<TokenPnl?> GetPnl()
    {
        if (_registration is null)
        {
            return Unknown<TokenPnl>();
        }

        _isAsked = true;
        bool isBehind = await IsBehind();
        if (_rolling is { } known && ReferenceEquals(known.History, _history) && !IsAhead(_history, out _))
        {
            return Pnl(known, isBehind);
        }

        return await Ask(new RollingQuestion(_edges, WithCompleteness: true), (history, rolling) => Pnl(Keep(history, history.RollingWindows(_edges = rolling.Edges), rolling.IsComplete), isBehind));
    }

    public async Task<TokenStanding?> GetStanding()
    {
        if (_registration is null)
        {
            return Unknown<TokenStanding>();
        }

        // Whoever asked for the windows before will ask for these: they are kept for them, and for tokens of no interest not.
        bool keep = _isAsked;
        _isAsked = false;
        return await Ask(
            new RollingQuestion(_edges, WithCompleteness: keep),
            (history, rolling) =>
            {
                _edges = rolling.Edges;
                StandingWindow[] windows;
                string?[]? digits = null;
                int at = 0;
                if (keep)
                {
                    Window[] whole = history.RollingWindows(_edges);
                    Keep(history, whole, rolling.IsComplete);
                    windows = Array.ConvertAll(whole, Standing);
                }
                else
                {
                    windows = history.RollingWindows(_edges, Standing);
                    _rolling = ReferenceEquals(_rolling?.History, history) ? _rolling : null;
                }

                return new TokenStanding
                {
                    Token = Id,
                    Revision = _revision,
                    Symbol = _registration.Symbol,
                    Quote = _registration.Quote,
                    StalenessSeconds = StaleAfter(history),
                    AsOf = history.IsEmpty ? null : BarTime.CloseSeconds(history.Life.LastSlot),
                    Rate = history.IsEmpty ? null : history.Life.Last,
                    Windows = windows,
                    PnlDigits = digits,
                };

                StandingWindow Standing(Window window)
                {
                    if (window.LongPnl is { } pnl)
                    {
                        (digits ??= new string?[RollingWindow.All.Length])[at] = pnl.ToString();
                    }

                    at++;
                    return new(window.Return, window.Pnl, window.Volatility, window.MaxDrawdown, window.Partial);
                }
            });
    }

    /// <summary>
    /// Tells how the token stands, in a turn of its own: what led to it is acknowledged before the windows are computed, and
    /// what changes until they are is told with it.
    /// </summary>
    private async Task Tell()
    {
        await FairYield.YieldAsync();
        _telling = false;
        try
        {
            outbox.Send(await GetStanding() ?? TokenStanding.Deleted(Id, _revision));
        }
        catch (Exception e)
        {
            // The shard asks again: the store lists a newer revision than it was told.
            log.LogError(e, "How {Token} stands could not be told", Id);
        }
    }

    public async Task<TokenWindow?> GetWindow(WindowQuery query)
    {
        if (_registration is null)
        {
            return Unknown<TokenWindow>();
        }

        bool isBehind = await IsBehind();
        return await Ask(
            new WindowQuestion(query.From, query.To, time.GetUtcNow()),
            (history, answer) => Answered(history, query, answer.Window?.Times(query.Quantity), answer.IsComplete && !isBehind));
    }

    public async Task<PnlSeries?> GetSeries(SeriesQuery query, CancellationToken cancellation = default)
    {
        if (_registration is null)
        {
            return Unknown<PnlSeries>();
        }

        bool isBehind = await IsBehind();
        return await Ask(
            new SeriesQuestion(Asked(query)),
            (_, answer) =>
            {
                RateSeries series = answer.Points.Times(query.Quantity);
                return new PnlSeries
                {
                    Token = Id,
                    Quote = _registration.Quote,
                    Interval = answer.Interval,
                    AsOf = answer.AsOf is { } close ? DateTimeOffset.FromUnixTimeSeconds(close) : null,
                    Revision = _revision,
                    Complete = answer.IsComplete && !isBehind,
                    Time = series.Time,
                    Rate = series.Rate,
                    Quantity = query.Quantity,
                    Pnl = series.Pnl,
                    CumulativePnl = series.CumulativePnl,
                    Next = series.Next is { } next ? BarTime.Open(next) : null,
                };
            },
            cancellation);
    }

    public async Task<RateCandles?> GetRates(SeriesQuery query, CancellationToken cancellation = default)
    {
        if (_registration is null)
        {
            return Unknown<RateCandles>();
        }

        bool isBehind = await IsBehind();
        return await Ask(
            new CandlesQuestion(Asked(query)),
            (_, answer) =>
            {
                CandleSeries candles = answer.Points;
                return new RateCandles
                {
                    Token = Id,
                    Quote = _registration.Quote,
                    Interval = answer.Interval,
                    AsOf = answer.AsOf is { } close ? DateTimeOffset.FromUnixTimeSeconds(close) : null,
                    Revision = _revision,
                    Complete = answer.IsComplete && !isBehind,
                    Time = candles.Time,
                    Open = candles.Open,
                    High = candles.High,
                    Low = candles.Low,
                    Close = candles.Close,
                    Next = candles.Next is { } next ? BarTime.Open(next) : null,
                };
            },
            cancellation);
    }

    public async Task<RatesAt?> GetRatesAt(RatesAtQuery query)
    {
        if (_registration is null)
        {
            // Who computed by its rates must learn that they are gone, and that nothing goes on from a revision before.
            return _revision == 0 ? Unknown<RatesAt>() : new(
                "", _revision, query.SeenRevision == _revision ? null : 0, null, null, new decimal?[query.Times.Length], new long[query.Times.Length], 0)
            {
                Digest = query.DigestTo is { } none ? new(none, 0) : null,
            };
        }

        if (query.Times.Length > RatesAtQuery.MaxTimes)
        {
            throw new ArgumentException($"rates as of {RatesAtQuery.MaxTimes} times at most; got {query.Times.Length}", nameof(query));
        }

        int[] slots = Array.ConvertAll(query.Times, seconds => BarTime.SlotAtSeconds(seconds) - 1);
        long[] digested = [.. ((long?[])[_changes.Knows(query.SeenRevision) ? null : query.Seen?.To, query.DigestTo]).OfType<long>()];
        return await Ask(
            new RatesAtQuestion(slots, Array.ConvertAll(digested, to => BarTime.SlotAtSeconds(to) - 1)),
            (history, answer) =>
            {
                Bar?[] bars = answer.Bars;
                RatesDigest Digest(long to) => new(to, answer.Digests[Array.IndexOf(digested, to)]);
                int changed = !_changes.Knows(query.SeenRevision) && query.Seen is { } seen && digested.Contains(seen.To) && Digest(seen.To) == seen
                    ? BarTime.SlotAtSeconds(seen.To) : _changes.From(query.SeenRevision);
                return new RatesAt(
                    _registration.Quote, _revision, changed == int.MaxValue ? null : BarTime.CloseSeconds(changed),
                    history.IsEmpty ? null : BarTime.CloseSeconds(history.Life.LastSlot), history.IsEmpty ? null : history.Life.Last,
                    Array.ConvertAll(bars, bar => bar?.Rate), Array.ConvertAll(bars, bar => bar is { } b ? BarTime.CloseSeconds(b.Slot) : 0),
                    StaleAfter(history))
                {
                    StaleAfter = history.Coarse.IsNone ? null : Array.ConvertAll(bars, bar => bar is { } b ? StaleAfter(history, b.Slot) : 0),
                    Digest = query.DigestTo is { } digestTo ? Digest(digestTo) : null,
                    ConvertedBy = ConvertedBy(_registration),
                };
            });
    }

    public async Task<TokenCoverage?> GetCoverage(int maxRanges, CancellationToken cancellation = default)
    {
        if (_registration is null)
        {
            return Unknown<TokenCoverage>();
        }

        await Closed(_history);
        (LifeRange[] life, ListingState[] listings) = await Life(maxRanges);
        IReadOnlyDictionary<string, NoConversion> unconverted = (await FindWays(_registration, Array.ConvertAll(listings, state => state.Quote))).None;
        return await Ask(
            new GapsQuestion(),
            (history, gaps) =>
            {
                Gap[] absent = [.. gaps.Where(gap => gap.IsFetched)], missing = [.. gaps.Where(gap => !gap.IsFetched)];
                Coverage coverage = history.Coverage.Union(history.Coarse.Coverage);
                return Info().Coverage(
                    new(
                        Newest(coverage.Ranges, maxRanges),
                        Newest([.. absent.Select(gap => gap.Range)], maxRanges),
                        Newest([.. missing.Select(gap => gap.Range)], maxRanges),
                        absent.Sum(gap => (long)gap.Bars),
                        missing.Sum(gap => (long)gap.Bars),
                        Math.Max(coverage.Ranges.Length, Math.Max(absent.Length, missing.Length)) > maxRanges),
                    Array.ConvertAll(listings, state => unconverted.TryGetValue(state.Quote, out NoConversion none) ? state with { NotConverted = none.Why } : state),
                    life);
            },
            cancellation);
    }

    /// <summary>
    /// Asks a question of the history: loads the months that it names, and answers from one state; where a write came between, anew. The
    /// message is made in here too, revision and all, so that nothing can come between its parts.
    /// </summary>
    private async ValueTask<TMessage> Ask<T, TMessage>(IHistoryQuestion<T> question, Func<TokenHistory, T, TMessage> message, CancellationToken cancellation = default)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            TokenHistory history = _history, shown = history;
            SegmentSet segments;
            try
            {
                (shown, segments) = await Closed(history) ?? (history, await Load(history, question.Months(history), cancellation: cancellation));
            }
            catch (StoreConflictException)
            {
                if (ReferenceEquals(history, _history))
                {
                    DeactivateOnIdle(); // another activation has rewritten what this one would answer from
                    throw;
                }

                continue; // this one itself has
            }

            if (_registration is null)
            {
                return default!; // it was deleted meanwhile: null, as of any that is not registered
            }

            if (ReferenceEquals(history, _history))
            {
                return message(shown, question.Answer(shown, segments));
            }
        }
    }

    private Rolling Keep(TokenHistory history, Window[] windows, bool isComplete) => _rolling = new(history, Named(windows), isComplete);

    private TokenPnl Pnl(Rolling rolling, bool isBehind)
    {
        RateSummary life = rolling.History.Life;
        (bool stale, long? age) = Age(rolling.History, time.GetUtcNow());
        return new()
        {
            Token = Id,
            Quote = _registration!.Quote,
            AsOf = life.IsEmpty ? null : BarTime.Close(life.LastSlot),
            Rate = life.IsEmpty ? null : life.Last,
            Stale = stale,
            AgeSeconds = age,
            Revision = _revision,
            Complete = rolling.Complete && !isBehind,
            Windows = rolling.Windows,
        };
    }

    private TokenWindow Answered(TokenHistory history, WindowQuery query, Window? window, bool complete)
    {
        long? age = window?.To - window?.AsOf;
        string quote = _registration!.Quote;
        return (window is { } known ? new TokenWindow(known) { Token = Id, Quote = quote } : new() { Token = Id, Quote = quote }) with
        {
            AsOf = window?.AsOf is { } asOf ? DateTimeOffset.FromUnixTimeSeconds(asOf) : null,
            Rate = window?.EndRate,
            Stale = age > (window?.AsOf is { } close ? StaleAfter(history, BarTime.SlotAtSeconds(close) - 1) : _registration.StalenessSeconds),
            AgeSeconds = age,
            Revision = _revision,
            Complete = complete,
            Quantity = query.Quantity,
            From = window is { From: var from } ? Asked(from, query.From) : null,
            To = window is { To: var to } ? Asked(to, query.To) : null,
        };

        // Bars close at whole seconds, so that the rest of one changes nothing; but it is answered as it was asked.
        static DateTimeOffset Asked(long seconds, DateTimeOffset? time) =>
            time is { } asked && asked.ToUnixTimeSeconds() == seconds ? asked.ToUniversalTime() : DateTimeOffset.FromUnixTimeSeconds(seconds);
    }

    // A grain for an id that nobody registered is not worth its memory.
    private T? Unknown<T>()
        where T : class
    {
        Forget();
        return null;
    }

    private TokenInfo Info()
    {
        TokenHistory history = Shown;
        return TokenInfos.Of(
            Id, _revision, _registration!, history.IsEmpty ? null : history.Life.FirstSlot, history.IsEmpty ? null : history.Life.LastSlot, history.Life.Count,
            StaleAfter(history), time.GetUtcNow()) with { Interval = history.Coarsest };
    }

    private (bool Stale, long? AgeSeconds) Age(TokenHistory history, DateTimeOffset now)
    {
        if (history.IsEmpty)
        {
            return (false, null);
        }

        long age = Math.Max(0, now.ToUnixTimeSeconds() - BarTime.CloseSeconds(history.Life.LastSlot));
        return (age > StaleAfter(history), age);
    }

    /// <summary>The age in seconds at which a bar's rate is stale: twice its interval at least.</summary>
    private int StaleAfter(TokenHistory history, int slot) =>
        Math.Max(_registration!.StalenessSeconds, history.Coarse.IsNone ? 0 : 2 * BarTime.SecondsPerBar * history.IntervalOf(slot).Slots());

    /// <inheritdoc cref="StaleAfter(TokenHistory, int)"/>
    private int StaleAfter(TokenHistory history) => StaleAfter(history, history.Life.LastSlot);

    private static Periods Asked(SeriesQuery query) => new(query.From, query.To, query.RangeFrom, query.Interval, query.Limit, query.MaxPoints);

    private static Dictionary<string, WindowPnl> Named(Window[] windows)
    {
        Dictionary<string, WindowPnl> named = new(windows.Length);
        for (int i = 0; i < windows.Length; i++)
        {
            named.Add(RollingWindow.All[i].Name, new WindowPnl(windows[i]));
        }

        return named;
    }

    private static TimeRange[] Newest(IReadOnlyCollection<SlotRange> ranges, int most) =>
        [.. ranges.Skip(Math.Max(0, ranges.Count - most)).Select(range => new TimeRange(BarTime.Open(range.From), BarTime.Open(range.To)))];

    /// <summary>The rolling windows of a history, kept until there is another.</summary>
    private sealed record Rolling(TokenHistory History, Dictionary<string, WindowPnl> Windows, bool Complete);
}
