using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Bars of listings in another quote are converted by the rates of tokens, and again when those are corrected.</summary>
internal sealed partial class TokenGrain
{
    private static readonly long[] NoTimes = [];

    /// <summary>How bars are converted.</summary>
    /// <param name="ByQuote">By the quotes of their listings.</param>
    /// <param name="None">Of which quotes they cannot be, and why.</param>
    /// <param name="Seen">How the rates are by which they are.</param>
    /// <param name="ChangedFrom">From which slot on what was converted before may differ now.</param>
    private sealed record Ways(
        IReadOnlyDictionary<string, Conversion> ByQuote, IReadOnlyDictionary<string, NoConversion> None, IReadOnlyDictionary<string, SeenRates> Seen, int ChangedFrom);

    private readonly record struct NoConversion(string Why, bool IsCircle);

    /// <summary>Finds how the listings' bars are converted, and whether the rates that they were converted by have changed.</summary>
    private Task<Ways> FindWays(TokenRegistration registration, Part[] parts) => FindWays(
        registration,
        parts.Select(part => part.Kept.Listing.Quote),
        parts.Where(part => part.Kept.Listing.Quote != registration.Quote && !part.History.IsEmpty).Select(part => BarTime.CloseSeconds(part.History.Life.LastSlot)).DefaultIfEmpty().Max());

    /// <summary>Finds how bars are converted.</summary>
    /// <param name="registration">The token as it is, or is to be.</param>
    /// <param name="quotes">Those of the bars.</param>
    /// <param name="to">Up to when the rates are seen, Unix seconds: the last bar that is converted. Null where nothing is converted now.</param>
    private async Task<Ways> FindWays(TokenRegistration registration, IEnumerable<string> quotes, long? to = null)
    {
        Dictionary<string, Conversion> ways = [];
        Dictionary<string, NoConversion> none = [];
        Dictionary<string, RatesAt?> rates = [];
        foreach (string quote in quotes.Where(quote => quote != registration.Quote).Distinct())
        {
            if (await Conversion.FindAsync(quote, registration.Quote, QuoteOf) is not { } way)
            {
                none[quote] = new($"no token says what '{quote}' is in {registration.Quote}", IsCircle: false);
                continue;
            }

            string[] steps = [.. way.Steps.Select(step => step.Token)];
            foreach (string token in steps.Except(rates.Keys))
            {
                rates[token] = await Ask(token, _conversions.Seen.GetValueOrDefault(token), to);
            }

            if (await ConversionCircle.FindAsync(Id, steps, ConvertedBy) is { } circle)
            {
                none[quote] = new(circle, IsCircle: true);
            }
            else
            {
                ways[quote] = way;
            }
        }

        Dictionary<string, SeenRates> seen = [];
        int changedFrom = int.MaxValue;
        foreach (string token in ways.Values.SelectMany(way => way.Steps).Select(step => step.Token).Distinct())
        {
            RatesAt? now = rates[token];
            seen[token] = now is null ? default : new(now.Revision, to ?? 0, now.Digest?.Hash ?? 0);
            changedFrom = Math.Min(changedFrom, now is null ? 0 : ChangedFrom(now));
        }

        bool isOther = ways.Count + none.Count > 0 && !_conversions.Seen.Keys.ToHashSet().SetEquals(seen.Keys);
        return new(ways, none, seen, isOther ? 0 : changedFrom);

        async ValueTask<IReadOnlyList<string>> ConvertedBy(string token) =>
            (rates.TryGetValue(token, out RatesAt? known) ? known : TokenId.IsValid(token) ? await Ask(token, default, null) : null)?.ConvertedBy ?? [];
    }

    /// <summary>The quotes of a token's listings that are not its own.</summary>
    private static string[] ForeignQuotes(TokenRegistration registration) =>
        [.. registration.InOrder().Concat((registration.Kept ?? []).Select(Parse)).Select(listing => listing.Quote).Where(quote => quote != registration.Quote).Distinct()];

    /// <summary>By whose rates bars of a token's listings are converted; null if by none.</summary>
    private static string[]? ConvertedBy(TokenRegistration registration) => ForeignQuotes(registration) is { Length: > 0 } foreign ? [.. foreign, registration.Quote] : null;

    /// <summary>What has changed of a token's rates since they were seen. Null if nobody has registered it.</summary>
    private Task<RatesAt?> Ask(string token, SeenRates seen, long? digestTo) => GrainFactory.GetGrain<ITokenGrain>(token).GetRatesAt(
        new(NoTimes, seen.Revision) { Seen = seen.DigestTo > 0 ? new(seen.DigestTo, seen.Digest) : null, DigestTo = digestTo });

    private static int ChangedFrom(RatesAt answer) => answer.ChangedFrom is { } close ? BarTime.SlotAtSeconds(close) - 1 : int.MaxValue;

