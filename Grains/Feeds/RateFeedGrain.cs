using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Plays a source into the system: fetches what its tokens lack (<see cref="FeedCatchUp"/>), then publishes each slot
/// (<see cref="RatePublisher"/>) when it is due (<see cref="FeedClock"/>).
/// </summary>
[GrainType("rate-feed")]
[Reentrant] // progress is asked while history is fetched
internal sealed class RateFeedGrain(
    IEnumerable<IRateSource> sources, ISegmentStore store, RateFeedOptions options, PnlMeter meter, TimeProvider time, ILogger<RateFeedGrain> log)
    : Grain, IRateFeedGrain, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private IRateSource _source = null!;
    private IReadOnlyList<SourceToken> _tokens = [];
    private FeedClock _clock = null!;
    private FeedRegistration _registration = null!;
    private FeedCatchUp? _catchUp;
    private RatePublisher _publisher = null!;
    private long _begun; // when it began to publish
    private FeedPhase _phase = FeedPhase.Idle;
    private int _tick = int.MinValue; // the last slot published
    private Task _work = Task.CompletedTask;
    private IGrainTimer? _timer;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string name = this.GetPrimaryKeyString();
        _source = sources.FirstOrDefault(source => source.Name == name) ?? throw new ArgumentException($"there is no source '{name}'");
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
        _phase, _catchUp?.Done ?? 0, _tokens.Count, _catchUp?.Bars ?? 0, _phase == FeedPhase.Live && _tick > int.MinValue ? BarTime.Open(_tick) : null));

    private async Task Begin(CancellationToken cancellation)
    {
        try
        {
            _tokens = await _source.ListAsync(cancellation);
            Dictionary<string, int?> known = await LastSlots(cancellation);
            _clock = FeedClock.Of(_source.Pace, _tokens.Select(token => known.GetValueOrDefault(token.Id) ?? -1).DefaultIfEmpty(-1).Max());
            _registration = new(_source.Name, _tokens, GrainFactory, log);
            _catchUp = new(_source, _tokens, _clock.IsLive && _source.HasHistory ? options.HistoryBars : 0, _registration, store, options, GrainFactory, log);
            await CatchUp(_catchUp, _clock.Begin(time.GetUtcNow()), known, cancellation);

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
    private async Task CatchUp(FeedCatchUp catchUp, int upTo, Dictionary<string, int?> known, CancellationToken cancellation)
    {
        _publisher = new(_source.Name, _tokens, upTo, this.GetStreamProvider(RateEvent.StreamProvider), GrainFactory);
        _phase = catchUp.KnowsAll(upTo, known) ? FeedPhase.CatchingUp : FeedPhase.Filling;
        log.LogInformation(
            "Feed {Source}: {Phase} {Tokens} tokens up to {Time:u}", _source.Name, _phase == FeedPhase.Filling ? "fetching the history of" : "catching up with", _tokens.Count, BarTime.Open(upTo));
        await catchUp.RunAsync(upTo, known, cancellation);
        (_tick, _phase) = (upTo - 1, FeedPhase.Live);
        if (_clock.IsLive)
        {
            meter.Reached(_source.Name, _tick);
        }

        log.LogInformation("Feed {Source}: live with {Tokens} tokens, {Bars} bars fetched", _source.Name, _tokens.Count, catchUp.Bars);
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
                if (_clock.MissedMuch(_tick, tried))
                {
                    await CatchUp(_catchUp!, tried + 1, await LastSlots(cancellation), cancellation);
                }

                for (int slot = _tick + 1; slot <= (tried = LastClosed()) && !cancellation.IsCancellationRequested; slot++)
                {
                    await Publish(slot, cancellation);
                    _tick = slot;
                    if (_clock.IsLive)
                    {
                        meter.Published(_source.Name, slot);
                    }
                    else if (_clock.ToBeTaken(slot) is { } earlier)
                    {
                        await _publisher.WhenTakenAsync(earlier);
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
            if (!cancellation.IsCancellationRequested)
            {
                WaitForNext(tried);
            }
        }
    }

    private async Task Publish(int slot, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        List<(int Token, decimal Rate)> rates = [];
        Bar[] one = new Bar[1];
        for (int token = 0; token < _tokens.Count; token++)
        {
            if (await _source.ReadAsync(_tokens[token], new(slot, slot + 1), one, cancellation) == 1)
            {
                if (!_registration.Has(token))
                {
                    await _registration.RegisterAsync(token);
                }

                rates.Add((token, one[0].Rate));
            }
        }

        await _publisher.PublishAsync(slot, rates);
        log.Log(
            _clock.IsLive ? LogLevel.Information : LogLevel.Debug,
            "Feed {Source}: published {Count} bars of {Time:u} in {Milliseconds:f0} ms", _source.Name, rates.Count, BarTime.Open(slot), time.GetElapsedTime(began).TotalMilliseconds);
    }

    private int LastClosed() => _clock.LastClosed(time.GetUtcNow(), time.GetElapsedTime(_begun));

    /// <summary>Ticks again when the slot behind one closes, if there is one: at once if a tick took over the boundary.</summary>
    private void WaitForNext(int slot)
    {
        if (_clock.UntilNext(slot, time.GetUtcNow(), time.GetElapsedTime(_begun)) is { } wait)
        {
            _timer?.Change(wait, Timeout.InfiniteTimeSpan);
        }
        else
        {
            log.LogInformation("Feed {Source}: played to its end, {Time:u}", _source.Name, BarTime.Open(slot + 1));
        }
    }
}
