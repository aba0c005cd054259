using System.Runtime.InteropServices;

namespace Pnl.Rates;

/// <summary>Makes a store again from the landing alone.</summary>
public static class LandingRebuild
{
    /// <summary>
    /// Takes every landed range into its token, in the order in which they were fetched, so that a later fetch corrects an
    /// earlier one as it did then. The store must be empty.
    /// </summary>
    /// <param name="landing">What was landed.</param>
    /// <param name="store">The empty store.</param>
    /// <param name="progress">Told the tokens that are done and the bars in all.</param>
    /// <param name="cancellation">Ends it between two tokens.</param>
    /// <exception cref="InvalidOperationException">The store holds tokens.</exception>
    /// <exception cref="RateFileException">A file of the landing is damaged, or not in its place.</exception>
    public static async Task<(int Tokens, long Bars)> RunAsync(
        ILanding landing, ISegmentStore store, IProgress<(int Tokens, long Bars)>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(landing);
        ArgumentNullException.ThrowIfNull(store);
        if ((await store.ListAsync(null, null, 1, cancellation)).Count > 0)
        {
            throw new InvalidOperationException("the store holds tokens already; rebuild into an empty data folder");
        }

        Dictionary<string, List<LandingKey>> byToken = [];
        await foreach (LandingKey key in landing.ListAsync(cancellation))
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(byToken, key.Token, out _) ??= []).Add(key);
        }

        (int tokens, long bars) = (0, 0);
        foreach ((string token, List<LandingKey> keys) in byToken.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            bars += await RebuildAsync(landing, store, token, keys, cancellation);
            tokens++;
            progress?.Report((tokens, bars));
        }

        return (tokens, bars);
    }

    private static async Task<long> RebuildAsync(ILanding landing, ISegmentStore store, string token, List<LandingKey> keys, CancellationToken cancellation)
    {
        List<LandedCandles> landed = [];
        foreach (LandingKey key in keys)
        {
            LandedCandles candles = await landing.ReadAsync(key, cancellation);
            landed.Add(candles.Key == key ? candles : throw new RateFileException($"{LandingPath.Of(key)} holds what belongs to {LandingPath.Of(candles.Key)}"));
        }

        landed.Sort((one, other) => one.FetchedAt.CompareTo(other.FetchedAt));
        TokenHistory history = TokenHistory.Empty;
        Dictionary<int, SealedMonth> months = [];
        int stagger = TokenHistory.Stagger(token);
        foreach (LandedCandles candles in landed)
        {
            SegmentSet Segments(IReadOnlySet<int> needs)
            {
                SegmentSet segments = new();
                foreach (int month in needs)
                {
                    segments.Add(month, months[month].Segment);
                }

                return segments;
            }

            HistoryChange change;
            if (candles.Candles.Bars() is { } columns)
            {
                change = history.With(columns, candles.Covered, Segments(history.IngestNeeds(columns, stagger)), stagger);
            }
            else
            {
                Bar[] bars = [.. candles.Candles.Select(candle => new Bar(candle.Slot, candle.Close))];
                change = history.With(bars, candles.Covered, Segments(history.IngestNeeds(bars, stagger)), stagger);
            }

            history = change.History;
            foreach (SealedMonth month in change.Sealed)
            {
                months[month.Summary.Month] = month;
            }
        }

        await store.WriteAsync(new(token, null, 0, Math.Max(1, history.Life.Count), landed[^1].Registration, history, [.. months.Values]));
        return history.Life.Count;
    }
}
