using Microsoft.Extensions.DependencyInjection;
using Orleans.Reminders;
using Orleans.Runtime;
using Orleans.Streams;

namespace Pnl.Client.Testing;

/// <summary>Which clock each part of Orleans goes by, where that of the test stands still.</summary>
internal static class OrleansClocks
{
    private static readonly string[] Real =
    [
        TimeProviderNames.Messaging, TimeProviderNames.SystemTimers, TimeProviderNames.Membership, TimeProviderNames.ActivationManagement,
        TimeProviderNames.GrainDirectory, StreamingTimeProviderNames.Streaming,
    ];

    /// <summary>Gives the parts of Orleans the real clock, where it would take the test's.</summary>
    public static void KeepOrleansOnRealTime(this IServiceCollection services)
    {
        foreach (string area in Real)
        {
            services.AddKeyedSingleton(area, TimeProvider.System);
        }
    }
}
