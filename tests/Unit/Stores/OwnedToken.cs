using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>A token as its grain writes it: one owner, who builds each change upon the one before.</summary>
public sealed class OwnedToken
{
    private readonly ISegmentStore _store;

    private OwnedToken(ISegmentStore store, string id, TokenRegistration registration) => (_store, Id, Registration) = (store, id, registration);

    public string Id { get; }

    public StoredKey Key { get; private set; } = null!;

    public long Revision { get; private set; }

    public TokenRegistration Registration { get; private set; }

    public TokenHistory History { get; private set; } = TokenHistory.Empty;

    public static async Task<OwnedToken> NewAsync(ISegmentStore store, string id, string name = "Some name")
    {
        OwnedToken token = new(store, id, new() { Symbol = id.ToUpperInvariant(), Name = name, Quote = "usd", Sources = new Dictionary<string, string> { ["binance"] = "X" } });
        token.Key = await store.WriteAsync(new(id, null, 0, token.Revision = 1, token.Registration, TokenHistory.Empty, []));
        return token;
    }

    public static async Task<OwnedToken> LoadAsync(ISegmentStore store, string id)
    {
        StoredToken stored = (await store.LoadAsync(id, TestContext.Current.CancellationToken))!;
        return new(store, id, stored.Registration)
        {
            Key = stored.Key, Revision = stored.Revision, History = TokenHistory.Restore(stored.Months, stored.Tail, stored.Coverage),
        };
    }

    public async Task TakeAsync(Bar[] bars, SlotRange covered = default)
    {
        NewBars taken = new(bars, covered, TokenHistory.Stagger(Id));
        SegmentSet months = new();
        foreach (int month in taken.Months(History))
        {
            months.Add(month, await _store.ReadMonthAsync(Key, month, TestContext.Current.CancellationToken));
        }

        HistoryChange change = taken.Answer(History, months);
        await WriteAsync(Revision + Math.Max(1, change.Accepted + change.Corrected), Registration, change.History, change.Sealed);
    }

    public Task RenameAsync(string name) => WriteAsync(Revision + 1, Registration with { Name = name }, History, []);

    private async Task WriteAsync(long revision, TokenRegistration registration, TokenHistory history, IReadOnlyList<SealedMonth> months)
    {
        Key = await _store.WriteAsync(new(Id, Key, Revision, revision, registration, history, months));
        (Revision, Registration, History) = (revision, registration, history);
    }
}
