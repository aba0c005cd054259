namespace Pnl.Tests.Acceptance.Ways;

/// <summary>
/// Small inputs of the field with their right values: the folder <c>shared/cases</c> beside the one that the repository lies in.
/// A test that needs it is skipped where it is absent, and says so.
/// </summary>
internal static class FieldCases
{
    /// <summary>A file or folder of the cases; skips the running test if it is not there.</summary>
    public static string Require(params ReadOnlySpan<string> path)
    {
        string? found = Find(path);
        Assert.SkipWhen(found is null, "The cases of the field (shared/cases, beside the repository) are not here.");
        return found!;
    }

    /// <summary>A file or folder of the cases; null if it is not there.</summary>
    public static string? Find(params ReadOnlySpan<string> path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = Path.Combine([folder.FullName, "shared", "cases", .. path]);
            if (Path.Exists(found))
            {
                return found;
            }
        }

        return null;
    }
}
