using Pnl.Rates;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>A source whose answers a test can hold or break.</summary>
internal sealed class SteeredSource(IRateSource inner) : IRateSource
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _failure;
    private volatile TaskCompletionSource? _silence;

    public string Name => inner.Name;

    public ValueTask<IReadOnlyList<SourceToken>> ListAsync(CancellationToken cancellation) => inner.ListAsync(cancellation);

    /// <summary>Completes when somebody asked for bars, who waits until <see cref="LetGo"/>.</summary>
    public Task Asked => _asked.Task.WaitAsync(Patience.Limit);

    public void LetGo() => _go.TrySetResult();

    /// <summary>Makes the next answer a failure; completes when it has been given.</summary>
    public Task FailOnce()
    {
        TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _failure, failed);
        return failed.Task.WaitAsync(Patience.Limit);
    }

    /// <summary>Answers nobody from now on, whether he waits or not; completes when somebody has asked.</summary>
    public Task FallSilent()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _silence = asked;
        return asked.Task.WaitAsync(Patience.Limit);
    }

    /// <summary>Answers again, but for those who have asked meanwhile.</summary>
    public void Recover() => _silence = null;

    public async ValueTask<int> ReadAsync(SourceToken token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            failure.SetResult();
            throw new HttpRequestException("the exchange is down");
        }

        if (_silence is { } silence)
        {
            silence.TrySetResult();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        _asked.TrySetResult();
        await _go.Task.WaitAsync(cancellation);
        return await inner.ReadAsync(token, range, into, cancellation);
    }
}
