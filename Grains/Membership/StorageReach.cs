using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Whether this silo reaches the storage of a cluster. One that does not, while others may, takes on no grain that would have
/// to be loaded: each would be waited for in vain for half a minute, and placed here again, where there is so little to do.
/// Refused at once, the next try finds another silo soon.
/// </summary>
internal sealed class StorageReach(TimeProvider time)
{
    private long _until = long.MaxValue; // where nobody asks, for ever

    /// <summary>The storage has answered what it was asked at a moment, and is taken to be in reach for some time from that.</summary>
    public void Answered(long asked, TimeSpan holds) => Interlocked.Exchange(ref _until, asked + (long)(holds.TotalSeconds * time.TimestampFrequency));

    /// <exception cref="SiloUnavailableException">It has not answered for too long.</exception>
    public void Check()
    {
        if (time.GetTimestamp() > Interlocked.Read(ref _until))
        {
            throw new SiloUnavailableException("this silo does not reach the storage");
        }
    }
}
