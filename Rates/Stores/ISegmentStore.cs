using System.Collections.Immutable;

namespace Pnl.Rates;

/// <summary>
/// Keeps the bars of all tokens. One token is written by one owner at a time: a write names the revision that it saw, and
/// is refused if another came first. A completed write survives the death of the process and of the machine.
/// </summary>
public interface ISegmentStore
{
    /// <summary>Everything of a token but the bars of its sealed months; null if it is unknown.</summary>
    /// <exception cref="SegmentCorruptException">What is stored is not what was written.</exception>
    ValueTask<StoredToken?> LoadAsync(string token, CancellationToken cancellation);

    /// <summary>The bars of a sealed month.</summary>
    /// <exception cref="SegmentCorruptException">It is not there, or not what was written.</exception>
    /// <exception cref="StoreConflictException">Another owner has rewritten it since the key was given.</exception>
    ValueTask<Segment> ReadMonthAsync(StoredKey key, int month, CancellationToken cancellation);

    /// <summary>Writes a token's change, all or nothing; completes when it is durable.</summary>
    /// <returns>The key, to be given with the next call in place of the one before.</returns>
    /// <exception cref="StoreConflictException">The stored revision is not the one that the writer saw.</exception>
    Task<StoredKey> WriteAsync(TokenWrite write);

    /// <summary>
    /// Writes a token's change with those of its listings (<see cref="ListingRow"/>); completes when all are durable. Where a
    /// store cannot write them as one, the token comes last, and the listings carry its new revision: of one that is ahead of
    /// its token the rest was not written.
    /// </summary>
    /// <param name="listings">The listings' changes.</param>
    /// <param name="token">The token's.</param>
    /// <returns>The keys in the same order, the token's last.</returns>
    /// <exception cref="StoreConflictException">The token's stored revision is not the one that the writer saw.</exception>
    async Task<StoredKey[]> WriteAsync(IReadOnlyList<TokenWrite> listings, TokenWrite token)
    {
        ArgumentNullException.ThrowIfNull(listings);
        StoredKey[] keys = new StoredKey[listings.Count + 1];
        for (int i = 0; i < listings.Count; i++)
        {
            keys[i] = await WriteAsync(listings[i]);
        }

        keys[^1] = await WriteAsync(token);
        return keys;
    }

    /// <summary>Keeps an event that could not be taken, with the reason. The store gives it its id.</summary>
    Task WriteDeadLetterAsync(DeadLetter letter);

    /// <summary>The dead letters, newest first.</summary>
    /// <param name="after">Only those behind the one of this id, whether it is there any more or not; null from the newest.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(string? after, int limit, CancellationToken cancellation);

    /// <summary>The dead letter of an id; null if there is none.</summary>
    ValueTask<DeadLetter?> DeadLetterAsync(string id, CancellationToken cancellation);

    /// <summary>Keeps a dead letter no longer; nothing if there is none of that id.</summary>
    Task RemoveDeadLetterAsync(string id);

    /// <summary>
    /// Ids of tokens that were not deleted, in order: all that were written before the call, and perhaps one of which the first write has not ended or did not
    /// succeed.
    /// </summary>
    /// <param name="search">Part of id, symbol or name, in any case; null for all.</param>
    /// <param name="after">Only ids behind this one; null from the start.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    ValueTask<IReadOnlyList<string>> ListAsync(string? search, string? after, int limit, CancellationToken cancellation);

    /// <summary>
    /// Which tokens' changes are best written together: of the same number they may share a transaction. All the same where it
    /// does not matter.
    /// </summary>
    int GroupOf(string token) => 0;

    /// <summary>How far each token is, in no order: for those who need it of all of them, now and then.</summary>
    ValueTask<IReadOnlyList<TokenState>> StatesAsync(CancellationToken cancellation);

