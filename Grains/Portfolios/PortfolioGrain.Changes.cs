namespace Pnl.Grains;

/// <summary>What has changed of late, for those who read answers in pages: pages go together if nothing has changed of those that were read.</summary>
internal sealed partial class PortfolioGrain
{
    private RateChanges _changes = RateChanges.Since(0); // by the portfolio's revisions: entries, terms and rates
    private long _lotsSince; // the revision since which the ledger, and what it was converted by, are as they are

    /// <summary>What came before this activation, or before the portfolio, is not known.</summary>
    private void BeginChanges() => (_changes, _lotsSince) = (RateChanges.Since(Revision), Revision);

    /// <summary>The ledger or its conversions have changed, and with them all that is valued from the close of a slot on.</summary>
    private void NoteChange(int slot)
    {
        NoteRates(slot);
        _lotsSince = Revision;
    }

    /// <summary>Rates have changed from a slot on, after the last entry.</summary>
    private void NoteRates(int slot) => _changes = _changes.With(Revision, slot);

    /// <summary>From which time on points of a series may have changed since a revision; null if none has.</summary>
    private async Task<DateTimeOffset?> ChangedFrom(long seen)
    {
        // Bars that have come while the answer was computed may be in it.
        await _rates.LookAsync(_currencies.Keys, []);
        int slot = Math.Min(_changes.From(seen), _rates.ChangedFrom);
        return slot == int.MaxValue ? null : BarTime.Open(Math.Max(0, slot));
    }
}
