using BenchmarkDotNet.Attributes;
using Pnl.Bench.Data;

namespace Pnl.Bench.Micro;

/// <summary>A day of 288 bars: decoding and folding it allocates nothing.</summary>
[MemoryDiagnoser]
public class Day
{
    private readonly DayBars _bars = DayBars.Rent();
    private readonly byte[] _room = new byte[DayBlock.MaxLength];
    private TokenBars _token = null!;
    private byte[] _block = [];
    private int _day;
    private RateSummary _left, _right;

    /// <summary>Takes a day without a gap, and the day after it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        TokenBars days = TokenMarket.FirstDays(1, 30)[0];
        List<(int Day, int From, int To)> all = [.. days.Days()];
        int at = all.FindIndex(day => day.To - day.From == BarTime.BarsPerDay);
        (_day, int from, int to) = all[at];
        _token = days with { Slots = days.Slots[from..to], Mantissas = days.Mantissas[from..to] };
        _bars.Set(_token.Slots, _token.Mantissas, _token.Scale);
        _block = _room[..DayBlock.Encode(_bars, _room)];
        _left = _bars.Summary(0, 100);
        _right = _bars.Summary(100, _bars.Count);
    }

    /// <summary>With the summary that is stored beside the bars.</summary>
    [Benchmark]
    public int Encode()
    {
        _bars.Set(_token.Slots, _token.Mantissas, _token.Scale);
        return DayBlock.Encode(_bars, _room);
    }

    /// <summary>Slots and mantissas.</summary>
    [Benchmark]
    public long Decode()
    {
        DayBlock.Decode(_block, _day, _bars);
        return _bars.Count;
    }

    /// <summary>From decoded bars.</summary>
    [Benchmark]
    public RateSummary Fold() => _bars.Summary(0, _bars.Count);

    /// <summary>As stored, without decoding bars.</summary>
    [Benchmark]
    public RateSummary StoredSummary() => DayBlock.Summary(_block, _day);

    /// <summary>Two runs into one.</summary>
    [Benchmark]
    public RateSummary Combine() => _left + _right;
}
