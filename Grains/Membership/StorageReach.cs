using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Whether this silo reaches the storage of a cluster. One that does not, while others may, takes on no grain that would have
/// to be loaded: each would be waited for in vain for half a minute, and placed here again, where there is so little to do.
/// Refused at once, the next try finds another silo soon.
/// </summary>
internal sealed class StorageReach(TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private long _answered; // when it was asked what it answered last; zero where nobody asks

    /// <summary>The storage has answered what it was asked at a moment.</summary>
    public void Answered(long asked) => Interlocked.Exchange(ref _answered, asked);

    /// <exception cref="SiloUnavailableException">It has not answered for some seconds.</exception>
    public void Check()
    {
        if (Interlocked.Read(ref _answered) is var answered and not 0 && time.GetElapsedTime(answered) > Patience)
        {
            throw new SiloUnavailableException("this silo does not reach the storage");
        }
    }
}
