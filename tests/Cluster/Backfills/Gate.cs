namespace Pnl.Tests.Cluster.Backfills;

/// <summary>A place where somebody waits until a test lets go.</summary>
/// <param name="callers">How many must have come until it counts as reached.</param>
internal sealed class Gate(int callers = 1)
{
    private int _missing = callers;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when so many wait.</summary>
    public Task Reached => _reached.Task.WaitAsync(Patience.Limit);

    public void Open() => _open.TrySetResult();

    public Task PassAsync()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
        {
            _reached.TrySetResult();
        }

        return _open.Task.WaitAsync(Patience.Limit); // a test that failed holds up no silo that stops for ever
    }
}
