using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Whether this silo reaches the cluster's storage. A silo that does not refuses to load grains, at once: each load would wait half a minute
/// in vain, and be placed here again because this silo has so little to do. The next attempt is placed on another silo.
/// </summary>
internal sealed class StorageReachability(TimeProvider time)
{
    private long _until = long.MaxValue; // in a process of its own nobody reports, and it is always reachable

    /// <summary>Reports that the storage answered a request of the time <paramref name="asked"/>: it counts as reachable for <paramref name="validFor"/> from then.</summary>
    public void Answered(long asked, TimeSpan validFor) => Interlocked.Exchange(ref _until, asked + (long)(validFor.TotalSeconds * time.TimestampFrequency));

    /// <exception cref="SiloUnavailableException">The storage has not answered for too long.</exception>
    public void Check()
    {
        if (time.GetTimestamp() > Interlocked.Read(ref _until))
        {
            throw new SiloUnavailableException("this silo does not reach the storage");
        }
    }
}
