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
        double[] sorted = Samples(work, samples);
        return (sorted[samples / 2], sorted[(int)Math.Ceiling(samples * 0.99) - 1]);
    }

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
