using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Pnl.Client;

/// <summary>
/// Asks again what may be asked twice, when a silo dies or an activation gives way to another: until it is answered or
/// <see cref="PnlClientOptions.RetryFor"/> is over. A call that is on its way through a silo when that dies is never answered: it is not
/// waited for long, and longer each time, so that an answer that takes its time is waited for in the end.
/// </summary>
internal sealed class Retries(IOptions<PnlClientOptions> options, TimeProvider time)
{
    private readonly PnlClientOptions _options = options.Value;

    /// <summary>Calls what only reads.</summary>
    public Task<T> ReadAsync<T>(Func<Task<T>> call, CancellationToken cancellation) => CallAsync(call, _options.FirstReadWait, cancellation);

    /// <summary>Calls what, done twice, has the same effect as done once.</summary>
    public Task<T> WriteAsync<T>(Func<Task<T>> call, CancellationToken cancellation) => CallAsync(call, _options.FirstWriteWait, cancellation);

    /// <summary>Calls what must not be done twice.</summary>
    public static async Task<T> OnceAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call().WaitAsync(cancellation);
        }
        catch (Exception e) when (IsPassing(e))
        {
            throw new PnlUnavailableException($"the engine did not answer, and whether it did what was asked is not known: look before you ask again ({e.Message})", e);
        }
    }

    private async Task<T> CallAsync<T>(Func<Task<T>> call, TimeSpan wait, CancellationToken cancellation)
    {
        if (_options.RetryFor == TimeSpan.Zero)
        {
            return await OnceAsync(call, cancellation);
        }

        long began = time.GetTimestamp();
        TimeSpan pause = _options.FirstPause;
        wait = wait < _options.RetryFor ? wait : _options.RetryFor;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            Task<T>? answer = null;
            try
            {
                answer = call();
                return await answer.WaitAsync(wait, time, cancellation);
            }
            catch (Exception e) when (IsPassing(e))
            {
                _ = answer?.ContinueWith(static late => late.Exception, TaskScheduler.Default); // nobody waits for it any more
                if (time.GetElapsedTime(began) + pause >= _options.RetryFor)
                {
                    throw new PnlUnavailableException($"the engine has not answered for {time.GetElapsedTime(began).TotalSeconds:0.#} s ({nameof(PnlClientOptions)}.{nameof(PnlClientOptions.RetryFor)}): {e.Message}", e);
                }
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
            TimeSpan left = _options.RetryFor - time.GetElapsedTime(began);
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
