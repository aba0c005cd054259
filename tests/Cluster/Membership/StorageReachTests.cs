using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Membership;

/// <summary>When a silo takes on no grain that would have to be loaded.</summary>
public sealed class StorageReachTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_silo_whose_storage_has_not_answered_for_a_time_takes_on_nothing_until_it_does()
    {
        StorageReach reach = new(_clock);
        _clock.Advance(TimeSpan.FromHours(1));
        reach.Check(); // on one machine nobody asks
        reach.Answered(_clock.GetTimestamp(), TimeSpan.FromSeconds(3));
        _clock.Advance(TimeSpan.FromSeconds(3));
        reach.Check();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Throws<SiloUnavailableException>(reach.Check);
        reach.Answered(_clock.GetTimestamp(), TimeSpan.FromSeconds(3));
        reach.Check();
    }
}
