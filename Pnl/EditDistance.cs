namespace Pnl;

/// <summary>How far two words are apart, by Levenshtein: insertions, deletions and replacements of a character, whatever its case.</summary>
internal static class EditDistance
{
    public static int Of(string a, string b)
    {
        int[] before = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                row[j + 1] = Math.Min(Math.Min(row[j], before[j + 1]) + 1, before[j] + (char.ToLowerInvariant(a[i]) == char.ToLowerInvariant(b[j]) ? 0 : 1));
            }

            before = row;
        }

        return before[^1];
    }
}
