using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Clustering;

/// <summary>When a silo takes on no grain that would have to be loaded.</summary>
public sealed class StorageReachabilityTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_silo_whose_storage_has_not_answered_for_a_time_takes_on_nothing_until_it_does()
    {
        StorageReachability storage = new(_clock);
        _clock.Advance(TimeSpan.FromHours(1));
        storage.Check(); // on one machine nobody asks
        storage.Answered(_clock.GetTimestamp(), TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(3));
        storage.Check();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Throws<SiloUnavailableException>(storage.Check);
        storage.Answered(_clock.GetTimestamp(), TimeSpan.FromSeconds(3));
        storage.Check();
    }
}
