using Pnl.Rates;

namespace Pnl.Tests.Cluster.Feeds;

/// <summary>A live source that loses some bars and says others wrong.</summary>
internal sealed class FlawedSource(IRateSource inner) : IRateSource
{
    public string Name => inner.Name;

    public ValueTask<IReadOnlyList<SourceToken>> ListAsync(CancellationToken cancellation) => inner.ListAsync(cancellation);

    public static bool IsLost(int slot) => slot % 50 == 7;

    public static bool IsWrong(int slot) => !IsLost(slot) && slot % 30 == 3;

    /// <summary>What comes live of bars as they were.</summary>
    public static IEnumerable<Bar> Live(IEnumerable<Bar> bars) =>
        bars.Where(bar => !IsLost(bar.Slot)).Select(bar => IsWrong(bar.Slot) ? bar with { Rate = bar.Rate * 2 } : bar);

    public async ValueTask<int> ReadAsync(SourceToken token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
    {
        int count = await inner.ReadAsync(token, range, into, cancellation);
        Bar[] live = [.. Live(into[..count].ToArray())];
        live.CopyTo(into);
        return live.Length;
    }
}
