using System.Diagnostics.Metrics;

namespace Pnl.Gateway;

/// <summary>What the gateway measures beside the framework, which measures requests and how long they take by itself.</summary>
internal sealed class GatewayMeter(IMeterFactory meters)
{
    private readonly Meter _meter = meters.Create("Pnl.Gateway");

    /// <summary>Shows the number of listeners to streams.</summary>
    public void Listeners(Func<int> count) => _meter.CreateObservableGauge("pnl.stream.listeners", count, "{listener}", "Listeners to streams of server-sent events");
}