    /// <summary>The first slot of which a token's rate may have changed since it was seen; <see cref="int.MaxValue"/> if none has.</summary>
    private async ValueTask<int> ChangedFrom(string token, SeenRates seen) => live.Find(token) is { } here && here.Changes.Knows(seen.Revision)
        ? here.Changes.From(seen.Revision)
        : await Ask(token, seen, null) is { } answer ? ChangedFrom(answer) : 0;

    private async ValueTask<string?> QuoteOf(string token)
    {
        if (token == Id)
        {
            return null; // its own rates are what is sought
        }

        return live.Find(token)?.Quote
            ?? (TokenId.IsValid(token) && await GrainFactory.GetGrain<ITokenGrain>(token).GetRatesAt(new(NoTimes, 0)) is { Quote: { Length: > 0 } quote } ? quote : null);
    }

    /// <summary>Converts the bars of a listing; every one of them to none where there is no way.</summary>
    private async Task<Func<int, decimal, decimal?>> Converter(Ways ways, string quote, int[] slots)
    {
        if (!ways.ByQuote.TryGetValue(quote, out Conversion? way))
        {
            return (_, _) => null;
        }

        List<KnownAtSlots> times = [], over = [];
        foreach ((string token, bool divides) in way.Steps)
        {
            (divides ? over : times).Add(new(slots, await RatesOf(token, slots)));
        }

        KnownAtSlots? a = times.ElementAtOrDefault(0), b = times.ElementAtOrDefault(1), c = over.ElementAtOrDefault(0), d = over.ElementAtOrDefault(1);
        return (slot, rate) => At(a, slot) is { } one && At(b, slot) is { } two && At(c, slot) is { } three && At(d, slot) is { } four
            ? ConvertedRate.Of(rate, one, two, three, four) : null;

        static decimal? At(KnownAtSlots? rates, int slot) => rates is null ? 1m : rates[slot];
    }

    private async Task<decimal?[]> RatesOf(string token, int[] slots)
    {
        List<decimal?> rates = new(slots.Length);
        foreach (int[] some in slots.Chunk(RatesAtQuery.MaxTimes))
        {
            RatesAt? answer = await GrainFactory.GetGrain<ITokenGrain>(token).GetRatesAt(new(Array.ConvertAll(some, BarTime.CloseSeconds), 0));
            rates.AddRange(answer is null ? new decimal?[some.Length] : KnownAtSlots.Of(some, answer));
        }

        return [.. rates];
    }

    /// <summary>
    /// Whether the rates that bars were converted by have changed since: then the answer is not complete, and what they change
    /// is carried into the bars at once.
    /// </summary>
    private async ValueTask<bool> IsBehind()
    {
        if (_conversions.Seen.Count == 0 || !await HaveRatesChanged())
        {
            return false;
        }

        _converting?.Change(TimeSpan.Zero, ConversionPeriod);
        return true;
    }

    private async ValueTask<bool> HaveRatesChanged()
    {
        // Behind the last bar there may be some that could not be converted yet.
        int last = Math.Max(_history.IsEmpty ? int.MinValue : _history.Life.LastSlot, _conversions.Unconverted.Ranges is [.., var end] ? end.To - 1 : int.MinValue);
        foreach ((string token, SeenRates seen) in _conversions.Seen)
        {
            if (await ChangedFrom(token, seen) <= last)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks now and then whether the rates that bars are converted by have changed; soon where one was not there yet.</summary>
    private void FollowConversions()
    {
        if (_registration?.Kept is not { } kept || !kept.Any(key => Listing.TryParse(key, out Listing? listing) && listing.Quote != _registration.Quote))
        {
            return;
        }

        bool isLate = !_history.IsEmpty && _conversions.Seen.Keys.Any(token => live.Find(token) is { } here && !(here.Last?.Slot >= _history.Life.LastSlot)) &&
            BarTime.LastClosedSlot(time.GetUtcNow()) - _history.Life.LastSlot <= 1;
        if (_converting is null)
        {
            _converting = this.RegisterGrainTimer(ConvertAgain, new GrainTimerCreationOptions { DueTime = ConversionPause, Period = ConversionPeriod });
        }
        else
        {
            _converting.Change(isLate ? ConversionPause : ConversionPeriod, ConversionPeriod);
        }
    }

    private async Task ConvertAgain(CancellationToken cancellation)
    {
        try
        {
            // Where no way was found yet, there may be one now.
            if (_registration?.Kept is not null &&
                (_conversions.Seen.Count == 0 ? (await FindWays(_registration, ForeignQuotes(_registration))).ByQuote.Count > 0 : await HaveRatesChanged()))
            {
                await LoadedHere(() => PutTogether(_registration, null, [], []));
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning(e, "The bars of {Token} could not be converted again; it is tried again", Id);
        }
    }
}
