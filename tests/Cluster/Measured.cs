using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Tests.Cluster;

/// <summary>What a silo measures from now on.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value)> _seen = [];

    public Measured(PnlCluster cluster)
    {
        IMeterFactory silo = cluster.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == silo && instrument.Meter.Name == "Pnl.Grains")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _seen.Enqueue((instrument.Name, value)));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _seen.Enqueue((instrument.Name, value)));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => _seen.Enqueue((instrument.Name, value)));
        _listener.Start();
    }

    /// <summary>Everything of an instrument so far.</summary>
    public double[] All(string instrument) => [.. _seen.Where(measured => measured.Name == instrument).Select(measured => measured.Value)];

    /// <summary>What a gauge says now.</summary>
    public double Now(string instrument)
    {
        _listener.RecordObservableInstruments();
        return All(instrument)[^1];
    }

    /// <summary>Waits until a gauge says something, which it has to be asked for.</summary>
    public async Task BecomesAsync(string instrument, double value)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience.Limit);
        while (Now(instrument) != value)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    public void Dispose() => _listener.Dispose();
}
