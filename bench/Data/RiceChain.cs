using System.Numerics;
using System.Runtime.InteropServices;

namespace Pnl.Bench.Data;

/// <summary>
/// The chain of dependent steps that any decoder of a day's Rice codes must go through, and nothing else: where a code
/// ends is known only when its unary part has been counted. How fast it runs bounds <c>codec.decode</c>.
/// </summary>
internal sealed class RiceChain
{
    private readonly List<(byte[] Codes, int K, int Count)> _days = [];

    public RiceChain(IEnumerable<TokenBars> tokens)
    {
        foreach (TokenBars token in tokens)
        {
            foreach ((_, int from, int to) in token.Days())
            {
                Add(token.Mantissas.AsSpan(from, to - from));
            }
        }
    }

    /// <summary>Finds the end of every code.</summary>
    public long Walk()
    {
        long total = 0;
        foreach ((byte[] codes, int k, int count) in _days)
        {
            ref byte start = ref MemoryMarshal.GetArrayDataReference(codes);
            nint bit = 0;
            for (int i = 0; i < count; i++)
            {
                ulong word = System.Runtime.CompilerServices.Unsafe.ReadUnaligned<ulong>(
                    ref System.Runtime.CompilerServices.Unsafe.Add(ref start, bit >> 3));
                bit += BitOperations.TrailingZeroCount(word >> (int)(bit & 7)) + 1 + k;
            }

            total += bit;
        }

        return total;
    }

    private void Add(ReadOnlySpan<long> mantissas)
    {
        ulong[] zigzag = new ulong[mantissas.Length - 1];
        for (int i = 0; i < zigzag.Length; i++)
        {
            long difference = mantissas[i + 1] - mantissas[i];
            zigzag[i] = (ulong)((difference << 1) ^ (difference >> 63));
        }

        int k = Enumerable.Range(0, 32).MinBy(k => zigzag.Sum(z => (long)(z >> k) + 1 + k));
        List<byte> codes = [];
        int bit = 0;
        foreach (ulong z in zigzag)
        {
            // Only the unary part is read; quotients that the codec would escape are cut, so that one load holds them.
            bit += (int)Math.Min(z >> k, 24);
            while (codes.Count <= bit >> 3)
            {
                codes.Add(0);
            }

            codes[bit >> 3] |= (byte)(1 << (bit & 7));
            bit += 1 + k;
        }

        codes.AddRange(new byte[8 + k / 8 + 1]);
        _days.Add(([.. codes], k, zigzag.Length));
    }
}
