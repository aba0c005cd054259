using BenchmarkDotNet.Attributes;
using Pnl.Bench.Data;

namespace Pnl.Bench.Micro;

/// <summary>A token's history in memory.</summary>
[MemoryDiagnoser]
public class Token
{
    private StoredToken _token = null!;
    private Bar[] _next = [];
    private int _stagger;

    /// <summary>Days before the last bar.</summary>
    [Params(30, 1000)]
    public int Days { get; set; }

    /// <summary>Ends in the middle of a day.</summary>
    [GlobalSetup]
    public void Setup()
    {
        TokenBars bars = TokenMarket.LongLife(Days * BarTime.BarsPerDay + 100);
        TokenBars known = bars with { Slots = bars.Slots[..^1], Mantissas = bars.Mantissas[..^1] };
        _token = StoredToken.Of(known);
        _next = bars.ToBars()[^1..];
        _stagger = TokenHistory.Stagger(bars.Id);
    }

    /// <summary>Allocates the new history.</summary>
    [Benchmark]
    public object AppendLiveBar() => _token.History.With(_next, default, _token.Sealed, _stagger);

    /// <summary>Allocates the answer.</summary>
    [Benchmark]
    public object RollingWindows() => _token.History.RollingWindows(_token.Sealed);
}
