using System.Buffers;
using System.Buffers.Text;

namespace Pnl.Cli.Import;

/// <summary>Good rows of a file for one call, in columns, and the range for which they are all that there is.</summary>
internal sealed class RateChunk(int capacity)
{
    private readonly ArrayBufferWriter<byte> _csv = new();

    public int[] Slots { get; } = new int[capacity];

    public decimal[] Rates { get; } = new decimal[capacity];

    /// <summary>Where each row stands in the file.</summary>
    public long[] Lines { get; } = new long[capacity];

    public int Count { get; private set; }

    public bool IsFull => Count == Slots.Length;

    /// <summary>
    /// The open times, in Unix seconds, from inclusive and to exclusive, for which the file has no other bars than those
    /// sent so far; null if that cannot be said of any range yet.
    /// </summary>
    public (long From, long To)? Covered { get; set; }

    public void Add(in RateRow row)
    {
        Slots[Count] = row.Slot;
        Rates[Count] = row.Rate;
        Lines[Count] = row.Line;
        Count++;
    }

    public void Clear()
    {
        Count = 0;
        Covered = null;
    }

    /// <summary>The rows as <c>time,rate</c> in Unix seconds and exact decimals; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Csv()
    {
        const int LongestRow = 64; // 12 digits of time, 30 characters of rate, comma, line end
        _csv.ResetWrittenCount();
        _csv.Write("time,rate\n"u8);
        for (int i = 0; i < Count; i++)
        {
            Span<byte> row = _csv.GetSpan(LongestRow);
            Utf8Formatter.TryFormat(BarTime.OpenSeconds(Slots[i]), row, out int length);
            row[length++] = (byte)',';
            Utf8Formatter.TryFormat(Rates[i], row[length..], out int more);
            length += more;
            row[length++] = (byte)'\n';
            _csv.Advance(length);
        }

        return _csv.WrittenMemory;
    }
}
