using System.Diagnostics.Metrics;

namespace Pnl.Grains;

/// <summary>Counts what comes by the streams of many tokens.</summary>
internal sealed class RateStreamMeter
{
    private readonly Counter<long> _bars, _putAside;

    public RateStreamMeter(IMeterFactory meters)
    {
        Meter meter = meters.Create("Pnl.Streams");
        _bars = meter.CreateCounter<long>("pnl.stream.bars", "{bar}", "Bars handed to their tokens");
        _putAside = meter.CreateCounter<long>("pnl.stream.put_aside", "{event}", "Bars or whole events that could not be taken, kept as dead letters");
    }

    public void Handed(string stream, int bars) => _bars.Add(bars, new KeyValuePair<string, object?>("stream", stream));

    public void PutAside(string stream, string reason) =>
        _putAside.Add(1, new KeyValuePair<string, object?>("stream", stream), new KeyValuePair<string, object?>("reason", reason));
}
