using Pnl.Rates;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>A source that answers nothing until it is let go.</summary>
internal sealed class HeldSource(IRateSource inner) : IRateSource
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => inner.Name;

    public IReadOnlyList<SourceToken> Tokens => inner.Tokens;

    /// <summary>Completes when somebody asked for bars.</summary>
    public Task Asked => _asked.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void LetGo() => _go.TrySetResult();

    public async ValueTask<int> ReadAsync(int token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
    {
        _asked.TrySetResult();
        await _go.Task.WaitAsync(cancellation);
        return await inner.ReadAsync(token, range, into, cancellation);
    }
}
