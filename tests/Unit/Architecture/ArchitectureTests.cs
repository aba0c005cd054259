using System.Text.RegularExpressions;

namespace Pnl.Tests.Unit.Architecture;

/// <summary>Dependencies point one way, and the core is deterministic: what keeps both is checked here.</summary>
public sealed partial class ArchitectureTests
{
    [Theory]
    [InlineData("Pnl")]
    [InlineData("Rates", "Pnl")]
    [InlineData("Grains.Interfaces", "Pnl")]
    [InlineData("Grains", "Grains.Interfaces", "Pnl", "Rates")]
    [InlineData("Client", "Grains.Interfaces", "Pnl")]
    [InlineData("Client.Http", "Grains.Interfaces", "Pnl")]
    [InlineData("Client.Testing", "Client", "Grains", "Grains.Interfaces", "Pnl", "Rates")]
    [InlineData("Gateway", "Client", "Grains.Interfaces", "Pnl")]
    [InlineData("Silo", "Gateway", "Grains", "Client", "Rates", "Grains.Interfaces", "Pnl")]
    [InlineData("Cli", "Client.Http", "Grains.Interfaces", "Pnl", "Rates")]
    public void A_project_refers_only_to_those_before_it(string project, params string[] allowed) =>
        Assert.Empty(Repository.ProjectReferences(project).Except(allowed));

    [Theory]
    [InlineData("Rates", "Pnl")]
    [InlineData("Grains", "Rates")]
    [InlineData("Grains", "Grains.Interfaces")]
    [InlineData("Client", "Grains.Interfaces")]
    [InlineData("Gateway", "Client")]
    [InlineData("Silo", "Grains")]
    [InlineData("Silo", "Gateway")]
    [InlineData("Cli", "Client.Http")]
    [InlineData("Cli", "Rates")]
    public void A_project_refers_to_what_it_stands_upon(string project, string reference) =>
        Assert.Contains(reference, Repository.ProjectReferences(project));

    [Theory]
    [InlineData("Pnl")]
    [InlineData("Rates")]
    public void The_domain_and_the_rates_know_nothing_of_orleans(string project)
    {
        Assert.DoesNotContain(Repository.PackageReferences(project), package => package.Contains("Orleans", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(Offences(OrleansNamespace(), project));
    }

    /// <summary>A project that is named in neither place would be built and never run.</summary>
    [Fact]
    public void Every_test_project_is_run_and_every_long_test_too()
    {
        string root = Repository.Root, targets = File.ReadAllText(Path.Combine(root, "Directory.Solution.targets")), longRun = File.ReadAllText(Path.Combine(root, ".ci", "long"));
        foreach (string project in Directory.GetDirectories(Path.Combine(root, "tests")).Select(folder => Path.GetFileName(folder)))
        {
            (string Path, string[] Lines)[] sources = [.. Repository.Sources("tests/" + project)];
            bool HasLine(string text) => sources.Any(source => source.Lines.Any(line => line.TrimStart().StartsWith(text, StringComparison.Ordinal)));
            Assert.True(project is "Next" or "Shared" || !(HasLine("[Fact") || HasLine("[Theory")) || targets.Contains($"tests/{project}/{project}.csproj", StringComparison.Ordinal), project);
            Assert.True(!HasLine("[Trait(\"Category\", \"Long\")]") || Regex.IsMatch(longRun, $@"^for project in .*\b{project}\b", RegexOptions.Multiline), project);
        }
    }

    [Fact]
    public void The_domain_has_no_files_no_network_and_no_threads() => Assert.Empty(Offences(InputOutput(), "Pnl"));

    [Fact]
    public void Time_and_chance_come_only_through_what_is_injected() =>
        Assert.Empty(Offences(AmbientTimeOrChance(), "Pnl", "Rates", "Grains.Interfaces", "Grains", "Client", "Client.Http", "Client.Testing", "Gateway", "Silo"));

    [Theory]
    [InlineData("DateTime now = DateTime.UtcNow;", true)]
    [InlineData("var now = DateTimeOffset.Now;", true)]
    [InlineData("await Task.Delay(delay);", true)]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);", true)]
    [InlineData("await Task.Delay(delay, timeProvider, cancellationToken);", false)]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1), _time);", false)]
    [InlineData("await Task.Delay(Math.Min(a, b), _clock, token);", false)]
    [InlineData("Guid id = Guid.NewGuid();", true)]
    [InlineData("int i = Random.Shared.Next();", true)]
    [InlineData("Random random = new Random(1);", true)]
    [InlineData("Thread.Sleep(1);", true)]
    [InlineData("DateTimeOffset now = timeProvider.GetUtcNow();", false)]
    public void What_counts_as_ambient_time_or_chance(string line, bool counts) => Assert.Equal(counts, AmbientTimeOrChance().IsMatch(line));

    private static IEnumerable<string> Offences(Regex forbidden, params string[] folders) =>
        from folder in folders
        from source in Repository.Sources(folder)
        from line in source.Lines.Index()
        where forbidden.IsMatch(line.Item)
        select $"{source.Path}:{line.Index + 1}: {line.Item.Trim()}";

    [GeneratedRegex(@"^\s*(global\s+)?using\s+(static\s+)?Orleans\b")]
    private static partial Regex OrleansNamespace();

    [GeneratedRegex(@"\b(File|Directory|FileStream|HttpClient|Socket|Environment|Console|Task|Timer|Stopwatch|TimeProvider)\b[.(]|\b(async|await|lock)\b")]
    private static partial Regex InputOutput();

    // Task.Delay counts unless its arguments name a clock, as those of its overloads with a TimeProvider do.
    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b|\bRandom\.Shared\b|\bnew\s+Random\s*\(|\bGuid\.NewGuid\b|\bThread\.Sleep\b|\bTask\.Delay\s*\((?!.*,\s*[\w.]*(?i:time|clock)\w*\b)")]
    private static partial Regex AmbientTimeOrChance();
}
