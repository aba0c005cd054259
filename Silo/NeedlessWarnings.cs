using Microsoft.Extensions.Options;

namespace Pnl.Silo;

/// <summary>
/// Leaves out what Orleans warns of at each start though all is well, so that whoever reads the log of a start finds in it only what he must look at.
/// <list type="bullet">
/// <item>That the collector is not the server's: it is not on purpose (Silo.csproj).</item>
/// <item>That a check has stood still for longer than this process has lived: the watchdog's thread may run before the time is set that it
/// counts from, and then counts from when the machine was started.</item>
/// <item>That a gateway finds no silo while it has only just started: those of a cluster that starts as a whole come after it.</item>
/// <item>That the reading of a partition was cancelled: so it is when another silo joins and takes the partition over. Any other end of it is told.</item>
/// </list>
/// </summary>
/// <param name="loggers">What is told all else.</param>
/// <param name="time">The clock.</param>
internal sealed class NeedlessWarnings(ILoggerFactory loggers, TimeProvider time) : ILoggerFactory
{
    private const string Silo = "Orleans.Runtime.Silo", Watchdog = "Orleans.Runtime.Watchdog", Gateways = "Orleans.Messaging.GatewayManager",
        Receiver = "Orleans.Streaming.EventHubs.EventHubAdapterReceiver", Streams = "Orleans.Streams.";

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(30);

    private readonly long _began = time.GetTimestamp(); // before any silo does

    /// <summary>Has all loggers leave them out.</summary>
    public static void LeaveOut(IServiceCollection services) => services.AddSingleton<ILoggerFactory>(provider => new NeedlessWarnings(
        new LoggerFactory(
            provider.GetServices<ILoggerProvider>(), provider.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(), provider.GetRequiredService<IOptions<LoggerFactoryOptions>>()),
        provider.GetRequiredService<TimeProvider>()));

    public ILogger CreateLogger(string categoryName) => categoryName switch
    {
        Silo => new Without(loggers.CreateLogger(categoryName), IsOfCollector),
        Watchdog => new Without(loggers.CreateLogger(categoryName), IsOfStillness),
        Gateways => new Without(loggers.CreateLogger(categoryName), IsOfEarlyGateway),
        Receiver => new Without(loggers.CreateLogger(categoryName), IsCancelled),
        _ when categoryName.StartsWith(Streams, StringComparison.Ordinal) => new Without(loggers.CreateLogger(categoryName), IsCancelled),
        _ => loggers.CreateLogger(categoryName),
    };

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose() => loggers.Dispose();

    private static bool IsOfCollector(LogLevel level, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception) => level == LogLevel.Warning && values.Any(value => value is
    {
        Key: "{OriginalFormat}",
        Value: string format,
    } && (format.StartsWith("Note: Silo not running with ServerGC", StringComparison.Ordinal) || format.StartsWith("Note: ServerGC only kicks in", StringComparison.Ordinal)));

    private bool IsOfStillness(LogLevel level, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception) =>
        level == LogLevel.Warning && values.Any(value => value is { Key: "TimeSinceLastTick", Value: TimeSpan still } && still > time.GetElapsedTime(_began));

    private bool IsOfEarlyGateway(LogLevel level, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception) => level == LogLevel.Warning && time.GetElapsedTime(_began) < Start
        && values.Any(value => value is { Key: "{OriginalFormat}", Value: string format } && format.StartsWith("Could not find any gateway", StringComparison.Ordinal));

    private static bool IsCancelled(LogLevel level, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception) =>
        exception is OperationCanceledException && values.Any(value => value is { Key: "{OriginalFormat}", Value: string format }
            && (format.StartsWith("Failed to read from EventHub partition", StringComparison.Ordinal) || format.StartsWith("Exception while retrying the", StringComparison.Ordinal)));

    private delegate bool Needless(LogLevel level, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception);

    private sealed class Without(ILogger logger, Needless isNeedless) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is not IReadOnlyList<KeyValuePair<string, object?>> values || !isNeedless(logLevel, values, exception))
            {
                logger.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
