namespace Pnl.Tests.Shared;

/// <summary>
/// Real market data, which its licences keep out of the repository: the folder <c>shared/data</c> beside the one that
/// the repository lies in. A test that needs it is skipped where it is absent, and says so.
/// </summary>
internal static class MarketData
{
    /// <summary>The folder with the data; skips the running test if there is none.</summary>
    public static string Folder()
    {
        string? found = Find();
        Assert.SkipWhen(found is null, "The market data (shared/data, beside the repository) is not here.");
        return found!;
    }

    /// <summary>The path of one file of the data; skips the running test if there is none.</summary>
    public static string File(params ReadOnlySpan<string> path) => Path.Combine([Folder(), .. path]);

    private static string? Find()
    {
        // The repository may lie one folder deeper or less beside the data, so every level up is asked.
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
            {
                return data;
            }
        }

        return null;
    }
}
