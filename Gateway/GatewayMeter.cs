using System.Diagnostics.Metrics;

namespace Pnl.Gateway;

/// <summary>What the gateway measures beside the framework, which measures requests and how long they take by itself.</summary>
internal sealed class GatewayMeter
{
    private readonly Meter _meter;
    private readonly Counter<long> _refused, _requests;

    public GatewayMeter(IMeterFactory meters)
    {
        _meter = meters.Create("Pnl.Gateway");
        _refused = _meter.CreateCounter<long>("pnl.bars.refused", "{bar}", "Bars of requests that were refused one by one before they came to a token, by code");
        _requests = _meter.CreateCounter<long>("pnl.requests.refused", "{request}", "Requests, streams and connections that were refused or could not be answered now, by code");
        RequestRefused("requests.tooMany", 0);
        Refused("rate.zero", 0); // zero times, not unknown
    }

    /// <summary>Shows the number of listeners to streams.</summary>
    public void Listeners(Func<int> count) => _meter.CreateObservableGauge("pnl.stream.listeners", count, "{listener}", "Listeners to streams of server-sent events");

    /// <summary>A request was refused by a limit, or could not be answered now.</summary>
    public void RequestRefused(string code, int requests = 1) => _requests.Add(requests, new KeyValuePair<string, object?>("code", code));

    /// <summary>Bars of a request were refused.</summary>
    public void Refused(string code, int bars) => _refused.Add(bars, new KeyValuePair<string, object?>("code", code));
}
