using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Plays a source into the system. What a token lacks is told by the token's own last bar, which is durable with it: there
/// is no watermark beside the bars that could disagree with them.
/// </summary>
[GrainType("rate-feed")]
[Reentrant] // progress is asked while history is fetched
internal sealed class RateFeedGrain(
    IEnumerable<IRateSource> sources, ISegmentStore store, RateFeedOptions options, PnlMeter meter, TimeProvider time, ILogger<RateFeedGrain> log)
    : Grain, IRateFeedGrain, IDisposable
{
    private const int TokensAtOnce = 32;
    private const int SlotsAtOnce = 12; // an hour: what was missed beyond that is fetched by ranges, not slot by slot
    private const int SlotsAhead = 4; // of a source that is faster than time: as many are on their way at most
    private const int TokensALine = 1000;

    private readonly CancellationTokenSource _stopping = new();
    private IRateSource _source = null!;
    private IReadOnlyList<SourceToken> _tokens = [];
    private RatePace? _pace;
    private long _begun; // when a source with a pace of its own began to play
    private int _first; // and with which slot
    private IStreamProvider _streams = null!;
    private readonly HashSet<int> _registered = [];
    private int[] _next = []; // by token: the first slot that has not been asked of the source
    private FeedPhase _phase = FeedPhase.Idle;
    private int _done;
    private long _bars;
    private int _tick = int.MinValue; // the last slot published
    private Task _work = Task.CompletedTask;
    private IGrainTimer? _timer;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string name = this.GetPrimaryKeyString();
        _source = sources.FirstOrDefault(source => source.Name == name) ?? throw new ArgumentException($"there is no source '{name}'");
        _streams = this.GetStreamProvider(RateEvent.StreamProvider);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();

    public Task Start()
    {
        if (_timer is null)
        {
            DelayDeactivation(TimeSpan.FromDays(3650));
            meter.FeedBegins(_source.Name);
            _work = Begin(_stopping.Token);

            // Not within the timer's call: a grain goes only when its calls have ended, and a hub that is away may take minutes to say so.
            _timer = this.RegisterGrainTimer(
                () =>
                {
                    _ = Tick(_stopping.Token);
                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true });
        }

        return Task.CompletedTask;
    }

    public Task<FeedProgress> GetProgress() => Task.FromResult(new FeedProgress(
        _phase, _done, _tokens.Count, _bars, _phase == FeedPhase.Live && _tick > int.MinValue ? BarTime.Open(_tick) : null));

    private async Task Begin(CancellationToken cancellation)
    {
        try
        {
            _tokens = await _source.ListAsync(cancellation);
            _pace = _source.Pace;
            Dictionary<string, int?> known = await LastSlots(cancellation);
            if (_pace is { } pace)
            {
                // It goes on where it was, which the tokens know.
                _first = Math.Max(pace.Slots.From, 1 + _tokens.Select(token => known.GetValueOrDefault(token.Id) ?? -1).DefaultIfEmpty(-1).Max());
            }

            await CatchUp(_pace is null ? LastClosed() + 1 : _first, known, cancellation);

            // What closed meanwhile does not wait for the next boundary.
            _begun = time.GetTimestamp();
            _timer?.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            meter.FeedFailed(_source.Name);
            log.LogError(e, "Feed {Source} could not fetch what is missing; it starts anew", _source.Name);
            DeactivateOnIdle();
        }
    }

    /// <summary>Fetches for every token what it lacks before a slot; then it is live.</summary>
    private async Task CatchUp(int upTo, Dictionary<string, int?> known, CancellationToken cancellation)
    {
        _done = 0;
        _next = new int[_tokens.Count];
        Array.Fill(_next, upTo);
        _phase = _tokens.All(token => known.ContainsKey(token.Id) || token.Registration.Listed >= BarTime.Open(upTo)) ? FeedPhase.CatchingUp : FeedPhase.Filling;
        log.LogInformation(
            "Feed {Source}: {Phase} {Tokens} tokens up to {Time:u}", _source.Name, _phase == FeedPhase.Filling ? "fetching the history of" : "catching up with", _tokens.Count, BarTime.Open(upTo));

        // Those next to each other whose changes may share a transaction; a registration takes no memory, so many at once.
        int[] order = [.. Enumerable.Range(0, _tokens.Count).OrderBy(token => store.GroupOf(_tokens[token].Id))];
        await Each([.. order.Where(token => !known.ContainsKey(_tokens[token].Id) && !(_tokens[token].Registration.Listed >= BarTime.Open(upTo)))], options.TokensAtOnce * RatesEvent.Partitions, async token =>
        {
            await Register(GrainFactory.GetGrain<ITokenGrain>(_tokens[token].Id), _tokens[token]);
            _registered.Add(token);
        });
        await Each([.. order.Where(token => known.ContainsKey(_tokens[token].Id) && !_registered.Contains(token))], options.TokensAtOnce * RatesEvent.Partitions, async token =>
        {
            await List(GrainFactory.GetGrain<ITokenGrain>(_tokens[token].Id), _tokens[token]);
            _registered.Add(token);
        });
        await Each(order, TokensAtOnce, async token =>
        {
            await CatchUp(token, known, upTo, cancellation);
            if (++_done % TokensALine == 0)
            {
                log.LogInformation("Feed {Source}: {Done} of {Total} tokens, {Bars} bars", _source.Name, _done, _tokens.Count, _bars);
            }
        });
        cancellation.ThrowIfCancellationRequested();
        (_tick, _phase) = (upTo - 1, FeedPhase.Live);
        if (_pace is null)
        {
            meter.Reached(_source.Name, _tick);
        }

        log.LogInformation("Feed {Source}: live with {Tokens} tokens, {Bars} bars fetched", _source.Name, _tokens.Count, _bars);
    }

    private async Task CatchUp(int index, Dictionary<string, int?> known, int upTo, CancellationToken cancellation)
    {
        SourceToken token = _tokens[index];
        ITokenGrain grain = GrainFactory.GetGrain<ITokenGrain>(token.Id);
        if (!known.TryGetValue(token.Id, out int? last) && !_registered.Contains(index))
        {
            return; // listed later, and registered with its first bar
        }

        _registered.Add(index);

        int from = last + 1 ?? upTo - (_pace is null && _source.HasHistory ? options.HistoryBars : 0);
        if (from >= upTo)
        {
            return;
        }

        Bar[] bars = ArrayPool<Bar>.Shared.Rent(upTo - from);
        long[] times = ArrayPool<long>.Shared.Rent(upTo - from);
        decimal[] rates = ArrayPool<decimal>.Shared.Rent(upTo - from);
        int count = await _source.ReadAsync(_tokens[index], new(from, upTo), bars, cancellation);
        for (int i = 0; i < count; i++)
        {
            (times[i], rates[i]) = (BarTime.OpenSeconds(bars[i].Slot), bars[i].Rate);
        }

        for (int at = 0; at < count || at == 0; at += BarBatch.MaxLength)
        {
            int length = Math.Min(BarBatch.MaxLength, count - at), end = at + length;
            await grain.Ingest(new()
            {
                Time = times.AsMemory(at, length),
                Rate = rates.AsMemory(at, length),
                CoveredFrom = at == 0 ? BarTime.OpenSeconds(from) : times[at],
                CoveredTo = end < count ? times[end] : BarTime.OpenSeconds(upTo),
                Source = _source.Name,
            });
        }

        _bars += count;
        ArrayPool<Bar>.Shared.Return(bars);
        ArrayPool<long>.Shared.Return(times);
        ArrayPool<decimal>.Shared.Return(rates);
    }

    /// <summary>Does something for each of some tokens, for so many at once.</summary>
    private Task Each(int[] tokens, int atOnce, Func<int, Task> act)
    {
        int next = 0;
        return Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            while (next < tokens.Length && !_stopping.IsCancellationRequested)
            {
                await act(tokens[next++]);
            }
        }));
    }

    /// <summary>Registers a token that nobody knows; if somebody does by now, it only gets a listing.</summary>
    private async Task Register(ITokenGrain grain, SourceToken token)
    {
        if (await grain.Get() is not null)
        {
            await List(grain, token);
            return;
        }

        RegisterResult result = await grain.Register(new()
        {
            Symbol = token.Registration.Symbol,
            Name = token.Registration.Name,
            Quote = token.Registration.Quote,
            Listed = token.Registration.Listed,
            Delisted = token.Registration.Delisted,
            Sources = new(token.Registration.Sources),
        });
        if (result.QuoteConflict)
        {
            await List(grain, token);
        }
    }

    /// <summary>
    /// Sees to it that a token lists what it is fed with, in the quote of that: rates of another quote than the token's are
    /// converted because its listing says so, and what others registered of it stays as it is.
    /// </summary>
    private async Task List(ITokenGrain grain, SourceToken token)
    {
        TokenListing listing = new(_source.Name, token.Registration.Sources.GetValueOrDefault(_source.Name) ?? "", token.Registration.Quote);
        if (await grain.Get() is { } known && !known.Listings.Any(each => each with { From = null, To = null } == listing))
        {
            log.LogInformation("Feed {Source}: {Token}, which is in {Quote}, is fed with {Symbol} in {PairQuote} from now on", _source.Name, token.Id, known.Quote, listing.Symbol, listing.Quote);
            if ((await grain.Register(new() { AddListing = listing })).Circle is { } circle)
            {
                log.LogWarning("Feed {Source}: {Symbol} is no listing of {Token}: {Circle}", _source.Name, listing.Symbol, token.Id, circle);
            }
        }
    }

    private async Task<Dictionary<string, int?>> LastSlots(CancellationToken cancellation) =>
        (await store.StatesAsync(cancellation)).Where(token => !token.IsDeleted).ToDictionary(token => token.Token, token => token.LastSlot);

    /// <summary>Publishes every slot that has closed since the last tick; after a long pause, fetches what was missed.</summary>
    private async Task Tick(CancellationToken cancellation)
    {
        int tried = LastClosed();
        try
        {
            if (_work.IsCompletedSuccessfully)
            {
                if (_pace is null && tried - _tick > SlotsAtOnce)
                {
                    await CatchUp(tried + 1, await LastSlots(cancellation), cancellation);
                }

                for (int slot = _tick + 1; slot <= (tried = LastClosed()) && !cancellation.IsCancellationRequested; slot++)
                {
                    await Publish(slot, cancellation);
                    _tick = slot;
                    if (_pace is null)
                    {
                        meter.Published(_source.Name, slot);
                    }
                    else
                    {
                        await Reached(slot - SlotsAhead);
                    }
                }
            }
        }
        catch (Exception e)
        {
            if (!cancellation.IsCancellationRequested)
            {
                meter.FeedFailed(_source.Name);
                log.LogError(e, "Feed {Source} could not publish; it tries again at the next boundary", _source.Name);
            }
        }
        finally
        {
            if (!cancellation.IsCancellationRequested && UntilBehind(tried) is { } wait)
            {
                _timer?.Change(wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task Publish(int slot, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        List<(int Token, decimal Rate)>[] partitions = [.. Enumerable.Range(0, RatesEvent.Partitions).Select(_ => new List<(int, decimal)>())];
        Bar[] one = new Bar[1];
        int published = 0;
        for (int token = 0; token < _tokens.Count; token++)
        {
            if (await _source.ReadAsync(_tokens[token], new(slot, slot + 1), one, cancellation) == 1)
            {
                if (!_registered.Contains(token))
                {
                    await Register(GrainFactory.GetGrain<ITokenGrain>(_tokens[token].Id), _tokens[token]);
                    _registered.Add(token);
                }

                partitions[RatesEvent.PartitionOf(_tokens[token].Id)].Add((token, one[0].Rate));
                published++;
            }
        }

        await Task.WhenAll(partitions.Select(async (bars, partition) =>
        {
            IAsyncStream<RatesEvent> stream = _streams.GetStream<RatesEvent>(StreamId.Create(RatesEvent.StreamNamespace, PartitionKey(partition)));
            foreach ((int Token, decimal Rate)[] some in bars.Chunk(RatesEvent.MostBars))
            {
                await stream.OnNextAsync(new(
                    Array.ConvertAll(some, bar => _tokens[bar.Token].Id),
                    Array.ConvertAll(some, _ => BarTime.OpenSeconds(slot)),
                    Array.ConvertAll(some, bar => bar.Rate),
                    Array.ConvertAll(some, bar => BarTime.OpenSeconds(Math.Min(_next[bar.Token], slot))),
                    Source: _source.Name));
                foreach ((int token, _) in some)
                {
                    _next[token] = slot + 1; // published: should it get lost, the token sees that it lacks something
                }
            }
        }));
        log.Log(
            _pace is null ? LogLevel.Information : LogLevel.Debug,
            "Feed {Source}: published {Count} bars of {Time:u} in {Milliseconds:f0} ms", _source.Name, published, BarTime.Open(slot), time.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>Waits until the partitions have dealt with a slot, as far as it had bars of theirs.</summary>
    private Task Reached(int slot) => slot < _first ? Task.CompletedTask : Task.WhenAll(
        _tokens.Where((_, i) => _next[i] > slot + 1).Select(token => RatesEvent.PartitionOf(token.Id)).Distinct()
            .Select(partition => GrainFactory.GetGrain<IRatePartitionGrain>(PartitionKey(partition)).Reached(BarTime.OpenSeconds(slot))));

    private static string PartitionKey(int partition) => partition.ToString(CultureInfo.InvariantCulture);

    /// <summary>The last slot that is closed: at present, or in the time that the source plays.</summary>
    private int LastClosed() => _pace is not { } pace ? BarTime.LastClosedSlot(time.GetUtcNow())
        : Math.Min(pace.Slots.To - 1, pace.Speed is not { } speed ? int.MaxValue : _first - 1 + (int)(time.GetElapsedTime(_begun).TotalSeconds * speed / BarTime.SecondsPerBar));

    /// <summary>How long until a slot later than one closes: no time if a tick took over the boundary; null if none will.</summary>
    private TimeSpan? UntilBehind(int slot)
    {
        TimeSpan until = BarTime.Close(slot + 1) - time.GetUtcNow();
        if (_pace is { } pace)
        {
            if (slot >= pace.Slots.To - 1)
            {
                log.LogInformation("Feed {Source}: played to its end, {Time:u}", _source.Name, BarTime.Open(pace.Slots.To));
                return null;
            }

            until = TimeSpan.FromSeconds((slot + 2 - _first) * (double)BarTime.SecondsPerBar / (pace.Speed ?? double.PositiveInfinity)) - time.GetElapsedTime(_begun);
        }

        return until > TimeSpan.FromMilliseconds(1) ? until : TimeSpan.FromMilliseconds(1);
    }
}
