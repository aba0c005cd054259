using System.Collections.Concurrent;

namespace Pnl.Grains;

/// <summary>Whose turn it is, where much is to be done at once.</summary>
internal static class Turn
{
    /// <summary>
    /// Waits for its turn behind whatever else waits for a thread now. What a tick sets off is put into the queues of the
    /// threads themselves, which come before the queue that they share: without a turn, ten thousand tokens go before the
    /// request that came after the first of them. And those who wait here wait apart, with no more than one for each processor
    /// in the shared queue: else a request goes behind all of them.
    /// </summary>
    public static Task BehindOthers() => Waiting.All.Enter();

    /// <summary>Those who wait; the same for all silos of a process, as the threads are.</summary>
    private sealed class Waiting : IThreadPoolWorkItem
    {
        private readonly ConcurrentQueue<TaskCompletionSource> _waiting = new();
        private int _count;

        public static Waiting All { get; } = new();

        public Task Enter()
        {
            TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            if (Interlocked.Increment(ref _count) <= Environment.ProcessorCount)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            return turn.Task;
        }

        /// <summary>Lets the next one go, whose work comes before this is called again, and queues behind others for the one after it.</summary>
        public void Execute()
        {
            _waiting.TryDequeue(out TaskCompletionSource? turn);
            if (Interlocked.Decrement(ref _count) >= Environment.ProcessorCount)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            turn!.SetResult();
        }
    }
}
