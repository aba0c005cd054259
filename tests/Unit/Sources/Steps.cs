using System.Collections.Concurrent;

namespace Pnl.Tests.Unit.Sources;

/// <summary>
/// Runs what waits for a clock one piece after the other on one thread, so that the clock is moved when all that could be done at
/// a time has been done, on machines of any speed.
/// </summary>
internal sealed class Steps : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback What, object? State)> _pieces = [];

    public static void Run(Action<Steps> what)
    {
        SynchronizationContext? before = Current;
        Steps steps = new();
        SetSynchronizationContext(steps);
        try
        {
            what(steps);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Does all that can be done now; whether the work is done with that. It throws what the work threw.</summary>
    public bool UntilAllWait(Task work)
    {
        while (_pieces.TryDequeue(out (SendOrPostCallback What, object? State) piece))
        {
            piece.What(piece.State);
        }

        if (work.IsCompleted)
        {
            work.GetAwaiter().GetResult();
        }

        return work.IsCompleted;
    }

    public override void Post(SendOrPostCallback d, object? state) => _pieces.Enqueue((d, state));
}
