namespace Pnl.Grains;

/// <summary>
/// Limits how many calls run at once: up to a maximum while they are answered within a second, half as many after one that was not. After the
/// death of a silo many tokens have to be loaded; with fewer calls at once, other callers are still answered.
/// </summary>
/// <param name="max">The most calls at once.</param>
/// <param name="time">The clock.</param>
/// <remarks>Additive increase, multiplicative decrease: Chiu and Jain, Computer Networks and ISDN Systems 17 (1989), 1-14.</remarks>
internal sealed class ConcurrencyLimiter(int max, TimeProvider time)
{
    private const int Min = 4;

    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(1);

    private double _limit = max;
    private long? _decreasedAt;

    /// <summary>How many calls may run now.</summary>
    public int Limit => (int)_limit;

    /// <summary>Reports that a call has ended.</summary>
    /// <param name="startedAt">Its start, a timestamp of the clock.</param>
    public void Ended(long startedAt)
    {
        if (time.GetElapsedTime(startedAt) <= SlowAfter)
        {
            _limit = Math.Min(max, _limit + 1 / _limit);
        }
        else if (_decreasedAt is not { } decreased || time.GetElapsedTime(decreased) > SlowAfter / 2)
        {
            // Once in half a second: the calls that run already say nothing of the new limit.
            (_limit, _decreasedAt) = (Math.Max(Math.Min(Min, max), _limit / 2), time.GetTimestamp());
        }
    }
}
