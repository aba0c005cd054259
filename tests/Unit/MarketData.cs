namespace Pnl.Tests.Unit;

/// <summary>
/// Real market data, which the repository must not hold (its licences forbid it): looked for beside the repository, and
/// tests that want it are skipped where it is absent.
/// </summary>
internal static class MarketData
{
    /// <summary>The folder, or null where it is absent.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The path of a file; skips the test, saying so, where it is absent.</summary>
    public static string Require(string relativePath)
    {
        string? path = Folder is null ? null : Path.Combine(Folder, relativePath);
        if (path is null || !File.Exists(path))
        {
            Assert.Skip($"needs the market data file {relativePath}, which is looked for in ../shared/data beside the repository");
        }

        return path;
    }

    private static string? Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
