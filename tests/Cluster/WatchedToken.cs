using System.Collections.Concurrent;
using System.Threading.Channels;
using Pnl.Rates;

namespace Pnl.Tests.Cluster;

/// <summary>What the grain of one token does to the store, as events to await, and the steps that a test can hold or break.</summary>
public sealed class WatchedToken
{
    private readonly Channel<TokenWrite> _writes = Channel.CreateUnbounded<TokenWrite>();
    private readonly Channel<DeadLetter> _letters = Channel.CreateUnbounded<DeadLetter>();
    private readonly ConcurrentQueue<int> _monthsRead = new();
    private int _loads;

    /// <summary>Runs before an activation reads what is stored; whatever it throws, the activation gets.</summary>
    public Func<Task> BeforeLoad { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs before the store has a write; whatever it throws, the writer gets.</summary>
    public Func<TokenWrite, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs when a write is durable and its writer does not know yet.</summary>
    public Func<TokenWrite, Task> AfterWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs when a month has been read and its reader does not have it yet.</summary>
    public Func<int, CancellationToken, Task> AfterRead { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>How often an activation began with what is stored.</summary>
    public int Loads => _loads;

    /// <summary>The months read of the store so far, in order.</summary>
    public IReadOnlyCollection<int> MonthsRead => _monthsRead;

    /// <summary>Waits for a durable write that its writer was told of.</summary>
    public async Task<TokenWrite> NextWriteAsync(Func<TokenWrite, bool> wanted)
    {
        using CancellationTokenSource patience = new(Patience.Limit);
        while (true)
        {
            TokenWrite write = await _writes.Reader.ReadAsync(patience.Token);
            if (wanted(write))
            {
                return write;
            }
        }
    }

    /// <summary>Waits for the next event that was put aside.</summary>
    public async Task<DeadLetter> NextDeadLetterAsync()
    {
        using CancellationTokenSource patience = new(Patience.Limit);
        return await _letters.Reader.ReadAsync(patience.Token);
    }

    internal Task Loading()
    {
        Interlocked.Increment(ref _loads);
        return BeforeLoad();
    }

    internal Task MonthRead(int month, CancellationToken cancellation)
    {
        _monthsRead.Enqueue(month);
        return AfterRead(month, cancellation);
    }

    internal void Written(TokenWrite write) => _writes.Writer.TryWrite(write);

    internal void PutAside(DeadLetter letter) => _letters.Writer.TryWrite(letter);
}
