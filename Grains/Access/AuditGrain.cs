using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Keeps the audit log as state of grains, so that every profile has it where it keeps that: here the entries since the last full
/// page, each full page in a grain of its own. A write is thus a page at most, however long the log is.
/// </summary>
[GrainType("audit")]
internal sealed class AuditGrain([PersistentState("audit")] IPersistentState<AuditTail> stored) : Grain, IAuditGrain
{
    private const int PageLength = 256, MostPages = 1000, PagesACall = 16;

    public async Task Append(AuditEntry[] entries)
    {
        (long page, List<AuditEntry> tail) = (stored.State.Page, [.. stored.State.Entries]);
        foreach (AuditEntry entry in entries)
        {
            tail.Add(entry with { Number = page * PageLength + tail.Count });
            if (tail.Count == PageLength)
            {
                // Nobody reads it until our own state says that it is there, so what a failure leaves is written over.
                await Page(page).Put([.. tail]);
                if (page >= MostPages)
                {
                    await Page(page - MostPages).Clear();
                }

                (page, tail) = (page + 1, []);
            }
        }

        stored.State = new() { Page = page, Entries = tail };
        try
        {
            await stored.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle(); // whether it was stored is unknown: the next activation reads what is
            throw;
        }
    }

    public async Task<AuditResult> Find(AuditQuery query)
    {
        AuditTail tail = stored.State; // replaced as a whole, never changed
        long before = Math.Min(query.Before ?? long.MaxValue, tail.Page * PageLength + tail.Entries.Count), oldest = Math.Max(0, tail.Page - MostPages);
        List<AuditEntry> found = [];
        for (int looked = 0; looked < PagesACall && before > oldest * PageLength; looked++)
        {
            long page = (before - 1) / PageLength;
            IReadOnlyList<AuditEntry> entries = page == tail.Page ? tail.Entries : await Page(page).Get();
            foreach (AuditEntry entry in entries.Where(entry => entry.Number < before).Reverse())
            {
                if (Has(entry.Who, query.Who) && Has(entry.What, query.What))
                {
                    found.Add(entry);
                    if (found.Count == query.Limit)
                    {
                        return new() { Items = [.. found], Next = entry.Number > oldest * PageLength ? entry.Number : null };
                    }
                }
            }

            before = page * PageLength;
        }

        return new() { Items = [.. found], Next = before > oldest * PageLength ? before : null };
    }

    private static bool Has(string text, string? part) => part is null || text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private IAuditPageGrain Page(long number) => GrainFactory.GetGrain<IAuditPageGrain>(number);
}
