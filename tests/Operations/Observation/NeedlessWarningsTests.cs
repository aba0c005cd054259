using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Pnl.Silo;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Operations.Observation;

/// <summary>What a start warns of.</summary>
public sealed class NeedlessWarningsTests
{
    private const string Still = "Participant check thread has not completed for {TimeSinceLastTick}";

    [Fact]
    public async Task A_start_does_not_warn_of_the_collector_that_it_was_given()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.StartAsync(folder);
        Assert.DoesNotContain("ServerGC", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_fine_at_a_start_is_not_told_and_all_else_is()
    {
        FakeTimeProvider time = new();
        Told told = new();
        ServiceCollection services = new();
        services.AddLogging(logging => logging.AddProvider(told));
        services.AddSingleton<TimeProvider>(time);
        NeedlessWarnings.LeaveOut(services);
        using ServiceProvider provider = services.BuildServiceProvider();
        ILoggerFactory loggers = provider.GetRequiredService<ILoggerFactory>();
        ILogger watchdog = loggers.CreateLogger("Orleans.Runtime.Watchdog"), silo = loggers.CreateLogger("Orleans.Runtime.Silo"), other = loggers.CreateLogger("Orleans.Other");
        ILogger receiver = loggers.CreateLogger("Orleans.Streaming.EventHubs.EventHubAdapterReceiver"), agent = loggers.CreateLogger("Orleans.Streams.rates");
        ILogger gateways = loggers.CreateLogger("Orleans.Messaging.GatewayManager");

        time.Advance(TimeSpan.FromSeconds(3));
        watchdog.LogWarning(Still, TimeSpan.FromSeconds(29)); // since the machine was started
        watchdog.LogWarning(Still, TimeSpan.FromSeconds(2.5));
        watchdog.LogWarning("1 of 2 components reported issues");
        silo.LogWarning("Note: Silo not running with ServerGC turned on - recommend checking app config");
        silo.LogWarning("Note: ServerGC only kicks in on multi-core systems");
        silo.LogError("Note: ServerGC only kicks in on multi-core systems");
        silo.LogWarning("Silo failed to stop");
        other.LogWarning("Note: ServerGC only kicks in on multi-core systems");
        gateways.LogWarning("Could not find any gateway in the table");
        gateways.LogWarning("The table cannot be read");
        receiver.LogWarning(new TaskCanceledException(), "Failed to read from EventHub partition {Partition}", "rates-4"); // another silo has it now
        receiver.LogWarning(new TimeoutException(), "Failed to read from EventHub partition {Partition}", "rates-5");
        agent.LogError(new OperationCanceledException(), "Exception while retrying the {Attempt}th time reading from queue {Queue}", 0, "rates-4");
        agent.LogError(new TimeoutException(), "Exception while retrying the {Attempt}th time reading from queue {Queue}", 0, "rates-5");
        agent.LogError(new OperationCanceledException(), "Another failure");
        time.Advance(TimeSpan.FromMinutes(1));
        gateways.LogWarning("Could not find any gateway in the table");
        watchdog.LogWarning(Still, TimeSpan.FromSeconds(29));

        Assert.Equal(
            [
                "Participant check thread has not completed for 00:00:02.5000000",
                "1 of 2 components reported issues",
                "Note: ServerGC only kicks in on multi-core systems",
                "Silo failed to stop",
                "Note: ServerGC only kicks in on multi-core systems",
                "The table cannot be read",
                "Failed to read from EventHub partition rates-5",
                "Exception while retrying the 0th time reading from queue rates-5",
                "Another failure",
                "Could not find any gateway in the table",
                "Participant check thread has not completed for 00:00:29",
            ],
            told.Lines);
    }

    private sealed class Told : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
