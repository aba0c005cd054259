using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Bars that are taken away again, and tokens that are.</summary>
internal sealed partial class TokenGrain
{
    public async Task<TokenRemoval?> RemoveRates(DateTimeOffset from, DateTimeOffset to)
    {
        if (_registration is null)
        {
            return Unknown<TokenRemoval>();
        }

        SlotRange range = new(BarTime.SlotAtOrAfter(from), BarTime.SlotAtOrAfter(to));
        WithoutQuestion without = new(range, Stagger);
        int before = _history.Life.Count;
        if (!range.IsEmpty && _registration.Kept is null)
        {
            HistoryChange change = without.Answer(_history, await LoadedHere(async () => await Load(_history, without.Months(_history))));
            if (change.IsChange)
            {
                await Store(_registration, change, Math.Max(1, before - change.History.Life.Count), range.From);
            }
        }
        else if (!range.IsEmpty)
        {
            foreach (KeptListing kept in await Kept())
            {
                HistoryChange change = await LoadedHere(async () => await kept.AskAsync(without, store, cache));
                if (change.IsChange)
                {
                    await LoadedHere(() => PutTogether(_registration!, (kept, change), null, []));
                }
            }
        }

        return new(Math.Max(0, before - _history.Life.Count), _revision);
    }

    public async Task<TokenRemoval?> Remove()
    {
        if (_registration is null)
        {
            return Unknown<TokenRemoval>();
        }

        KeptListing[] kept = _registration.Kept is null ? [] : await Kept();
        int bars = _history.Life.Count;
        TokenRegistration gone = new() { Symbol = _registration.Symbol, Name = _registration.Name, Quote = _registration.Quote, Deleted = time.GetUtcNow() };
        await Store(gone, Emptied(_history), Math.Max(1, bars), 0, [.. kept.Select(each => (each, Emptied(each.History)))], StoredConversions.None);
        _converting?.Dispose();
        (_kept, _converting, _life, _rolling, _edges, _isAsked) = (null, null, null, null, RollingEdges.None, false);
        Unknown<TokenRemoval>(); // it need not stay
        return new(bars, _revision);
    }

    private static HashSet<int> AllMonths(TokenHistory history) => [.. history.Months.Select(month => month.Month)];

    private static HistoryChange Emptied(TokenHistory history) => new(TokenHistory.Empty, [], 0, 0, 0, true) { Dropped = [.. AllMonths(history)] };
}
