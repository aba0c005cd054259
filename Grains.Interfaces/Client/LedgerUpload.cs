using Pnl.Grains;

namespace Pnl.Client;

/// <summary>
/// Brings a file of trades into a ledger: what the ledger lacks of it. All of it or none where it fits into one call, else call by call; what
/// happened at one time goes together.
/// </summary>
internal sealed class LedgerUpload(IPnlClient client, string portfolio)
{
    private const int EntriesAPage = 10_000;

    private LedgerEntry[] _lacking = [];

    /// <summary>The file, as the portfolio's terms have it read.</summary>
    public LedgerFile File { get; private set; } = new("", [], []);

    /// <summary>Entries added.</summary>
    public int Accepted { get; private set; }

    /// <summary>Entries that were there already.</summary>
    public int Unchanged { get; private set; }

    /// <summary>Rows left out since the ledger refused their entries.</summary>
    public List<LedgerRejection> Refused { get; } = [];

    /// <summary>The portfolio's revision afterwards; null if nothing was sent.</summary>
    public long? Revision { get; private set; }

    /// <summary>Reads the file, and what the ledger has of it.</summary>
    /// <param name="read">Reads it.</param>
    /// <param name="asked">How it is to be read.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="LedgerFileException">It cannot be read, or does not go with what the ledger has.</exception>
    /// <exception cref="PortfolioUnknownException">Nobody set the portfolio up.</exception>
    public async Task ReadAsync(Func<LedgerReading, LedgerFile> read, LedgerReading asked, CancellationToken cancellation)
    {
        File = read(asked);
        if (!File.IsExport)
        {
            _lacking = [.. File.Entries];
            return;
        }

        if ((await client.GetPortfolioAsync(portfolio, cancellation)).TrackCash)
        {
            File = read(asked with { TracksCash = true });
        }

        LedgerImport import = File.Against(await StoredAsync(cancellation));
        (_lacking, Unchanged) = ([.. import.Entries], import.Known);
    }

    /// <summary>Sends what the ledger lacks.</summary>
    /// <param name="entriesACall">The most entries a call.</param>
    /// <param name="skipRefused">Whether rows whose entries the ledger refuses are left out; if not, the first ends it.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="LedgerRefusedException">The ledger refuses an entry; what was sent by calls before is in it.</exception>
    public async Task PostAsync(int entriesACall, bool skipRefused, CancellationToken cancellation)
    {
        foreach (LedgerEntry[] call in Calls(entriesACall))
        {
            LedgerEntry[] left = call;
            while (left.Length > 0)
            {
                try
                {
                    LedgerResult result = await client.PostEntriesAsync(portfolio, Array.ConvertAll(left, PortfolioEntry.Of), cancellation);
                    (Accepted, Unchanged, Revision) = (Accepted + result.Accepted, Unchanged + result.Unchanged, result.Revision);
                    break;
                }
                catch (LedgerRefusedException e) when (skipRefused && e.Refused is { } refused && File.With(refused.EntryId) is { } rows && Array.Exists(left, entry => entry.Id == refused.EntryId))
                {
                    left = Array.FindAll(left, entry => !rows.Entries.Any(other => other.Id == entry.Id));
                    Refused.Add(new(rows.Line, refused.Code, refused.Field, refused.Detail));
                }
            }
        }
    }

    private List<LedgerEntry[]> Calls(int entriesACall)
    {
        if (_lacking.Length <= entriesACall)
        {
            return [_lacking];
        }

        // What was bought comes before it is sold, whichever way the file is sorted.
        List<LedgerEntry[]> calls = [];
        List<LedgerEntry> call = [];
        foreach (IGrouping<DateTimeOffset, LedgerEntry> instant in _lacking.OrderBy(entry => entry.Time).GroupBy(entry => entry.Time))
        {
            LedgerEntry[] together = [.. instant];
            if (call.Count > 0 && call.Count + together.Length > entriesACall)
            {
                calls.Add([.. call]);
                call.Clear();
            }

            call.AddRange(together);
        }

        calls.Add([.. call]);
        return calls;
    }

    private async Task<List<LedgerEntry>> StoredAsync(CancellationToken cancellation)
    {
        List<LedgerEntry> stored = [];
        EntryPlace? after = null;
        do
        {
            EntriesPage page = await client.GetEntriesAsync(portfolio, after, EntriesAPage, cancellation);
            stored.AddRange(page.Items.Select(entry => entry.ToLedger()));
            after = page.Next;
        }
        while (after is not null);
        return stored;
    }
}
