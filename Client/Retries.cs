using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Pnl.Client;

/// <summary>
/// Asks again what may be asked twice, when a silo dies or an activation gives way to another: until it is answered or
/// <see cref="PnlClientOptions.RetryFor"/> is over. A call that is on its way through a silo when that dies is never answered: after a
/// while a second one is made beside it, and whichever is answered first counts. There are no more than two at once, since more would make an
/// overloaded server slower still; but one that has not been answered for five seconds counts as lost, and another may take its place: all that
/// were sent through a silo before it is declared dead are lost.
/// </summary>
internal sealed class Retries(IOptions<PnlClientOptions> options, TimeProvider time)
{
    private const int MostAtOnce = 2;

    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(5);

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
        catch (Exception e) when (IsPassing(e) && !cancellation.IsCancellationRequested)
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
        List<(Task<T> Call, long At)> asked = [];
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                bool isAnswered = false;
                try
                {
                    if (asked.Count(one => time.GetElapsedTime(one.At) < LostAfter) < MostAtOnce)
                    {
                        asked.Add((call(), time.GetTimestamp()));
                    }

                    Task<T> answered = await Task.WhenAny(asked.Select(one => one.Call)).WaitAsync(wait, time, cancellation);
                    isAnswered = asked.RemoveAll(one => one.Call == answered) > 0;
                    return await answered;
                }
                catch (Exception e) when (IsPassing(e) && !cancellation.IsCancellationRequested)
                {
                    if (time.GetElapsedTime(began) + pause >= _options.RetryFor)
                    {
                        throw new PnlUnavailableException($"the engine has not answered for {time.GetElapsedTime(began).TotalSeconds:0.#} s ({nameof(PnlClientOptions)}.{nameof(PnlClientOptions.RetryFor)}): {e.Message}", e);
                    }
                }

                if (isAnswered) // with a failure
                {
                    await Task.Delay(pause, time, cancellation);
                    pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
                }

                // Later by a quarter of what has passed, so that those who wait together do not make it worse; but not beyond the end.
                TimeSpan passed = time.GetElapsedTime(began), left = _options.RetryFor - passed;
                wait = wait > passed / 4 ? wait : passed / 4;
                wait = wait < left ? wait : left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
            }
        }
        finally
        {
            asked.ForEach(late => _ = late.Call.ContinueWith(static late => late.Exception, TaskScheduler.Default)); // nobody waits for them any more
        }
    }

    /// <summary>
    /// Whether a failure is one that another try may be spared: of a silo, of the way to it, or of an activation that was
    /// not the only one; or that a grain could not come up in time. What a store or an argument refuses is not.
    /// </summary>
    internal static bool IsPassing(Exception e) => !IsDamage(e) && IsUnanswered(e);

    /// <summary>Whether it is the store's: what it stands on is damaged, or of a later release. Orleans wraps it where a grain reads its state.</summary>
    private static bool IsDamage(Exception? e) => e is not null && (e is StoreDamagedException or LaterReleaseException || IsDamage(e.InnerException));

    private static bool IsUnanswered(Exception e) => e is TimeoutException or OrleansException or System.Net.Sockets.SocketException or OperationCanceledException
        || e.GetType().Name == "StoreConflictException"
        || e is UnavailableExceptionFallbackException { ExceptionType: { } type } && type.Contains("StoreConflictException", StringComparison.Ordinal);
}
