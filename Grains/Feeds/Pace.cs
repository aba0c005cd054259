namespace Pnl.Grains;

/// <summary>
/// How many calls are under way at once: all that may be while they are answered soon, half as many after one that was not. So
/// whoever waits is few where much has to be loaded anew, after the death of a silo, and others are answered meanwhile.
/// </summary>
/// <param name="most">How many at most.</param>
/// <param name="time">The clock.</param>
/// <remarks>Additive increase, multiplicative decrease: Chiu and Jain, Computer Networks and ISDN Systems 17 (1989), 1-14.</remarks>
internal sealed class Pace(int most, TimeProvider time)
{
    private const int Least = 4;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private double _atOnce = most;
    private long? _slowed;

    /// <summary>How many may be under way now.</summary>
    public int AtOnce => (int)_atOnce;

    /// <summary>A call has ended that began at a moment.</summary>
    public void Ended(long began)
    {
        if (time.GetElapsedTime(began) <= Soon)
        {
            _atOnce = Math.Min(most, _atOnce + 1 / _atOnce);
        }
        else if (_slowed is not { } slowed || time.GetElapsedTime(slowed) > Soon / 2)
        {
            (_atOnce, _slowed) = (Math.Max(Math.Min(Least, most), _atOnce / 2), time.GetTimestamp()); // those that are under way say nothing of what comes of it
        }
    }
}
