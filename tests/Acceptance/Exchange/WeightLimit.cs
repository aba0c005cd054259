using System.Diagnostics;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>
/// A hard limit of weight in a sliding window: no window, wherever it begins, may see more. Whoever asks for more is
/// refused for as long as it takes; whoever goes on asking meanwhile is banned. Safe to use from several threads.
/// </summary>
internal sealed class WeightLimit(int allowed, TimeSpan window)
{
    /// <summary>Requests that are forgiven while the limit is reached: those that were on their way.</summary>
    private const int Forgiven = 100;

    private readonly Lock _lock = new();
    private readonly List<(long At, int Weight)> _taken = [];
    private long _closedUntil;
    private int _first, _used, _ignored;

    public int Allowed => allowed;

    public TimeSpan Window => window;

    /// <summary>Requests above the limit.</summary>
    public int Over { get; private set; }

    /// <summary>Requests of the banned.</summary>
    public int Banned { get; private set; }

    /// <summary>Takes a request, or refuses it.</summary>
    /// <param name="weight">What it weighs.</param>
    /// <param name="used">The weight used in the window that ends now.</param>
    /// <returns>The status to answer, 200, 429 or 418, and for how long the two last refuse.</returns>
    public (int Status, TimeSpan RetryAfter) Take(int weight, out int used)
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp(), since = now - Ticks(window);
            while (_first < _taken.Count && _taken[_first].At <= since)
            {
                _used -= _taken[_first++].Weight;
            }

            used = _used;
            if (now < _closedUntil || _used + weight > allowed)
            {
                Over++;
                bool bans = now < _closedUntil && ++_ignored > Forgiven;
                if (now >= _closedUntil)
                {
                    (_closedUntil, _ignored) = (now + Ticks(window), 0);
                }
                else if (bans)
                {
                    Banned++;
                    _closedUntil = now + Ticks(2 * window);
                }

                return (bans ? 418 : 429, Stopwatch.GetElapsedTime(now, _closedUntil));
            }

            _taken.Add((now, weight));
            used = _used += weight;
            return (200, default);
        }
    }

    /// <summary>
    /// The share of the allowed weight that was used between two moments: the mean, over windows that end at moments spread
    /// evenly between them, of the weight in each.
    /// </summary>
    public double UsedBetween(long from, long to)
    {
        (long At, int Weight)[] taken;
        lock (_lock)
        {
            taken = [.. _taken];
        }

        const int moments = 2000;
        double sum = 0;
        int first = 0, next = 0, used = 0;
        for (int i = 0; i < moments; i++)
        {
            long end = from + (long)((to - from) * (i + 0.5) / moments);
            for (; next < taken.Length && taken[next].At <= end; next++)
            {
                used += taken[next].Weight;
            }

            for (; first < next && taken[first].At <= end - Ticks(window); first++)
            {
                used -= taken[first].Weight;
            }

            sum += used;
        }

        return sum / moments / allowed;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
