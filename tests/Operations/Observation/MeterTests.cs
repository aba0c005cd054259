using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Pnl.Grains;

namespace Pnl.Tests.Operations.Observation;

/// <summary>What is measured, against a clock that stands still.</summary>
public sealed class MeterTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Noon);
    private readonly List<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = [];
    private readonly MeterListener _listener = new();
    private readonly ServiceProvider _services;
    private readonly PnlMeter _meter;

    public MeterTests()
    {
        _services = new ServiceCollection().AddMetrics().AddSingleton<TimeProvider>(_clock).AddSingleton<LiveTokens>().AddSingleton<PnlMeter>().BuildServiceProvider();
        IMeterFactory factory = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Add((instrument.Name, value, new(tags.ToArray()))));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Add((instrument.Name, value, new(tags.ToArray()))));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => _measured.Add((instrument.Name, value, new(tags.ToArray()))));
        _listener.Start();
        _meter = _services.GetRequiredService<PnlMeter>();
        _measured.Clear();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void A_feeds_lag_is_from_the_close_of_the_bar_until_it_is_published()
    {
        int slot = BarTime.LastClosedSlot(Noon);
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        _meter.Published("kraken", slot);
        Assert.Equal(("pnl.feed.lag", 1.5), (Assert.Single(_measured).Name, _measured[0].Value));
        Assert.Equal("kraken", _measured[0].Tags["source"]);
        Assert.Equal(Noon.ToUnixTimeSeconds(), Assert.Single(Observed("pnl.feed.watermark.timestamp")).Value);
    }

    [Fact]
    public void A_streams_watermark_does_not_go_back()
    {
        long open = Noon.AddMinutes(-10).ToUnixTimeSeconds();
        _meter.Handed("3", 7, open);
        _meter.Handed("3", 2, open - 3000);
        Assert.Equal([300, 3300], _measured.Where(m => m.Name == "pnl.stream.lag").Select(m => m.Value));
        Assert.Equal(9, _measured.Where(m => m.Name == "pnl.stream.bars").Sum(m => m.Value));
        Assert.Equal(open + 300, Assert.Single(Observed("pnl.stream.watermark.timestamp")).Value);
    }

    [Fact]
    public void Tokens_are_fresh_stale_empty_or_delisted()
    {
        LiveTokens tokens = _services.GetRequiredService<LiveTokens>();
        int last = BarTime.LastClosedSlot(Noon);
        void Put(string id, Bar? bar, DateTimeOffset? delisted = null) => tokens.Put(id, new("usd", 1, bar, RateChanges.Since(0), 900, delisted));
        Put("a", new(last, 1));
        Put("b", new(last - 3, 1)); // 900 s: not yet
        Put("c", new(last - 4, 1));
        Put("d", null);
        Put("e", new(last - 4, 1), Noon);
        Put("f", new(last, 1), Noon.AddSeconds(1));
        Assert.Equal(
            new() { ["fresh"] = 3, ["stale"] = 1, ["empty"] = 1, ["delisted"] = 1 },
            Observed("pnl.tokens").ToDictionary(m => (string)m.Tags["state"]!, m => m.Value));
    }

    [Fact]
    public void Backfills_of_a_source_add_up_and_are_none_when_they_end()
    {
        BackfillState State(int total, int done, int failed) => new()
        {
            Request = new() { Source = "okx", Tokens = [] }, TokensTotal = total, TokensDone = done, TokensFailed = failed,
        };
        (BackfillState one, BackfillState two) = (State(10, 3, 1), State(5, 5, 0));
        _meter.Follow("1", one);
        _meter.Follow("2", two);
        Dictionary<string, double> Seen() => Observed("pnl.backfill.tokens").ToDictionary(m => (string)m.Tags["state"]!, m => m.Value);
        Assert.Equal(new() { ["done"] = 8, ["failed"] = 1, ["remaining"] = 6 }, Seen());
        one.TokensDone++;
        Assert.Equal(5, Seen()["remaining"]);
        _meter.Leave("1", one);
        _meter.Leave("2", two);
        Assert.Equal(new() { ["done"] = 0, ["failed"] = 0, ["remaining"] = 0 }, Seen());
    }

    private List<(string Name, double Value, Dictionary<string, object?> Tags)> Observed(string name)
    {
        int before = _measured.Count;
        _listener.RecordObservableInstruments();
        return [.. _measured.Skip(before).Where(m => m.Name == name)];
    }
}
