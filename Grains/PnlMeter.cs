using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Pnl.Grains;

/// <summary>
/// What the grains of a silo count and measure: by source, by stream or by outcome, never by token. How far a feed or a stream
/// has come is told as an instant and not as an age, so that what a silo last said of a stream that has moved elsewhere grows
/// old by itself: over all silos the latest instant is the true one. What is made of these names: ops/README.md.
/// </summary>
internal sealed class PnlMeter
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Pnl.Grains";

    /// <summary>How bars came: by a call of somebody (the feed's when it catches up), with history, or by a stream.</summary>
    public const string ByCall = "call", ByHistory = "history", ByStream = "stream";

    private static readonly string[] Ways = [ByCall, ByHistory, ByStream], Outcomes = ["accepted", "corrected", "unchanged", "rejected"];

    private readonly TimeProvider _time;
    private readonly LiveTokens _tokens;
    private readonly Counter<long> _ingested, _handed, _putAside, _feedFailures, _segments, _segmentBytes, _backfilled;
    private readonly Histogram<double> _feedLag, _streamLag, _write;
    private readonly ConcurrentDictionary<string, long> _feeds = new(StringComparer.Ordinal), _streams = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Source, string Kind), ConcurrentDictionary<string, BackfillState>> _backfills = [];
    private int _gaps;

    public PnlMeter(IMeterFactory meters, LiveTokens tokens, TimeProvider time)
    {
        (_tokens, _time) = (tokens, time);
        Meter meter = meters.Create(Name);
        _ingested = meter.CreateCounter<long>("pnl.bars.ingested", "{bar}", "Bars that came to their tokens, by the way that they came and what became of them");
        _handed = meter.CreateCounter<long>("pnl.stream.bars", "{bar}", "Bars of a stream of many tokens that were handed to their tokens");
        _putAside = meter.CreateCounter<long>("pnl.bars.put_aside", "{event}", "Bars or whole events that could not be taken, kept as dead letters");
        _feedFailures = meter.CreateCounter<long>("pnl.feed.failures", "{failure}", "Times that a feed could not publish or fetch, and tried again later");
        _segments = meter.CreateCounter<long>("pnl.segments.written", "{segment}", "Sealed months written to the store");
        _segmentBytes = meter.CreateCounter<long>("pnl.segments.written.size", "By", "Bytes of them");
        _backfilled = meter.CreateCounter<long>("pnl.backfill.bars", "{bar}", "Bars that backfills have landed");
        _feedLag = Seconds(meter, "pnl.feed.lag", "From the close of a bar until a live feed has published those of all tokens");
        _streamLag = Seconds(meter, "pnl.stream.lag", "From the close of the newest bar of a stream's event until all of the event's bars are durable");
        _write = Seconds(meter, "pnl.store.write.duration", "From handing a token's change to the store until it is durable, or is refused");
        meter.CreateObservableGauge("pnl.feed.watermark.timestamp", () => Instants(_feeds, "source"), "s", "Close of the newest bar that a live feed has published, in Unix seconds");
        meter.CreateObservableGauge("pnl.stream.watermark.timestamp", () => Instants(_streams, "stream"), "s", "Close of the newest bar of a stream that is durable, in Unix seconds");
        meter.CreateObservableGauge("pnl.tokens", Tokens, "{token}", "Tokens whose grains live in this silo, by how fresh their rate is");
        meter.CreateObservableGauge("pnl.gaps.open", () => Volatile.Read(ref _gaps), "{token}", "Tokens of this silo that know of a hole of late and try to close it");
        meter.CreateObservableGauge("pnl.backfill.tokens", Backfills, "{token}", "Tokens of the backfills that run in this silo, by how far they are");

        // What has not happened yet is zero times, not unknown: a rate of it can be told from the first time on.
        foreach (string way in Ways)
        {
            foreach (string outcome in Outcomes)
            {
                _ingested.Add(0, Tag("way", way), Tag("outcome", outcome));
            }
        }

        _putAside.Add(0, Tag("reason", "token.unknown"));
        _segments.Add(0);
        _segmentBytes.Add(0);
    }

    /// <summary>Bars came to a token.</summary>
    public void Ingested(string way, HistoryChange change, int rejected)
    {
        Ingested(way, Outcomes[0], change.Accepted);
        Ingested(way, Outcomes[1], change.Corrected);
        Ingested(way, Outcomes[2], change.Unchanged);
        Ingested(way, Outcomes[3], rejected);
    }

    /// <summary>A stream's event was handed to its tokens, whose newest bar opens at an instant in Unix seconds.</summary>
    public void Handed(string stream, int bars, long newest)
    {
        long close = newest + BarTime.SecondsPerBar;
        _handed.Add(bars, Tag("stream", stream));
        _streamLag.Record(Since(close), Tag("stream", stream));
        _streams.AddOrUpdate(stream, static (_, now) => now, static (_, before, now) => Math.Max(before, now), close);
    }

    /// <summary>Something of a stream was put aside.</summary>
    public void PutAside(string reason) => _putAside.Add(1, Tag("reason", reason));

    /// <summary>A live feed begins, which may fail.</summary>
    public void FeedBegins(string source) => _feedFailures.Add(0, Tag("source", source));

    /// <summary>A live feed has come as far as to a slot.</summary>
    public void Reached(string source, int slot) => _feeds[source] = BarTime.CloseSeconds(slot);

    /// <summary>A live feed has published the bars of a slot.</summary>
    public void Published(string source, int slot)
    {
        _feedLag.Record(Since(BarTime.CloseSeconds(slot)), Tag("source", source));
        Reached(source, slot);
    }

    /// <summary>A feed failed, and will try again.</summary>
    public void FeedFailed(string source) => _feedFailures.Add(1, Tag("source", source));

    /// <summary>A token's change is durable, or was not taken.</summary>
    public void Written(long began, bool durable, IReadOnlyList<SealedMonth> months)
    {
        _write.Record(_time.GetElapsedTime(began).TotalSeconds, Tag("outcome", durable ? "durable" : "failed"));
        if (durable && months.Count > 0)
        {
            _segments.Add(months.Count);
            _segmentBytes.Add(months.Sum(month => (long)month.Segment.Bytes.Length));
        }
    }

    /// <summary>A token of this silo knows of a hole.</summary>
    public void GapOpened() => Interlocked.Increment(ref _gaps);

    /// <summary>It is closed, or the token goes.</summary>
    public void GapClosed() => Interlocked.Decrement(ref _gaps);

    /// <summary>A backfill runs in this silo from now on.</summary>
    public void Follow(string id, BackfillState state)
    {
        BackfillRequest request = state.Request!;
        _backfilled.Add(0, Tag("source", request.Source), Tag("kind", request.Kind.ToString()));
        _backfills.GetOrAdd((request.Source, request.Kind.ToString()), _ => new(StringComparer.Ordinal))[id] = state;
    }

    /// <summary>And no longer.</summary>
    public void Leave(string id, BackfillState state) => _backfills[(state.Request!.Source, state.Request.Kind.ToString())].TryRemove(id, out _);

    /// <summary>A backfill has landed bars.</summary>
    public void Landed(BackfillRequest request, long bars) => _backfilled.Add(bars, Tag("source", request.Source), Tag("kind", request.Kind.ToString()));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static Histogram<double> Seconds(Meter meter, string name, string what) => meter.CreateHistogram(
        name, "s", what, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900] });

    private static IEnumerable<Measurement<long>> Instants(ConcurrentDictionary<string, long> known, string tag) =>
        known.Select(pair => new Measurement<long>(pair.Value, Tag(tag, pair.Key)));

    private void Ingested(string way, string outcome, int bars)
    {
        if (bars > 0)
        {
            _ingested.Add(bars, Tag("way", way), Tag("outcome", outcome));
        }
    }

    private double Since(long unixSeconds) => Math.Max(0, (_time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(unixSeconds)).TotalSeconds);

    private IEnumerable<Measurement<long>> Tokens() => _tokens.Count(_time.GetUtcNow()).Select(pair => new Measurement<long>(pair.Tokens, Tag("state", pair.State)));

    private IEnumerable<Measurement<long>> Backfills()
    {
        foreach (((string source, string kind), ConcurrentDictionary<string, BackfillState> running) in _backfills)
        {
            (int done, int failed, int total) = (0, 0, 0);
            foreach (BackfillState state in running.Values)
            {
                (done, failed, total) = (done + state.TokensDone, failed + state.TokensFailed, total + state.TokensTotal);
            }

            foreach ((string name, int tokens) in new[] { ("done", done), ("failed", failed), ("remaining", Math.Max(0, total - done - failed)) })
            {
                yield return new(tokens, Tag("source", source), Tag("kind", kind), Tag("state", name));
            }
        }
    }
}
