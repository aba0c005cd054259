using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>What is kept of one of a token's listings in a row of its own, as it is stored. Immutable.</summary>
/// <param name="Listing">The listing, without bounds: those are the registration's.</param>
/// <param name="Row">Its row, see <see cref="ListingRow"/>.</param>
/// <param name="Key">As the store gave it; null if it is not there yet.</param>
/// <param name="Revision">The revision of the token with which it was written; 0 if it never was.</param>
/// <param name="History">Its bars.</param>
/// <param name="Owner">Whose its months are in the cache.</param>
internal sealed record KeptListing(Listing Listing, string Row, StoredKey? Key, long Revision, TokenHistory History, long Owner)
{
    /// <summary>Reads the row, which may not be there.</summary>
    public static async Task<KeptListing> LoadAsync(Listing listing, string row, ISegmentStore store, long owner) =>
        await store.LoadAsync(row, CancellationToken.None) is { } stored
            ? new(listing, row, stored.Key, stored.Revision, stored.History(), owner)
            : new(listing, row, null, 0, TokenHistory.Empty, owner);

    /// <summary>The change as it is to be written.</summary>
    public TokenWrite Write(HistoryChange change, long revision) =>
        new(Row, Key, Revision, revision, new() { Symbol = Listing.Key, Name = Listing.Key, Quote = Listing.Quote }, change.History, change.Sealed)
        {
            KeepsRegistration = Key is not null,
            Dropped = change.Dropped,
        };

    /// <summary>Loads months of it.</summary>
    public ValueTask<SegmentSet> LoadAsync(IReadOnlySet<int> months, ISegmentStore store, SegmentCache cache) =>
        months.Count == 0 ? new(SegmentSet.Empty) : store.LoadAsync(cache, Key!, Owner, months);

    /// <summary>Asks a question of its bars.</summary>
    public async ValueTask<T> AskAsync<T>(IHistoryQuestion<T> question, ISegmentStore store, SegmentCache cache) =>
        question.Answer(History, await LoadAsync(question.Months(History), store, cache));
}
