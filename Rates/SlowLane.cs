using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Pnl.Rates;

/// <summary>
/// Threads for the heavy work of a backfill, reading files and encoding them, of which there are seconds in a row: apart from
/// the thread pool, where it would stand in front of those who ask, and of lower priority, so that on a busy machine the
/// backfill takes longer and the answers do not.
/// </summary>
internal sealed class SlowLane : TaskScheduler
{
    private readonly BlockingCollection<Task> _queue = [];

    private SlowLane(int threads)
    {
        for (int i = 0; i < threads; i++)
        {
            new Thread(Work) { IsBackground = true, Name = "slow lane", Priority = ThreadPriority.BelowNormal }.Start();
        }
    }

    // Some of them wait for the disk.
    private static SlowLane Lane { get; } = new(2 * Environment.ProcessorCount);

    /// <summary>Runs on one of the threads; what waits for it goes on elsewhere.</summary>
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.RunContinuationsAsynchronously, Lane);

    protected override void QueueTask(Task task) => _queue.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _queue;

    private void Work()
    {
        if (OperatingSystem.IsLinux())
        {
            // .NET sets no priorities there; anybody may make his own threads nicer. Refused, it is as before.
            const int process = 0, thisThread = 0, nicer = 10;
            _ = SetPriority(process, thisThread, nicer);
        }

        foreach (Task task in _queue.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int who, int priority);
}
