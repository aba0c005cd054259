namespace Pnl;

/// <summary>
/// In which order entries of one and the same time count. Usually by kind and id; where that gives away what is not there yet, such as cash that a sale of the same
/// second brings, in another order that is possible. A function of what is held before and of the set of entries.
/// </summary>
internal static class SameTimeOrder
{
    private const int MostSearched = 12; // entries: 4096 sets of them at most

    /// <summary>Finds the order.</summary>
    /// <param name="before">What is held before them.</param>
    /// <param name="usual">The entries by kind and id.</param>
    /// <param name="after">What is held after them.</param>
    /// <param name="defect">Why there is no order: what is wrong with the usual one.</param>
    /// <returns>The entries with their ranks; null if no order is possible.</returns>
    public static IReadOnlyList<PostedEntry>? Find(PositionBook before, IReadOnlyList<PostedEntry> usual, out PositionBook after, out EntryDefect? defect)
    {
        after = before;
        defect = null;
        foreach (PostedEntry entry in usual)
        {
            if (after.After(entry, out defect) is not { } next)
            {
                break;
            }

            after = next;
        }

        if (defect is null)
        {
            return [.. usual.Select(entry => entry.Rank == 0 ? entry : entry with { Rank = 0 })];
        }

        List<PostedEntry> order = FirstThatCan(before, usual, out after);
        if (order.Count < usual.Count && (usual.Count > MostSearched || !Search(before, usual, [], [], 0, order, ref after)))
        {
            return null;
        }

        defect = null;
        return [.. order.Select((entry, i) => entry with { Rank = i + 1 })];
    }

    /// <summary>Takes the first entry that can be taken, again and again. It may be stuck where another order is not.</summary>
    private static List<PostedEntry> FirstThatCan(PositionBook before, IReadOnlyList<PostedEntry> usual, out PositionBook after)
    {
        after = before;
        List<PostedEntry> order = [], left = [.. usual];
        for (int i = 0; i < left.Count;)
        {
            if (after.After(left[i], out _) is not { } next)
            {
                i++;
                continue;
            }

            after = next;
            order.Add(left[i]);
            left.RemoveAt(i);
            i = 0;
        }

        return order;
    }

    /// <summary>
    /// Tries all orders. What is held after some entries is the same in any order of them, but for redenominations and for fees in what is not held yet, so that each set of
    /// entries is tried once.
    /// </summary>
    private static bool Search(PositionBook book, IReadOnlyList<PostedEntry> usual, HashSet<int> failed, List<PostedEntry> taken, int set, List<PostedEntry> order, ref PositionBook after)
    {
        if (taken.Count == usual.Count)
        {
            order.Clear();
            order.AddRange(taken);
            after = book;
            return true;
        }

        for (int i = 0; i < usual.Count; i++)
        {
            int with = set | (1 << i);
            if (with == set || failed.Contains(with) || book.After(usual[i], out _) is not { } next)
            {
                continue;
            }

            taken.Add(usual[i]);
            if (Search(next, usual, failed, taken, with, order, ref after))
            {
                return true;
            }

            taken.RemoveAt(taken.Count - 1);
            failed.Add(with);
        }

        return false;
    }
}
