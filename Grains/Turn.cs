namespace Pnl.Grains;

/// <summary>Whose turn it is, where much is to be done at once.</summary>
internal static class Turn
{
    /// <summary>
    /// Waits for its turn in the queue that all threads share. What a tick sets off is put into the queues of the threads
    /// themselves, which come first: without this, ten thousand tokens go before the request that came after the first of them
    /// (bench, live.http: p95 50 ms, 9 with it).
    /// </summary>
    public static Task BehindOthers() => Task.Factory.StartNew(() => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
}
