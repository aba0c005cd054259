namespace Pnl;

/// <summary>
/// The day in which windows begin, and what comes behind it: all that a window to the end of some run of bars needs, of
/// which the bars of that one day alone must be decoded.
/// </summary>
/// <param name="Day">Days since the Unix epoch.</param>
/// <param name="Block">Its encoded bars; empty if it has none.</param>
/// <param name="Before">The last bar before the day; null if there is none.</param>
/// <param name="After">Summary of the bars of the days behind.</param>
internal readonly record struct WindowEdge(int Day, ReadOnlyMemory<byte> Block, Bar? Before, RateSummary After)
{
    /// <summary>A day of a segment.</summary>
    /// <param name="segment">The segment whose range the day lies in.</param>
    /// <param name="day">The day.</param>
    /// <param name="before">The last bar before the segment.</param>
    /// <param name="after">Summary of what comes behind the segment.</param>
    /// <param name="isShared">Whether the edge holds on to the whole segment, instead of a copy of the day's bytes.</param>
    public static WindowEdge Of(Segment segment, int day, Bar? before, in RateSummary after, bool isShared)
    {
        int i = segment.IndexAtOrAfter(day);
        if (i > 0)
        {
            RateSummary earlier = segment.Summary(i - 1);
            before = new(earlier.LastSlot, earlier.Last);
        }

        ReadOnlyMemory<byte> block = default;
        if (i < segment.DayCount && segment.Day(i) == day)
        {
            block = isShared ? segment.BlockBytes(i) : segment.Block(i).ToArray();
            i++;
        }

        RateSummary later = default;
        for (; i < segment.DayCount; i++)
        {
            later += segment.Summary(i);
        }

        return new(day, block, before, later + after);
    }

    /// <summary>Reads edges one after another; a day that windows share is decoded once. Of one thread.</summary>
    public sealed class Reader : IDisposable
    {
        private readonly DayBars _bars = DayBars.Rent();
        private int _day = int.MinValue;

        /// <summary>Summary of the last bar at or before a slot of the edge's day and of all bars behind it.</summary>
        public RateSummary From(int slot, in WindowEdge edge)
        {
            if (edge.Block.IsEmpty)
            {
                return RateSummary.Of(edge.Before!.Value) + edge.After;
            }

            if (_day != edge.Day)
            {
                DayBlock.Decode(edge.Block.Span, edge.Day, _bars);
                _day = edge.Day;
            }

            int behind = _bars.IndexAtOrAfter(slot + 1);
            return behind > 0
                ? _bars.Summary(behind - 1, _bars.Count) + edge.After
                : RateSummary.Of(edge.Before!.Value) + _bars.Summary(0, _bars.Count) + edge.After;
        }

        public void Dispose() => _bars.Return();
    }
}
