using System.Diagnostics;

namespace Pnl.Bench.Reporting;

/// <summary>Times work after a warm-up that lets the JIT finish its tiers.</summary>
internal static class Timing
{
    private static readonly TimeSpan LeastWarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Median seconds of a run of the work.</summary>
    public static double Median(Action work, int runs = 5)
    {
        WarmUp(work);
        return Samples(work, runs)[runs / 2];
    }

    /// <summary>Median and 99th percentile in seconds.</summary>
    public static (double P50, double P99) Percentiles(Action work, int samples = 50)
    {
        WarmUp(work);
        return At(Samples(work, samples));
    }

    /// <summary>Median and 99th percentile in seconds of work that waits.</summary>
    /// <param name="work">What is timed.</param>
    /// <param name="samples">How often.</param>
    /// <param name="before">What comes before each time, not timed.</param>
    public static async Task<(double P50, double P99)> PercentilesAsync(Func<Task> work, int samples, Func<Task>? before = null)
    {
        long warmUp = Stopwatch.GetTimestamp();
        double[] seconds = new double[samples];
        for (int i = -1; i < samples; i++)
        {
            if (before is not null)
            {
                await before();
            }

            long start = Stopwatch.GetTimestamp();
            await work();
            if (i >= 0)
            {
                seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            else if (Stopwatch.GetElapsedTime(warmUp) < LeastWarmUp)
            {
                i--;
            }
        }

        Array.Sort(seconds);
        return At(seconds);
    }

    /// <summary>Median and 99th percentile of sorted samples.</summary>
    public static (double P50, double P99) At(double[] sorted) => (sorted[sorted.Length / 2], sorted[(int)Math.Ceiling(sorted.Length * 0.99) - 1]);

    /// <summary>Bytes that this thread allocates in a run of the work, after the warm-up of a measurement.</summary>
    public static long Allocated(Action work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void WarmUp(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            work();
        }
        while (Stopwatch.GetElapsedTime(start) < LeastWarmUp);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static double[] Samples(Action work, int count)
    {
        double[] seconds = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds;
    }
}
