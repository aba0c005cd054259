using System.Collections.Concurrent;

namespace Pnl.Grains;

/// <summary>Lets other work of the thread pool run first.</summary>
internal static class FairYield
{
    /// <summary>
    /// Completes after the work that waits for a thread now.
    /// <para>
    /// The thread pool has one queue that is shared, and one for each thread, which comes first. What a grain schedules goes into the queue of its
    /// thread, so that a tick of ten thousand tokens runs to its end before an HTTP request that arrived meanwhile. A token that yields here goes
    /// to the end of the shared queue. At most one of them for each processor is in that queue: else a request would wait for all of them.
    /// </para>
    /// </summary>
    public static Task YieldAsync() => Waiting.All.Enter();

    /// <summary>Those that wait. One for all silos of a process, as the thread pool is.</summary>
    private sealed class Waiting : IThreadPoolWorkItem
    {
        private readonly ConcurrentQueue<TaskCompletionSource> _waiting = new();
        private int _count;

        public static Waiting All { get; } = new();

        public Task Enter()
        {
            TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(entered);
            if (Interlocked.Increment(ref _count) <= Environment.ProcessorCount)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            return entered.Task;
        }

        /// <summary>Completes the oldest one, and queues this again if more wait. The continuation runs before the next one is completed.</summary>
        public void Execute()
        {
            _waiting.TryDequeue(out TaskCompletionSource? oldest);
            if (Interlocked.Decrement(ref _count) >= Environment.ProcessorCount)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            oldest!.SetResult();
        }
    }
}
