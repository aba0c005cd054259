using Orleans.Runtime;
using Orleans.Serialization;

namespace Pnl.Client;

/// <summary>
/// Asks again what may be asked twice, when a silo dies or an activation gives way to another: until it is answered or
/// <see cref="Patience"/> is over. A call that is on its way through a silo when that dies is never answered: it is not
/// waited for long, and longer each time, so that an answer that takes its time is waited for in the end.
/// </summary>
internal sealed class Retries(TimeProvider time)
{
    /// <summary>After so long the last failure is told.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2), FirstWaitForWriting = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Calls what only reads.</summary>
    public Task<T> ReadAsync<T>(Func<Task<T>> call, CancellationToken cancellation) => CallAsync(call, FirstWait, cancellation);

    /// <summary>Calls what, done twice, has the same effect as done once.</summary>
    public Task<T> WriteAsync<T>(Func<Task<T>> call, CancellationToken cancellation) => CallAsync(call, FirstWaitForWriting, cancellation);

    private async Task<T> CallAsync<T>(Func<Task<T>> call, TimeSpan wait, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        TimeSpan pause = FirstPause;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            Task<T>? answer = null;
            try
            {
                answer = call();
                return await answer.WaitAsync(wait, time, cancellation);
            }
            catch (Exception e) when (IsPassing(e) && time.GetElapsedTime(began) + pause < Patience)
            {
                _ = answer?.ContinueWith(static late => late.Exception, TaskScheduler.Default); // nobody waits for it any more
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            TimeSpan left = Patience - time.GetElapsedTime(began);
            wait = wait * 2 < left ? wait * 2 : left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
        }
    }

    /// <summary>
    /// Whether a failure is one that another try may be spared: of a silo, of the way to it, or of an activation that was
    /// not the only one. What a store or an argument refuses is not.
    /// </summary>
    internal static bool IsPassing(Exception e) => e is TimeoutException or OrleansException or System.Net.Sockets.SocketException
        || e.GetType().Name == "StoreConflictException"
        || e is UnavailableExceptionFallbackException { ExceptionType: { } type } && type.Contains("StoreConflictException", StringComparison.Ordinal);
}
