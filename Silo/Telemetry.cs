using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Hosting;

namespace Pnl.Silo;

/// <summary>
/// What a process lets see of itself: its meters as Prometheus asks for them, and where a collector is set meters, traces and
/// logs by OTLP. The SDK's own variables (<c>OTEL_…</c>) hold, in the environment or among the settings.
/// </summary>
internal static class Telemetry
{
    private const string Path = "/metrics", Collector = "OTEL_EXPORTER_OTLP_ENDPOINT", Sampler = "OTEL_TRACES_SAMPLER";

    // A tick is ten thousand calls: of traces that nobody else began, as many are kept as can be looked at.
    private const double Sampled = 0.01;

    /// <summary>Adds meters and exporters.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder, PnlSettings settings)
    {
        if (settings.Otlp is { } otlp)
        {
            builder.Configuration[Collector] = otlp.OriginalString;
        }

        if (settings.MetricsPort is { } port)
        {
            HttpAddresses.AlsoListen(builder, port);
        }

        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService($"orleans-pnl-{settings.Role.ToString().ToLower(CultureInfo.InvariantCulture)}", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString())
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter("Pnl.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddPrometheusExporter(prometheus => (prometheus.ScopeInfoEnabled, prometheus.ScrapeResponseCacheDurationMilliseconds) = (false, 0)));
        if (string.IsNullOrEmpty(builder.Configuration[Collector]))
        {
            return;
        }

        telemetry
            .WithTracing(traces =>
            {
                traces.AddSource("Microsoft.Orleans.*", "Microsoft.AspNetCore", "System.Net.Http", "Azure.*");
                if (string.IsNullOrEmpty(builder.Configuration[Sampler]))
                {
                    traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(Sampled)));
                }
            })
            .WithLogging(null, logs => logs.IncludeFormattedMessage = true)
            .UseOtlpExporter();
        if (settings.Role == Role.Silo)
        {
            builder.UseOrleans(silo => silo.AddActivityPropagation());
        }
        else
        {
            builder.UseOrleansClient(client => client.AddActivityPropagation());
        }
    }

    /// <summary>Answers Prometheus: on a port of its own if there is one, else beside the API, but never beside that of a cluster.</summary>
    public static void UseTelemetry(this WebApplication app, PnlSettings settings)
    {
        _ = app.Services.GetService<MeterProvider>(); // listens before the first meter counts
        if (settings.MetricsPort is { } port)
        {
            // By the connection, not by the header Host, which is whatever a client says.
            app.UseOpenTelemetryPrometheusScrapingEndpoint(http => http.Request.Path == Path && http.Connection.LocalPort == port);
        }
        else if (settings.Profile == Profile.Local)
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(http => http.Request.Path == Path);
        }
    }
}
