namespace Pnl.Silo;

/// <summary>
/// The threads of the thread pool, all started while the process can. The runtime opens a pipe to start a thread; when there are no
/// descriptors left it cannot, and the pool, which asked for one more, ends the process ("Out of memory.", SIGABRT). So the pool has as
/// many threads as it may ever have from the start, and they do not end when they have nothing to do
/// (<c>System.Threading.ThreadPool.ThreadsToKeepAlive</c> of the project file). How many work at once the pool decides as before.
/// </summary>
internal static class PoolThreads
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>How many there are, and may be: far more than ever work at once, since nothing on them waits for a thread.</summary>
    public static int Count => Math.Max(64, 4 * Environment.ProcessorCount);

    /// <summary>Starts them, and lets the pool have no more.</summary>
    public static void StartAll()
    {
        ThreadPool.GetMinThreads(out int least, out int ports);
        ThreadPool.GetMaxThreads(out _, out int mostPorts);
        int count = Math.Max(Count, least);
        ThreadPool.SetMinThreads(count, ports);
        int others = count - (Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
        // Left to the collector: if a thread is busy with something else for so long, some of these end after this has.
        CountdownEvent started = new(others);
        ManualResetEventSlim all = new();
        for (int i = 0; i < others; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    started.Signal();
                    all.Wait();
                },
                null);
        }

        started.Wait(Limit);
        all.Set();
        ThreadPool.SetMinThreads(least, ports);

        // The pool would let all of them work at once until it finds, after a long time, that fewer are enough; a restart then took twice
        // the processor time. A lower maximum makes it begin with few. It ends no thread.
        ThreadPool.SetMaxThreads(least, mostPorts);
        ThreadPool.SetMaxThreads(count, mostPorts);
    }
}
