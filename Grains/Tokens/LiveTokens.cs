using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Pnl.Grains;

/// <summary>
/// How the tokens stand whose grains live in this silo, for those who would else ask each of them after every bar. A token
/// is here exactly as long as its activation is, so that what is found is as good as its answer; of others nothing is found.
/// </summary>
internal sealed class LiveTokens(TimeProvider time)
{
    private const int MostAbsent = 10_000; // names that callers invent

    private static readonly TimeSpan UntilAskedAgain = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, LiveToken> _live = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _absent = new(StringComparer.Ordinal);

    /// <summary>The token's state; null if its grain is not here, or if its last bar lies ahead of now: then the grain knows which is the last that counts.</summary>
    public LiveToken? Find(string token) => _live.GetValueOrDefault(token) is { } state && !(state.Last?.Slot > BarTime.LastClosedSlot(time.GetUtcNow())) ? state : null;

    /// <summary>All that are here, in no order.</summary>
    public IEnumerable<string> Ids => _live.Select(token => token.Key);

    /// <summary>Takes the state of an activation, once it is durable.</summary>
    public void Put(string token, LiveToken state) => _live[token] = state;

    /// <summary>Lets go what an activation has put.</summary>
    public void Remove(string token, LiveToken state) => _live.TryRemove(KeyValuePair.Create(token, state));

    /// <summary>How many there are whose rate is fresh or stale, who have none, and who are not traded any more: each of the four.</summary>
    public IEnumerable<(string State, long Tokens)> Count(DateTimeOffset now)
    {
        (long fresh, long stale, long empty, long delisted) = (0, 0, 0, 0);
        foreach ((_, LiveToken token) in _live)
        {
            if (token.Delisted <= now)
            {
                delisted++;
            }
            else if (token.Last is not { } last)
            {
                empty++;
            }
            else if (now.ToUnixTimeSeconds() - BarTime.CloseSeconds(last.Slot) > token.StalenessSeconds)
            {
                stale++;
            }
            else
            {
                fresh++;
            }
        }

        return [("fresh", fresh), ("stale", stale), ("empty", empty), ("delisted", delisted)];
    }

    /// <summary>Whether somebody of this silo asked for the token a moment ago, and nobody had registered it.</summary>
    public bool IsAbsent(string token) => _absent.TryGetValue(token, out long asked) && time.GetElapsedTime(asked) < UntilAskedAgain;

    /// <summary>Remembers that nobody has registered a token.</summary>
    public void NoteAbsent(string token)
    {
        if (_absent.Count >= MostAbsent)
        {
            _absent.Clear(); // they are asked for once more
        }

        _absent[token] = time.GetTimestamp();
    }
}

/// <summary>How a token stands.</summary>
/// <param name="Quote">Currency of its rates.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Last">The last known bar; null if there is none.</param>
/// <param name="Changes">What has changed of late.</param>
/// <param name="StalenessSeconds">The age at which its last rate is stale.</param>
/// <param name="Delisted">Since when it is not traded any more; null if it is.</param>
internal sealed record LiveToken(string Quote, long Revision, Bar? Last, RateChanges Changes, int StalenessSeconds, DateTimeOffset? Delisted);

/// <summary>
/// From which slot on rates changed, since any of the revisions of late: a few steps, each with a later slot than the one
/// before. Where it is not known, from the first slot on. Immutable.
/// </summary>
internal sealed class RateChanges
{
    private const int MostSteps = 16;

    private readonly long _since;
    private readonly ImmutableArray<(long Revision, int Slot)> _steps;

    private RateChanges(long since, ImmutableArray<(long, int)> steps) => (_since, _steps) = (since, steps);

    /// <summary>Knows of no changes before a revision, and of none since.</summary>
    public static RateChanges Since(long revision) => new(revision, []);

    /// <summary>With a change that led to a revision.</summary>
    public RateChanges With(long revision, int slot)
    {
        if (slot == int.MaxValue)
        {
            return this;
        }

        // What came before and reaches less far back adds nothing to what one must look at.
        int kept = _steps.Length;
        while (kept > 0 && _steps[kept - 1].Slot >= slot)
        {
            kept--;
        }

        return new(_since, kept < MostSteps
            ? [.. _steps.AsSpan()[..kept], (revision, slot)]
            : [(_steps[1].Revision, _steps[0].Slot), .. _steps.AsSpan()[2..], (revision, slot)]);
    }

    /// <summary>Whether it is known what has changed since a revision.</summary>
    public bool Knows(long revision) => revision >= _since;

    /// <summary>The first slot of which a rate may have changed since a revision; <see cref="int.MaxValue"/> if none has.</summary>
    public int From(long revision)
    {
        if (revision < _since)
        {
            return 0;
        }

        foreach ((long to, int slot) in _steps)
        {
            if (to > revision)
            {
                return slot;
            }
        }

        return int.MaxValue;
    }
}
