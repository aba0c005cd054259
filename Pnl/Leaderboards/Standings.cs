namespace Pnl;

/// <summary>
/// The newest standing of each of many tokens, and rankings of them, each computed once until a standing changes or time
/// makes a rate stale. Knows of tokens whose standing it has not got yet: its revision counts them, so that it does not
/// go back when the standings are gathered anew. Not for several threads at once.
/// </summary>
public sealed class Standings<T>
    where T : class, IStanding
{
    private const int MostKept = 256; // rankings: more than one screen of an application asks for

    private readonly Dictionary<string, T> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _awaited = new(StringComparer.Ordinal); // revisions that are known of and not here
    private readonly Dictionary<Ranking, Ranked<T>> _ranked = [];
    private int _deleted;

    /// <summary>The sum of the newest revisions known of all tokens: grows with every change of any of them.</summary>
    public long Revision { get; private set; }

    /// <summary>Close time in Unix seconds of the newest bar of any token here; null without one.</summary>
    public long? AsOf { get; private set; }

    /// <summary>How many tokens are known of.</summary>
    public int Known => _rows.Count - _deleted + _awaited.Keys.Count(token => !_rows.ContainsKey(token));

    /// <summary>The tokens of which a newer revision is known of than is here.</summary>
    public IReadOnlyCollection<string> Awaited => _awaited.Keys;

    /// <summary>The standing of a token; null if it is not here.</summary>
    public T? Find(string token) => _rows.GetValueOrDefault(token);

    /// <summary>Takes a standing, unless one as new is here already.</summary>
    /// <returns>Whether it was taken.</returns>
    public bool Put(T row)
    {
        ArgumentNullException.ThrowIfNull(row);
        T? known = Find(row.Token);
        if (known is not null && known.Revision >= row.Revision)
        {
            return false;
        }

        Advance(row.Token, row.Revision);
        _rows[row.Token] = row;
        _deleted += (row.IsDeleted ? 1 : 0) - (known?.IsDeleted == true ? 1 : 0);
        if (_awaited.TryGetValue(row.Token, out long awaited) && awaited <= row.Revision)
        {
            _awaited.Remove(row.Token);
        }

        AsOf = row.AsOf is { } asOf && !(AsOf >= asOf) ? asOf : AsOf;
        _ranked.Clear();
        return true;
    }

    /// <summary>Takes note that a token has a revision, of which the standing is still to come.</summary>
    public void Await(string token, long revision)
    {
        if (RevisionOf(token) < revision)
        {
            Advance(token, revision);
            _awaited[token] = revision;
            _ranked.Clear();
        }
    }

    /// <summary>Gives up waiting for a token of which there is no more to come.</summary>
    public void Forget(string token)
    {
        if (_awaited.Remove(token))
        {
            _ranked.Clear();
        }
    }

    /// <summary>The first places at an instant in Unix seconds.</summary>
    public Ranked<T> Rank(Ranking ranking, long now)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        if (!_ranked.TryGetValue(ranking, out Ranked<T>? ranked) || now > ranked.ValidUntil)
        {
            if (_ranked.Count >= MostKept)
            {
                _ranked.Clear();
            }

            _ranked[ranking] = ranked = Compute(ranking, now);
        }

        return ranked;
    }

    private Ranked<T> Compute(Ranking ranking, long now)
    {
        List<(RankKey Key, T Row)> counted = new(_rows.Count);
        long validUntil = long.MaxValue;
        foreach (T row in _rows.Values)
        {
            if (row.IsDeleted)
            {
                continue;
            }

            StandingFigures? figures = row.Over(ranking.Window);
            RankKey key = RankKey.Of(row.Token, figures, ranking.By);
            if (ranking.Counts(row, figures, key, now))
            {
                counted.Add((key, row));
                validUntil = row.IsStale(now) ? validUntil : Math.Min(validUntil, row.FreshUntil());
            }
        }

        return new([.. ranking.First(counted, row => row.Key).Select(row => row.Row)], counted.Count, validUntil);
    }

    private long RevisionOf(string token) => Math.Max(Find(token)?.Revision ?? 0, _awaited.GetValueOrDefault(token));

    private void Advance(string token, long revision) => Revision += Math.Max(0, revision - RevisionOf(token));
}
