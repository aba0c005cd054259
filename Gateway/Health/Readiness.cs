using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Pnl.Gateway;

/// <summary>
/// Whether this process answers, asked once for all who ask at about the same time: whoever asks shows no key, and each asking
/// costs calls and a write. It tells strangers what is wrong by words of ours, and no ids, paths or messages of exceptions.
/// </summary>
internal sealed class Readiness(HealthCheckService checks, IOptions<HealthCheckServiceOptions> registered, IHostApplicationLifetime host, TimeProvider time)
{
    public const string Tag = "ready";

    private static readonly TimeSpan HoldsReady = TimeSpan.FromSeconds(1), HoldsNotReady = TimeSpan.FromSeconds(0.2);

    private readonly Lock _lock = new();
    private Task<HealthReport>? _asked;
    private long _answered;

    public async Task AnswerAsync(HttpContext http)
    {
        string? passing = host.ApplicationStopping.IsCancellationRequested ? "ending" : !host.ApplicationStarted.IsCancellationRequested ? "the cluster is not reached yet" : null;
        HealthReport? report = passing is null ? await Ask().WaitAsync(http.RequestAborted) : null;
        bool isReady = report?.Status == HealthStatus.Healthy;
        http.Response.StatusCode = isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.CacheControl = "no-store, no-cache";
        if (!isReady)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        await http.Response.WriteAsJsonAsync(new
        {
            status = isReady ? "ready" : "notReady",
            checks = report?.Entries.ToDictionary(entry => entry.Key, entry => Told(entry.Value))
                ?? registered.Value.Registrations.Where(check => check.Tags.Contains(Tag)).ToDictionary(check => check.Name, _ => new CheckAnswer(passing!, new Dictionary<string, object>())),
        });
    }

    private Task<HealthReport> Ask()
    {
        lock (_lock)
        {
            bool holds = _asked is { IsCompleted: false }
                || (_asked is { IsCompletedSuccessfully: true, Result.Status: var status } && time.GetElapsedTime(_answered) < (status == HealthStatus.Healthy ? HoldsReady : HoldsNotReady));
            return holds ? _asked! : _asked = AskAsync();
        }
    }

    private async Task<HealthReport> AskAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // not within the lock
        HealthReport report = await checks.CheckHealthAsync(check => check.Tags.Contains(Tag), CancellationToken.None);
        Interlocked.Exchange(ref _answered, time.GetTimestamp());
        return report;
    }

    // A check that threw or took too long has no words of its own.
    private static CheckAnswer Told(HealthReportEntry entry) => new(
        entry.Exception is null && entry.Description is { } told && !told.StartsWith("A timeout occurred", StringComparison.Ordinal) ? told
        : entry.Exception is { } e && !Unavailability.Is(e) ? "fails; the log says why"
        : "does not answer",
        entry.Data);

    private sealed record CheckAnswer(string Detail, IReadOnlyDictionary<string, object> Data);
}
