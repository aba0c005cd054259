namespace Pnl.Rates;

/// <summary>Where a path leads once every link on its way is followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as Linux has it

    /// <summary>The path without links.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        string real = Path.GetPathRoot(Path.GetFullPath(path))!;
        Stack<string> rest = new(Parts(Path.GetFullPath(path)[real.Length..]));
        for (int links = 0; rest.TryPop(out string? part);)
        {
            string next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException("links lead in a circle");
            }

            string led = Path.GetFullPath(target, real);
            real = Path.GetPathRoot(led)!;
            foreach (string each in Parts(led[real.Length..]))
            {
                rest.Push(each);
            }
        }

        return real;

        static IEnumerable<string> Parts(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
    }

    /// <summary>Whether a path leads to what lies within a folder.</summary>
    /// <param name="root">The folder, without links.</param>
    /// <param name="path">The path.</param>
    public static bool IsWithin(string root, string path)
    {
        try
        {
            return Of(path).StartsWith(root.EndsWith(Path.DirectorySeparatorChar) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
