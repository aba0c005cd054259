using System.Runtime.InteropServices;

namespace Pnl.Rates;

/// <summary>Makes a store again from the landing alone.</summary>
public static class LandingRebuild
{
    /// <summary>
    /// Takes every landed range into its listing's layer, in the order in which they were fetched, so that a later fetch corrects
    /// an earlier one as it did then, and puts the layers together as tokens do. The store must be empty.
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
        TokenRegistration registration = landed[^1].Registration;
        LandedLayer[] layers = [.. InOrder(landed.GroupBy(candles => candles.Listing), registration).Select(group => new LandedLayer(group.Key, [.. group]))];
        return await WriteAsync(store, token, registration, layers);
    }

    /// <summary>
    /// Writes a token: of one listing in its own quote, whose bars are kept once; or of several, each kept by itself, and the
    /// life that is put together of them. Bars that are to be converted are so by the token's grain, when the rates are there.
    /// </summary>
    private static async Task<long> WriteAsync(ISegmentStore store, string token, TokenRegistration registration, LandedLayer[] layers)
    {
        Built[] built = [.. layers.Select(layer => Build(token, layer.Landed))];
        SlotRange[] bounds = [.. layers.Select(layer => registration.BoundsOf(layer.Listing))];
        if (layers is [var sole] && sole.Listing.Quote == registration.Quote && bounds[0].Intersect(built[0].History.LifeRange) == built[0].History.LifeRange)
        {
            TokenHistory history = built[0].History;
            await store.WriteAsync(new(token, null, 0, Math.Max(1, history.Life.Count), registration with { Whose = registration.InOrder() is [var first, ..] && first.IsSame(sole.Listing) ? null : sole.Listing.Key, Kept = null }, history, [.. built[0].Months.Values]));
            return history.Life.Count;
        }

        LifeMerge merge = new([.. layers.Select((layer, i) => new LifeMerge.Input(
            new(registration.InOrder().FirstOrDefault(layer.Listing.IsSame) ?? layer.Listing, built[i].History), bounds[i], SegmentSet.Empty.With(built[i].Months.Values),
            layer.Listing.Quote == registration.Quote ? null : (_, _) => null))]);
        HistoryChange life = merge.Whole(TokenHistory.Stagger(token), out Coverage unconverted);
        int revision = Math.Max(1, life.History.Life.Count);
        await store.WriteAsync(
            [.. layers.Select((layer, i) => new TokenWrite(
                ListingRow.Of(token, i), null, 0, revision, new() { Symbol = layer.Listing.Key, Name = layer.Listing.Key, Quote = layer.Listing.Quote },
                built[i].History, [.. built[i].Months.Values]))],
            new(token, null, 0, revision, registration with { Kept = [.. layers.Select(layer => layer.Listing.Key)], Whose = null }, life.History, life.Sealed)
            {
                Conversions = new(new Dictionary<string, SeenRates>(), unconverted),
            });
        return life.History.Life.Count;
    }

    /// <summary>What was landed of each listing, in the token's order of preference; behind them those that it does not list.</summary>
    private static IEnumerable<IGrouping<Listing, LandedCandles>> InOrder(IEnumerable<IGrouping<Listing, LandedCandles>> groups, TokenRegistration registration)
    {
        List<Listing> order = [.. registration.InOrder()];
        return groups.OrderBy(group => order.FindIndex(group.Key.IsSame) is >= 0 and int place ? place : int.MaxValue).ThenBy(group => group.Key.Key, StringComparer.Ordinal);
    }

    /// <summary>Takes what was landed into a history, in this order.</summary>
    private static Built Build(string token, IEnumerable<LandedCandles> landed)
    {
        TokenHistory history = TokenHistory.Empty;
        Dictionary<int, SealedMonth> months = [];
        int stagger = TokenHistory.Stagger(token);
        foreach (LandedCandles candles in landed)
        {
            SlotRange[] read = [.. candles.Read()];
            Reading first = new(read.FirstOrDefault(), candles.Interval);
            NewBars bars = candles.Candles.Bars() is { } columns
                ? new(columns, first, stagger)
                : new(candles.Candles.Select(candle => new Bar(candle.Slot, candle.Close)).ToArray(), first, stagger);
            SegmentSet segments = new();
            foreach (int month in bars.Months(history))
            {
                segments.Add(month, months[month].Segment);
            }

            HistoryChange change = bars.Answer(history, segments);
            history = change.History;
            foreach (SealedMonth month in change.Sealed)
            {
                months[month.Summary.Month] = month;
            }

            foreach (SlotRange more in read.Skip(1))
            {
                history = history.With([], new Reading(more, candles.Interval), SegmentSet.Empty, stagger).History;
            }
        }

        return new(history, months);
    }

    /// <summary>What was landed of one listing, in the order in which it was fetched.</summary>
    private sealed record LandedLayer(Listing Listing, LandedCandles[] Landed);

    /// <summary>A history with its sealed months.</summary>
    private sealed record Built(TokenHistory History, IReadOnlyDictionary<int, SealedMonth> Months);
}
