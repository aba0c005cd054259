using System.Buffers;
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
    IEnumerable<IRateSource> sources, ISegmentStore store, RateFeedOptions options, TimeProvider time, ILogger<RateFeedGrain> log)
    : Grain, IRateFeedGrain, IDisposable
{
    private const int TokensAtOnce = 32;
    private const int EventsAtOnce = 64;
    private const int TokensAPage = 1000;

    private readonly CancellationTokenSource _stopping = new();
    private IRateSource _source = null!;
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
            int upTo = BarTime.LastClosedSlot(time.GetUtcNow()) + 1;
            _tick = upTo - 1;
            _work = CatchUp(upTo, _stopping.Token);
            _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(UntilBehind(_tick), Timeout.InfiniteTimeSpan) { Interleave = true });
        }

        return Task.CompletedTask;
    }

    public Task<FeedProgress> GetProgress() => Task.FromResult(new FeedProgress(
        _phase, _done, _source.Tokens.Count, _bars, _phase == FeedPhase.Live && _tick > int.MinValue ? BarTime.Open(_tick) : null));

    /// <summary>Fetches for every token what it lacks before a slot.</summary>
    private async Task CatchUp(int upTo, CancellationToken cancellation)
    {
        try
        {
            Dictionary<string, int?> known = await LastSlots(cancellation);
            _next = new int[_source.Tokens.Count];
            Array.Fill(_next, upTo);
            _phase = _source.Tokens.All(token => known.ContainsKey(token.Id) || token.Registration.Listed >= BarTime.Open(upTo)) ? FeedPhase.CatchingUp : FeedPhase.Filling;
            log.LogInformation(
                "Feed {Source}: {Phase} {Tokens} tokens up to {Time:u}", _source.Name, _phase == FeedPhase.Filling ? "fetching the history of" : "catching up with", _source.Tokens.Count, BarTime.Open(upTo));
            int nextToken = 0;
            await Task.WhenAll(Enumerable.Range(0, TokensAtOnce).Select(async _ =>
            {
                while (nextToken < _source.Tokens.Count && !cancellation.IsCancellationRequested)
                {
                    int token = nextToken++;
                    await CatchUp(token, known, upTo, cancellation);
                    if (++_done % TokensAPage == 0)
                    {
                        log.LogInformation("Feed {Source}: {Done} of {Total} tokens, {Bars} bars", _source.Name, _done, _source.Tokens.Count, _bars);
                    }
                }
            }));
            _phase = FeedPhase.Live;
            log.LogInformation("Feed {Source}: live with {Tokens} tokens, {Bars} bars fetched", _source.Name, _source.Tokens.Count, _bars);

            // What closed meanwhile does not wait for the next boundary.
            _timer?.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogError(e, "Feed {Source} could not fetch what is missing; it starts anew", _source.Name);
            DeactivateOnIdle();
        }
    }

    private async Task CatchUp(int index, Dictionary<string, int?> known, int upTo, CancellationToken cancellation)
    {
        SourceToken token = _source.Tokens[index];
        ITokenGrain grain = GrainFactory.GetGrain<ITokenGrain>(token.Id);
        if (!known.TryGetValue(token.Id, out int? last))
        {
            if (token.Registration.Listed >= BarTime.Open(upTo))
            {
                return; // registered with its first bar
            }

            await Register(grain, token);
        }

        _registered.Add(index);

        int from = last + 1 ?? upTo - options.HistoryBars;
        if (from >= upTo)
        {
            return;
        }

        Bar[] bars = ArrayPool<Bar>.Shared.Rent(upTo - from);
        long[] times = ArrayPool<long>.Shared.Rent(upTo - from);
        decimal[] rates = ArrayPool<decimal>.Shared.Rent(upTo - from);
        int count = await _source.ReadAsync(index, new(from, upTo), bars, cancellation);
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
            });
        }

        _bars += count;
        ArrayPool<Bar>.Shared.Return(bars);
        ArrayPool<long>.Shared.Return(times);
        ArrayPool<decimal>.Shared.Return(rates);
    }

    private static Task<RegisterResult> Register(ITokenGrain grain, SourceToken token) => grain.Register(new()
    {
        Symbol = token.Registration.Symbol,
        Name = token.Registration.Name,
        Quote = token.Registration.Quote,
        Listed = token.Registration.Listed,
        Delisted = token.Registration.Delisted,
        Sources = new(token.Registration.Sources),
    });

    private async Task<Dictionary<string, int?>> LastSlots(CancellationToken cancellation)
    {
        Dictionary<string, int?> last = [];
        string? after = null;
        while (true)
        {
            IReadOnlyList<ListedToken> page = await store.ListAsync(null, after, TokensAPage, cancellation);
            foreach (ListedToken token in page)
            {
                last[token.Token] = token.LastSlot;
            }

            if (page.Count < TokensAPage)
            {
                return last;
            }

            after = page[^1].Token;
        }
    }

    /// <summary>Publishes every slot that has closed since the last tick: after a pause, all of them.</summary>
    private async Task Tick(CancellationToken cancellation)
    {
        int tried = BarTime.LastClosedSlot(time.GetUtcNow());
        try
        {
            if (_work.IsCompletedSuccessfully)
            {
                for (int slot = _tick + 1; slot <= (tried = BarTime.LastClosedSlot(time.GetUtcNow())); slot++)
                {
                    await Publish(slot, cancellation);
                    _tick = slot;
                }
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogError(e, "Feed {Source} could not publish; it tries again at the next boundary", _source.Name);
        }
        finally
        {
            _timer?.Change(UntilBehind(tried), Timeout.InfiniteTimeSpan);
        }
    }

    private async Task Publish(int slot, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        int nextToken = 0, published = 0;
        await Task.WhenAll(Enumerable.Range(0, EventsAtOnce).Select(async _ =>
        {
            Bar[] one = new Bar[1];
            while (nextToken < _source.Tokens.Count)
            {
                int token = nextToken++;
                if (await _source.ReadAsync(token, new(slot, slot + 1), one, cancellation) == 1)
                {
                    if (_registered.Add(token))
                    {
                        await Register(GrainFactory.GetGrain<ITokenGrain>(_source.Tokens[token].Id), _source.Tokens[token]);
                    }

                    RateEvent bar = new(BarTime.OpenSeconds(one[0].Slot), one[0].Rate, BarTime.OpenSeconds(Math.Min(_next[token], slot)));
                    await _streams.GetStream<RateEvent>(StreamId.Create(RateEvent.StreamNamespace, _source.Tokens[token].Id)).OnNextAsync(bar);
                    _next[token] = slot + 1;
                    published++;
                }
            }
        }));
        log.LogInformation(
            "Feed {Source}: published {Count} bars of {Time:u} in {Milliseconds:f0} ms", _source.Name, published, BarTime.Open(slot), time.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>How long until a slot later than one closes: no time if a tick took over the boundary.</summary>
    private TimeSpan UntilBehind(int slot)
    {
        TimeSpan until = BarTime.Close(slot + 1) - time.GetUtcNow();
        return until > TimeSpan.FromMilliseconds(1) ? until : TimeSpan.FromMilliseconds(1);
    }
}
