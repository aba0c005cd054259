namespace Pnl.Tests.Acceptance.Durability;

/// <summary>
/// Makes up the batches that one client sends for one token: new bars, late ones, corrections and duplicates. It alone
/// writes the slots that are its own, so it knows at any time what is acknowledged for each of them.
/// </summary>
internal sealed class BarWriter
{
    private const long FirstSlot = 1_705_708_800 / 300; // 2024-01-20: the bars cross the ends of months
    private static readonly int[] BatchLengths = [1, 1, 1, 2, 5, 20, 100, 1500];
    private static readonly byte[] Scales = [0, 2, 8, 12, 18];

    private readonly Random _random;
    private readonly int _writer, _writers;
    private readonly byte _scale;
    private readonly List<long> _known = []; // slots that have a bar or are about to get one
    private readonly List<long> _skipped = [];
    private int _head;

    /// <param name="seed">Decides everything.</param>
    /// <param name="token">Number of the token, which decides how large its rates are.</param>
    /// <param name="writer">Number of this writer among those of the token.</param>
    /// <param name="writers">Number of writers of the token.</param>
    public BarWriter(int seed, int token, int writer, int writers)
    {
        _random = new Random(seed * 1000 + token * 10 + writer);
        (_writer, _writers) = (writer, writers);
        _scale = Scales[token % Scales.Length];
    }

    /// <summary>The bars that a silo has acknowledged, by open time.</summary>
    public Dictionary<long, decimal> Acknowledged { get; } = [];

    /// <summary>The bars that were sent and not acknowledged: they may be there or not.</summary>
    public Dictionary<long, decimal> InFlight { get; private set; } = [];

    /// <summary>Makes the next batch; it is in flight until it is acknowledged.</summary>
    public IReadOnlyList<(long Time, decimal Rate)> Next()
    {
        InFlight = [];
        for (int i = BatchLengths[_random.Next(BatchLengths.Length)]; i > 0; i--)
        {
            int kind = _random.Next(100);
            (long time, decimal? rate) = kind switch
            {
                < 15 when _skipped.Count > 0 => (Late(), null),
                < 30 when _known.Count > 0 => (_known[_random.Next(_known.Count)], null),
                < 40 when _known.Count > 0 && _known[_random.Next(_known.Count)] is var same => (same, Acknowledged.TryGetValue(same, out decimal known) ? known : (decimal?)null),
                _ => (New(), (decimal?)null),
            };
            InFlight[time] = rate ?? new decimal(_random.Next(1, int.MaxValue), 0, 0, false, _scale);
        }

        (long Time, decimal Rate)[] batch = [.. InFlight.Select(bar => (bar.Key, bar.Value))];
        if (_random.Next(3) == 0)
        {
            _random.Shuffle(batch);
        }

        return batch;
    }

    /// <summary>What a silo has to answer if it holds some bars: accepted, unchanged, corrected.</summary>
    public static (int Accepted, int Unchanged, int Corrected) Outcome(IEnumerable<(long Time, decimal Rate)> batch, IReadOnlyDictionary<long, decimal> held)
    {
        (int accepted, int unchanged, int corrected) = (0, 0, 0);
        foreach ((long time, decimal rate) in batch)
        {
            _ = !held.TryGetValue(time, out decimal known) ? accepted++ : known == rate ? unchanged++ : corrected++;
        }

        return (accepted, unchanged, corrected);
    }

    /// <summary>The batch in flight was acknowledged.</summary>
    public void Acknowledge()
    {
        foreach ((long time, decimal rate) in InFlight)
        {
            Acknowledged[time] = rate;
        }

        InFlight = [];
    }

    private long New()
    {
        if (_random.Next(25) == 0)
        {
            for (int skip = _random.Next(1, 12); skip > 0; skip--)
            {
                _skipped.Add(Own(_head++));
            }
        }

        return Known(Own(_head++));
    }

    private long Late()
    {
        int at = _random.Next(_skipped.Count);
        long time = _skipped[at];
        _skipped.RemoveAt(at);
        return Known(time);
    }

    private long Known(long time)
    {
        _known.Add(time);
        return time;
    }

    private long Own(int index) => (FirstSlot + (long)index * _writers + _writer) * 300;
}
