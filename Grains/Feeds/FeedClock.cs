using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Which slots a feed is to publish at a time, and when the next one closes. A pure function of the time and of the last slot
/// published. The time is the present, or, where bars of the past are played at a pace, how long they have been played.
/// </summary>
/// <param name="Pace">How bars of the past become known; null for bars of the present.</param>
/// <param name="First">The first slot that is played; without a pace it has no meaning.</param>
internal sealed record FeedClock(RatePace? Pace, int First)
{
    private const int MostMissed = 12; // an hour
    private const int MostAhead = 4; // of a source that is faster than time: as many are on their way at most

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Whether bars are those of the present.</summary>
    public bool IsLive => Pace is null;

    /// <summary>The clock of a source; what is played goes on behind the last slot that a token has.</summary>
    /// <param name="pace">The pace of the source.</param>
    /// <param name="lastKnown">That slot; -1 if no token has a bar.</param>
    public static FeedClock Of(RatePace? pace, int lastKnown) => new(pace, pace is null ? 0 : Math.Max(pace.Slots.From, lastKnown + 1));

    /// <summary>The first slot to publish by a feed that begins: those before it are fetched.</summary>
    /// <param name="now">The present.</param>
    public int Begin(DateTimeOffset now) => IsLive ? BarTime.LastClosedSlot(now) + 1 : First;

    /// <summary>The last slot that is closed: at present, or in the time that is played.</summary>
    /// <param name="now">The present.</param>
    /// <param name="played">How long it has been played.</param>
    public int LastClosed(DateTimeOffset now, TimeSpan played) => Pace is not { } pace ? BarTime.LastClosedSlot(now)
        : Math.Min(pace.Slots.To - 1, pace.Speed is not { } speed ? int.MaxValue : First - 1 + (int)(played.TotalSeconds * speed / BarTime.SecondsPerBar));

    /// <summary>Whether so much was missed since the last slot published that it is fetched by ranges, not published slot by slot: more than an hour.</summary>
    /// <param name="published">The last slot published.</param>
    /// <param name="closed">The last slot closed.</param>
    public bool MissedMuch(int published, int closed) => IsLive && closed - published > MostMissed;

    /// <summary>The slot that its tokens must have taken before the one behind a slot is published; null for none.</summary>
    /// <param name="published">The last slot published.</param>
    public int? ToBeTaken(int published) => !IsLive && published - MostAhead >= First ? published - MostAhead : null;

    /// <summary>How long until the slot behind one closes: 1 ms if it has closed; null if what is played ends with the one.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="now">The present.</param>
    /// <param name="played">How long it has been played.</param>
    public TimeSpan? UntilNext(int slot, DateTimeOffset now, TimeSpan played)
    {
        if (slot >= Pace?.Slots.To - 1)
        {
            return null;
        }

        TimeSpan until = Pace is not { } pace ? BarTime.Close(slot + 1) - now
            : TimeSpan.FromSeconds((slot + 2 - First) * (double)BarTime.SecondsPerBar / (pace.Speed ?? double.PositiveInfinity)) - played;
        return until > Shortest ? until : Shortest;
    }
}
