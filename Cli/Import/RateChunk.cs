using System.Buffers;
using System.Buffers.Text;

namespace Pnl.Cli.Import;

/// <summary>Bars of a file for one call, and the range for which they are all that there is.</summary>
/// <param name="Run">The bars of one interval that it is a part of.</param>
/// <param name="From">Index of its first bar.</param>
/// <param name="To">Index behind its last one.</param>
/// <param name="Covered">
/// The open times, in Unix seconds, from inclusive and to exclusive, for which the file has no other bars; null if nothing is
/// said.
/// </param>
internal sealed record RateChunk(RateRun Run, int From, int To, (long From, long To)? Covered)
{
    public int Count => To - From;

    public Interval Interval => Run.Interval;

    /// <summary>Where a bar of it stands in the file.</summary>
    public long Line(int index) => Run.Lines[From + index];

    /// <summary>The bars as <c>time,rate</c>: when their periods open, in Unix seconds, and exact decimals.</summary>
    public ReadOnlyMemory<byte> Csv()
    {
        const int LongestRow = 64; // 12 digits of time, 30 characters of rate, comma, line end
        ArrayBufferWriter<byte> csv = new(Count * LongestRow / 2 + LongestRow);
        csv.Write("time,rate\n"u8);
        for (int i = From; i < To; i++)
        {
            Span<byte> row = csv.GetSpan(LongestRow);
            Utf8Formatter.TryFormat(BarPeriod.OpenSeconds(Interval, Run.Slots[i]), row, out int length);
            row[length++] = (byte)',';
            Utf8Formatter.TryFormat(Run.Rates[i], row[length..], out int more);
            length += more;
            row[length++] = (byte)'\n';
            csv.Advance(length);
        }

        return csv.WrittenMemory;
    }
}
