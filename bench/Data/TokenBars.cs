namespace Pnl.Bench.Data;

/// <summary>
/// Bars of one token as columns, the form in which every peer takes them: slots, and rates as mantissas of one scale.
/// </summary>
/// <param name="Id">The token.</param>
/// <param name="Scale">rate = mantissa / 10^Scale.</param>
/// <param name="Slots">See <see cref="BarTime"/>; ascending.</param>
/// <param name="Mantissas">As many as there are slots.</param>
internal sealed record TokenBars(string Id, int Scale, int[] Slots, long[] Mantissas)
{
    public int Count => Slots.Length;

    public double Rate(int i) => (double)Mantissa.ToRate(Mantissas[i], Scale);

    public Bar[] ToBars()
    {
        Bar[] bars = new Bar[Count];
        for (int i = 0; i < bars.Length; i++)
        {
            bars[i] = new(Slots[i], Mantissa.ToRate(Mantissas[i], Scale));
        }

        return bars;
    }

    /// <summary>The same bars earlier by whole days, so that the last one is known before an instant.</summary>
    public TokenBars EndingBefore(DateTimeOffset instant)
    {
        int days = Math.Max(0, BarTime.DayOf(Slots[^1]) + 1 - BarTime.DayOf(BarTime.SlotAt(instant)));
        return this with { Slots = Array.ConvertAll(Slots, slot => slot - days * BarTime.BarsPerDay) };
    }

    /// <summary>The first bars.</summary>
    public TokenBars First(int count) => this with { Slots = Slots[..count], Mantissas = Mantissas[..count] };

    /// <summary>The index ranges of the UTC days.</summary>
    public IEnumerable<(int Day, int From, int To)> Days()
    {
        for (int from = 0; from < Count;)
        {
            int day = BarTime.DayOf(Slots[from]), to = from + 1;
            while (to < Count && BarTime.DayOf(Slots[to]) == day)
            {
                to++;
            }

            yield return (day, from, to);
            from = to;
        }
    }
}
