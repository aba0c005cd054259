using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pnl;

/// <summary>
/// The highest and lowest mantissa of a run of bars, and the deepest fall from a peak, taken up bar by bar in order.
/// Starts with the first bar; bars that set no new peak or trough are passed over four at a time.
/// </summary>
internal ref struct RunExtremes(long first)
{
    private long _trough = first; // the lowest since the running peak, which is High

    public long High { get; private set; } = first;

    public long Low { get; private set; } = first;

    /// <summary>(peak - trough) / peak of the deepest fall, the earliest of equals; 0 if there is none.</summary>
    public double MaxDrawdown { get; private set; }

    /// <summary>The peak of that fall; the first bar if there is none.</summary>
    public long Peak { get; private set; } = first;

    /// <summary>The trough of that fall; the first bar if there is none.</summary>
    public long Trough { get; private set; } = first;

    public void Add(ReadOnlySpan<long> mantissas)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref long from = ref MemoryMarshal.GetReference(mantissas);
            for (; i <= mantissas.Length - Vector256<long>.Count; i += Vector256<long>.Count)
            {
                Vector256<long> m = Vector256.LoadUnsafe(ref from, (nuint)i);
                Vector256<long> beyond = Vector256.GreaterThan(m, Vector256.Create(High)) | Vector256.LessThan(m, Vector256.Create(_trough));
                if (beyond != Vector256<long>.Zero)
                {
                    AddOneByOne(mantissas.Slice(i, Vector256<long>.Count));
                }
            }
        }

        AddOneByOne(mantissas[i..]);
    }

    /// <summary>Ends the run: the last fall counts too.</summary>
    public void End() => Deepen();

    private void AddOneByOne(ReadOnlySpan<long> mantissas)
    {
        foreach (long m in mantissas)
        {
            if (m > High)
            {
                Deepen();
                High = m;
                _trough = m;
            }
            else if (m < _trough)
            {
                _trough = m;
                Low = Math.Min(Low, m);
            }
        }
    }

    private void Deepen()
    {
        // Most falls are clearly shallower than the deepest; a product tells that sooner than a division.
        const double clearly = 1 - 1e-9;
        if (_trough < High && High - _trough >= MaxDrawdown * clearly * High)
        {
            double drawdown = ExactRatio.Drawdown(High, _trough);
            if (drawdown > MaxDrawdown)
            {
                (MaxDrawdown, Peak, Trough) = (drawdown, High, _trough);
            }
        }
    }
}
