using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Pnl.Grains;

namespace Pnl.Tests.Operations.Observation;

/// <summary>
/// What measuring costs a bar that comes by a stream:
/// <code>dotnet run -c Release --project tests/Operations -- -explicit only -class Pnl.Tests.Operations.Observation.MeterFigures -showLiveOutput</code>
/// </summary>
public sealed class MeterFigures
{
    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bar(bool collected)
    {
        const int Bars = 2_000_000;
        ServiceCollection services = new();
        services.AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<LiveTokens>().AddSingleton<PnlMeter>();
        if (collected)
        {
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Pnl.*").AddPrometheusExporter());
        }

        using ServiceProvider provider = services.BuildServiceProvider();
        _ = provider.GetService<MeterProvider>();
        PnlMeter meter = provider.GetRequiredService<PnlMeter>();
        HistoryChange change = new(TokenHistory.Empty, [], 1, 0, 0, true);
        void Measure()
        {
            for (int i = 0; i < Bars; i++)
            {
                long began = TimeProvider.System.GetTimestamp();
                meter.Written(began, durable: true, []);
                meter.Ingested(PnlMeter.ByStream, change, 0);
            }
        }

        Measure();
        long allocated = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        TimeSpan cpu = Process.GetCurrentProcess().UserProcessorTime;
        Measure();
        cpu = Process.GetCurrentProcess().UserProcessorTime - cpu;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"collected: {collected}; {seconds / Bars * 1e9:f0} ns a bar, {cpu.TotalSeconds / Bars * 1e9:f0} ns of processor time, {bytes / Bars:f1} bytes"));
    }
}
