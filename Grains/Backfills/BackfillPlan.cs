using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Which of a source's pairs are fetched for a token, and as which of its listings.</summary>
internal sealed class BackfillPlan(ICandleSource source, IReadOnlyList<SourcePair> pairs)
{
    private readonly ILookup<string, SourcePair> _byBase = pairs.ToLookup(pair => pair.Base), _bySymbol = pairs.ToLookup(pair => pair.Symbol);

    /// <summary>The tokens that the source has by their own ids, in order.</summary>
    public IEnumerable<string> Bases => _byBase.Select(group => group.Key).Order(StringComparer.Ordinal);

    /// <summary>
    /// The pairs of a token: those of its listings of the source, in their order; where it has none, those that the source
    /// calls by its id in its quote.
    /// </summary>
    /// <param name="token">Id.</param>
    /// <param name="known">What is registered of it; null for nothing.</param>
    public PlannedToken Of(string token, TokenInfo? known)
    {
        List<ListedPair> planned = [];
        BackfillFailure? failure = null;
        TokenListing[] listed = known is null ? [] : Listed(known);
        foreach (TokenListing listing in listed)
        {
            (ListedPair? pair, BackfillFailure? why) = Find(known!, listing);
            failure ??= why;
            if (pair is not null)
            {
                planned.Add(pair);
            }
        }

        if (listed.Length == 0)
        {
            planned.AddRange(ByBase(token, known?.Quote));
            failure = planned.Count > 0 ? null : new(token, "symbol.unknown", known is null
                ? $"{source.Name} has no pair of {token}"
                : $"{source.Name} has no pair of {token} in {known.Quote}{InOthers(token)}; name it in the token's sources, or with its quote in its listings");
        }

        return new(token, [.. planned], failure);
    }

    /// <summary>The listings of the source; a token of a silo of an earlier release tells its sources alone.</summary>
    private TokenListing[] Listed(TokenInfo known) => known.Listings is { Length: > 0 } all
        ? [.. all.Where(listing => listing.Source == source.Name)]
        : known.Sources.TryGetValue(source.Name, out string? symbol) ? [new(source.Name, symbol, known.Quote)] : [];

    private (ListedPair? Pair, BackfillFailure? Why) Find(TokenInfo known, TokenListing listing)
    {
        SourcePair[] named = [.. _bySymbol[listing.Symbol]];
        if (named.Length == 0)
        {
            return (null, new(known.Id, "symbol.unknown", $"{source.Name} has no pair {listing.Symbol}, which the listings or sources of {known.Id} name"));
        }

        SourcePair[] quoted = [.. named.Where(pair => pair.Quote == listing.Quote)];
        if (quoted.Length == 0)
        {
            return (null, new(
                known.Id, "quote.mismatch",
                $"{listing.Symbol} of {source.Name} is in {named[0].Quote}, and {known.Id} takes it as in {listing.Quote}; name it among the token's listings with the quote {named[0].Quote}, so that its rates are converted into {known.Quote}"));
        }

        if (quoted.FirstOrDefault(pair => pair.Interval == listing.Interval) is { } exact)
        {
            return (new(listing, exact, false), null);
        }

        if (source.Gives(listing.Interval))
        {
            return (new(listing, quoted[0] with { Interval = listing.Interval }, false), null);
        }

        // What is named by its symbol alone is meant as it is: it becomes a listing of the interval that it has.
        SourcePair coarse = quoted.MinBy(pair => pair.Interval)!;
        return listing == new TokenListing(source.Name, listing.Symbol, known.Quote) && known.Sources.GetValueOrDefault(source.Name) == listing.Symbol
            ? (new(listing with { Interval = coarse.Interval }, coarse, true), null)
            : (null, new(
                known.Id, "interval.unsupported",
                $"{source.Name} has no {listing.Interval.Name()} candles of {listing.Symbol}; it has those of {string.Join(", ", quoted.Select(pair => pair.Interval.Name()))}"));
    }

    /// <summary>The instrument that comes first, in all intervals in which the source has it.</summary>
    private IEnumerable<ListedPair> ByBase(string token, string? quote)
    {
        SourcePair? first = _byBase[token].Where(pair => quote is null || pair.Quote == quote).Order(QuotePreference.Order).FirstOrDefault();
        return first is null ? [] : _bySymbol[first.Symbol]
            .Where(pair => pair.Base == token && pair.Quote == first.Quote).OrderBy(pair => pair.Interval)
            .Select(pair => new ListedPair(new(source.Name, pair.Symbol, pair.Quote, pair.Interval), pair, true));
    }

    private string InOthers(string token) => _byBase[token].Select(pair => pair.Quote).Distinct().Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } others
        ? $", but in {string.Join(", ", others)}" : "";
}

/// <summary>What is fetched of a token.</summary>
/// <param name="Token">Id.</param>
/// <param name="Pairs">The pairs, in the order of its listings.</param>
/// <param name="Failure">Why a listing cannot be fetched, the first one of them; null if all can.</param>
internal sealed record PlannedToken(string Token, ListedPair[] Pairs, BackfillFailure? Failure);

/// <summary>A pair that is fetched as a listing.</summary>
/// <param name="Listing">The listing.</param>
/// <param name="Pair">The pair, of the listing's quote and interval.</param>
/// <param name="IsNew">Whether the token does not list it yet.</param>
internal sealed record ListedPair(TokenListing Listing, SourcePair Pair, bool IsNew);