    /// <summary>
    /// Makes anew, from the bars, what an earlier release stored in a form that holds less than this one needs, some at a time.
    /// Goes on where it was left, is done once, and may run beside everything else: what it has not reached is made anew
    /// where it is read. Only where no process of an earlier release uses the store any more, which could not read it.
    /// </summary>
    /// <param name="progress">Is told now and then.</param>
    /// <param name="cancellation">Leaves the rest for another time.</param>
    Task RenewAsync(IProgress<StoreRenewal>? progress, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>What a store needs to know of a token from one call to the next. Each store has its own kind.</summary>
/// <param name="Token">The token's id.</param>
public abstract record StoredKey(string Token);

/// <summary>What is stored of a token.</summary>
/// <param name="Key">To be given with the next call.</param>
/// <param name="Revision">Grows with every write.</param>
/// <param name="Registration">Symbol, quote and so on.</param>
/// <param name="Months">Summaries of the sealed months, ascending.</param>
/// <param name="Tail">The open days; null if there is no bar.</param>
/// <param name="Coverage">What was read of the sources.</param>
public sealed record StoredToken(
    StoredKey Key, long Revision, TokenRegistration Registration, ImmutableArray<MonthSummary> Months, Segment? Tail, Coverage Coverage)
{
    /// <summary>Which bars are of a coarser interval.</summary>
    public CoarseBars Coarse { get; init; } = CoarseBars.None;

    /// <summary>By which rates bars were converted.</summary>
    public StoredConversions Conversions { get; init; } = StoredConversions.None;

    /// <summary>What was counted of backfills.</summary>
    public BackfillReceipts Receipts { get; init; } = BackfillReceipts.None;

    /// <summary>The history.</summary>
    public TokenHistory History() => TokenHistory.Restore(Months, Tail, Coverage, Coarse);
}

/// <summary>
/// The rows of what is kept of a token's listings, where it has more than one or converts it: stored as a token is, under a
/// name that no token has.
/// </summary>
public static class ListingRow
{
    private const char Separator = '@';

    /// <summary>The row of a listing.</summary>
    /// <param name="token">The token's id.</param>
    /// <param name="number">From 0, in the order in which they came.</param>
    public static string Of(string token, int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{token}{Separator}{number}");

    /// <summary>Whether a row is a listing's and no token's.</summary>
    public static bool IsListing(string row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Contains(Separator, StringComparison.Ordinal);
    }
}

/// <summary>How the rates of a token were when bars were converted by them.</summary>
/// <param name="Revision">Its revision.</param>
/// <param name="DigestTo">Unix seconds; the digest is of its bars up to then.</param>
/// <param name="Digest">The digest: it tells whether they are the same where the token no longer knows what changed since the revision.</param>
public readonly record struct SeenRates(long Revision, long DigestTo, ulong Digest);

/// <summary>By which rates a token's bars were converted to its quote.</summary>
/// <param name="Seen">The tokens whose rates were asked, and how they were then.</param>
/// <param name="Unconverted">Slots of bars that could not be converted.</param>
public sealed record StoredConversions(IReadOnlyDictionary<string, SeenRates> Seen, Coverage Unconverted)
{
    /// <summary>Nothing is converted.</summary>
    public static StoredConversions None { get; } = new(new Dictionary<string, SeenRates>(), Coverage.None);

    /// <summary>Whether nothing is converted.</summary>
    public bool IsNone => Seen.Count == 0 && Unconverted.Ranges.IsEmpty;
}

/// <summary>A change of a token.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="Key">As the store gave it last; null if the token is new.</param>
/// <param name="SeenRevision">The revision on which the change is built; 0 for a new token.</param>
/// <param name="Revision">The revision afterwards, larger.</param>
/// <param name="Registration">Symbol, quote and so on.</param>
/// <param name="History">The history afterwards, of which tail and coverage are stored.</param>
/// <param name="Sealed">The months that changed.</param>
public sealed record TokenWrite(
    string Token, StoredKey? Key, long SeenRevision, long Revision, TokenRegistration Registration, TokenHistory History, IReadOnlyList<SealedMonth> Sealed)
{
    /// <summary>Months that hold no bar any more.</summary>
    public IReadOnlyList<int> Dropped { get; init; } = [];

    /// <summary>By which rates bars were converted.</summary>
    public StoredConversions Conversions { get; init; } = StoredConversions.None;

    /// <summary>What was counted of backfills.</summary>
    public BackfillReceipts Receipts { get; init; } = BackfillReceipts.None;

    /// <summary>Whether the registration is the one that is stored, so that it need not be written again.</summary>
    public bool KeepsRegistration { get; init; }
}

/// <summary>How far a token is.</summary>
/// <param name="Token">Id.</param>
/// <param name="Revision">Revision.</param>
/// <param name="LastSlot">Slot of the last bar; null if there is none.</param>
public readonly record struct TokenState(string Token, long Revision, int? LastSlot)
{
    /// <summary>Whether the token was deleted.</summary>
    public bool IsDeleted { get; init; }
}

/// <summary>How far a store has made anew what an earlier release stored.</summary>
/// <param name="Renewed">Months and open days that were rewritten.</param>
/// <param name="Done">The part of the store that is through, from 0 to 1.</param>
public readonly record struct StoreRenewal(long Renewed, double Done);
