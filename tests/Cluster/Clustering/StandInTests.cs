using System.Reflection;
using System.Text.RegularExpressions;

namespace Pnl.Tests.Cluster.Clustering;

/// <summary>
/// Code of ours that stands in for behaviour of Orleans is named in decision 33, with that behaviour and the release of Orleans that was looked at.
/// After an upgrade of Orleans these tests fail until each row was looked at again.
/// </summary>
public sealed partial class StandInTests
{
    private static readonly string[] Rows = [.. File.ReadLines(Path.Combine(Root(), "docs", "decisions", "0033-clustering.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

    [Fact]
    public void Every_class_of_the_folder_is_named_with_what_it_stands_in_for()
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(Root(), "Grains", "Clustering"), "*.cs").Select(Path.GetFileNameWithoutExtension).Except(["PnlClustering"]).Order(StringComparer.Ordinal)!];
        string[] named = [.. Rows.SelectMany(row => Code().Matches(row.Split('|')[1]).Select(match => match.Groups[1].Value)).Where(name => !name.StartsWith("Add", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(files);
        Assert.Equal(files, named);
    }

    [Fact]
    public void Each_was_looked_at_with_the_release_of_Orleans_in_use()
    {
        string used = Number().Match(typeof(Grain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion).Value;
        string[] looked = [.. Rows.SelectMany(row => Release().Matches(row).Select(match => match.Groups[1].Value)).Distinct()];
        Assert.Equal([used], looked);
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.Pnl.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The repository is not above the tests.");
    }

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\d+\.\d+\.\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"Orleans (\d+\.\d+\.\d+)")]
    private static partial Regex Release();
}
