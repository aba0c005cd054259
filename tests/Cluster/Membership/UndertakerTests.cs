using System.Net;
using Orleans.Runtime;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Membership;

/// <summary>When a silo of which others say that its process has ended is dead.</summary>
public sealed class UndertakerTests
{
    private static readonly DateTime Now = new(2026, 11, 28, 12, 0, 0, DateTimeKind.Utc);
    private static readonly SiloAddress Ended = Address(1), First = Address(2), Second = Address(3);

    [Fact]
    public void One_that_is_all_that_is_left_is_enough()
    {
        MembershipEntry entry = Active();
        Assert.True(Undertaker.Vote(entry, First, 1, Now));
        AssertDead(entry);
    }

    [Fact]
    public void It_takes_as_many_as_are_needed_and_nobody_counts_twice()
    {
        MembershipEntry entry = Active();
        Assert.False(Undertaker.Vote(entry, First, 2, Now));
        Assert.False(Undertaker.Vote(entry, First, 2, Now.AddSeconds(1)));
        Assert.Equal(SiloStatus.Active, entry.Status);
        Assert.True(Undertaker.Vote(entry, Second, 2, Now.AddSeconds(2)));
        AssertDead(entry);
    }

    [Fact]
    public void What_was_said_long_ago_does_not_count()
    {
        MembershipEntry entry = Active();
        Assert.False(Undertaker.Vote(entry, First, 2, Now));
        Assert.False(Undertaker.Vote(entry, Second, 2, Now.AddMinutes(1)));
        Assert.True(Undertaker.Vote(entry, First, 2, Now.AddMinutes(1)));
    }

    private static MembershipEntry Active() => new() { SiloAddress = Ended, Status = SiloStatus.Active };

    private static SiloAddress Address(int port) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 1);

    /// <summary>As if it had said so itself: of others' word alone Orleans would wait until its lease is over.</summary>
    private static void AssertDead(MembershipEntry entry)
    {
        Assert.Equal(SiloStatus.Dead, entry.Status);
        Assert.Contains(entry.SuspectTimes!, vote => vote.Item1.Equals(Ended));
    }
}
