using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Bars of listings in another quote are converted by the rates of tokens, and again when those are corrected.</summary>
internal sealed partial class TokenGrain
{
    private static readonly long[] NoTimes = [];

    /// <summary>How bars are converted, by their quote; as of which revisions; and from which slot on what was converted before may differ now.</summary>
    private sealed record Ways(IReadOnlyDictionary<string, Conversion?> ByQuote, IReadOnlyDictionary<string, long> Revisions, int ChangedFrom);

    /// <summary>Finds how the listings' bars are converted, and whether the rates that they were converted by have changed.</summary>
    private async Task<Ways> FindWays(TokenRegistration registration, Part[] parts)
    {
        Dictionary<string, Conversion?> ways = [];
        foreach (string quote in parts.Select(part => part.Kept.Listing.Quote).Where(quote => quote != registration.Quote).Distinct())
        {
            ways[quote] = await Conversion.FindAsync(quote, registration.Quote, QuoteOf);
        }

        Dictionary<string, long> revisions = [];
        int changedFrom = int.MaxValue;
        foreach (string token in ways.Values.SelectMany(way => way?.Steps ?? []).Select(step => step.Token).Distinct())
        {
            (revisions[token], int slot) = await Changed(token, _conversions.Seen.GetValueOrDefault(token));
            changedFrom = Math.Min(changedFrom, slot);
        }

        bool isOther = ways.Count > 0 && !_conversions.Seen.Keys.ToHashSet().SetEquals(revisions.Keys);
        return new(ways, revisions, isOther ? 0 : changedFrom);
    }

    /// <summary>A token's revision, and the first slot of which its rate may have changed since another one.</summary>
    private async ValueTask<(long Revision, int ChangedFrom)> Changed(string token, long seen)
    {
        if (live.Find(token) is { } here)
        {
            return (here.Revision, here.Changes.From(seen));
        }

        RatesAt? answer = await GrainFactory.GetGrain<ITokenGrain>(token).GetRatesAt(new(NoTimes, seen));
        return answer is null ? (0, 0) : (answer.Revision, answer.ChangedFrom is { } close ? BarTime.SlotAtSeconds(close) - 1 : int.MaxValue);
    }

    private async ValueTask<string?> QuoteOf(string token)
    {
        if (token == Id)
        {
            return null; // its own rates are what is sought
        }

        return live.Find(token)?.Quote ?? (TokenId.IsValid(token) ? (await GrainFactory.GetGrain<ITokenGrain>(token).GetRatesAt(new(NoTimes, 0)))?.Quote : null);
    }

    /// <summary>Converts the bars of a listing; every one of them to none where there is no way.</summary>
    private async Task<Func<int, decimal, decimal?>> Converter(Ways ways, string quote, int[] slots)
    {
        if (ways.ByQuote[quote] is not { } way)
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
        if (_conversions.Seen.Count == 0 || _history.IsEmpty)
        {
            return false;
        }

        foreach ((string token, long seen) in _conversions.Seen)
        {
            if ((await Changed(token, seen)).ChangedFrom <= _history.Life.LastSlot)
            {
                _converting?.Change(TimeSpan.Zero, ConversionPeriod);
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
        TimeSpan due = isLate || (_conversions.Seen.Count == 0 && !_conversions.Unconverted.Ranges.IsEmpty) ? ConversionPause : ConversionPeriod;
        if (_converting is null)
        {
            _converting = this.RegisterGrainTimer(ConvertAgain, new GrainTimerCreationOptions { DueTime = due, Period = ConversionPeriod });
        }
        else
        {
            _converting.Change(due, ConversionPeriod);
        }
    }

    private async Task ConvertAgain(CancellationToken cancellation)
    {
        try
        {
            if (_registration?.Kept is not null)
            {
                await PutTogether(_registration, null, []);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning(e, "The bars of {Token} could not be converted again; it is tried again", Id);
        }
    }
}
