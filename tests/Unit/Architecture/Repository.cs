using System.Xml.Linq;

namespace Pnl.Tests.Unit.Architecture;

/// <summary>The source of the repository that these tests were built from, as files.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>What a project's file refers to, by the names of the projects' folders.</summary>
    public static string[] ProjectReferences(string project) =>
        [.. Items(project, "ProjectReference").Select(path => Path.GetFileName(Path.GetDirectoryName(path.Replace('\\', '/')))!).Order(StringComparer.Ordinal)];

    public static string[] PackageReferences(string project) => [.. Items(project, "PackageReference")];

    /// <summary>The C# files of a folder, by their paths from the root, without comments.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Sources(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string path = Path.GetRelativePath(Root, file).Replace('\\', '/');
            if (!path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            {
                yield return (path, [.. File.ReadLines(file).Select(line => line.TrimStart().StartsWith("//", StringComparison.Ordinal) ? "" : line)]);
            }
        }
    }

    private static IEnumerable<string> Items(string project, string name) =>
        XDocument.Load(Path.Combine(Root, project, Path.GetFileName(project) + ".csproj"))
            .Descendants(name).Select(item => (string)item.Attribute("Include")!);

    private static string Find()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Orleans.Pnl.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException($"no Orleans.Pnl.sln above {AppContext.BaseDirectory}");
    }
}
