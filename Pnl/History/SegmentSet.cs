namespace Pnl;

/// <summary>Sealed months that were loaded for one computation, by month since January 1970.</summary>
public sealed class SegmentSet
{
    private readonly Dictionary<int, Segment> _segments = [];
    private readonly Dictionary<int, SegmentCorruptException> _damaged = [];

    /// <summary>No months.</summary>
    public static SegmentSet Empty { get; } = new();

    /// <summary>Adds a month that was loaded.</summary>
    public void Add(int month, Segment segment) => _segments[month] = segment;

    /// <summary>Says that a month is damaged and cannot be had; whoever needs it is told why.</summary>
    public void AddDamaged(int month, SegmentCorruptException why) => _damaged[month] = why;

    /// <summary>Whether a month is damaged.</summary>
    public bool IsDamaged(int month) => _damaged.ContainsKey(month);

    /// <summary>These months, and others in place of those or beside them.</summary>
    public SegmentSet With(IEnumerable<SealedMonth> months)
    {
        ArgumentNullException.ThrowIfNull(months);
        SegmentSet all = new();
        foreach ((int month, Segment segment) in _segments)
        {
            all.Add(month, segment);
        }

        foreach (SealedMonth month in months)
        {
            all.Add(month.Summary.Month, month.Segment);
        }

        return all;
    }

    /// <summary>Whether a month is here.</summary>
    public bool Contains(int month) => _segments.ContainsKey(month);

    /// <summary>A month that the computation named beforehand.</summary>
    /// <exception cref="InvalidOperationException">It was not loaded: the caller did not ask for what is needed.</exception>
    /// <exception cref="SegmentCorruptException">It is damaged.</exception>
    public Segment this[int month] => _segments.TryGetValue(month, out Segment? segment)
        ? segment
        : throw (_damaged.TryGetValue(month, out SegmentCorruptException? why) ? why : new InvalidOperationException($"month {month} since 1970 is needed and was not loaded"));
}
