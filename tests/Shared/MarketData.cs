namespace Pnl.Tests.Shared;

/// <summary>
/// Real market data, which its licences keep out of the repository: the folder <c>shared/data</c> beside the one that the
/// repository lies in. A test that needs it is skipped where it is absent, and says so.
/// </summary>
internal static class MarketData
{
    /// <summary>A file or folder of the data; skips the running test if it is not there.</summary>
    public static string Require(params ReadOnlySpan<string> path) => Find(["data", .. path]);

    /// <summary>A file or folder of all that is shared; skips the running test if it is not there.</summary>
    public static string Find(params ReadOnlySpan<string> path)
    {
        string? found = Locate(path);
        Assert.SkipWhen(found is null, $"What is shared (shared/{path[0]}, beside the repository) is not here.");
        return found!;
    }

    /// <summary>A file or folder of all that is shared; null if it is not there.</summary>
    public static string? Locate(params ReadOnlySpan<string> path)
    {
        // The repository may lie one folder deeper or less beside it, so every level up is asked.
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = Path.Combine([folder.FullName, "shared", .. path]);
            if (Path.Exists(found))
            {
                return found;
            }
        }

        return null;
    }
}
