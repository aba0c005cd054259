using System.Text.RegularExpressions;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Docs;

/// <summary>What the pages tell to type in does what they say.</summary>
public sealed partial class CommandTests
{
    public static TheoryData<string> Pages => [.. DocumentedCommand.Pages.Where(page => DocumentedCommand.Of(page).Count > 0)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Each_command_of_a_page_does_what_the_page_says(string page)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands are a shell's.");
        using Reader reader = new();
        foreach (DocumentedCommand command in DocumentedCommand.Of(page))
        {
            if (Reader.NotRun(command.Text) is { } reason)
            {
                TestContext.Current.TestOutputHelper!.WriteLine($"not run, since {reason}: {command}");
            }
            else
            {
                await reader.DoAsync(command);
            }
        }
    }

    [Fact]
    public void The_pages_have_commands_and_expected_answers_and_most_are_run()
    {
        DocumentedCommand[] all = [.. DocumentedCommand.Pages.SelectMany(DocumentedCommand.Of)];

        Assert.Empty(((string[])["README.md", "docs/getting-started.md", "docs/concepts.md", "docs/operations.md"]).Except(all.Select(command => command.Page)));
        Assert.True(all.Count(command => command.Expected is not null) >= 10);
        Assert.True(all.Count(command => Reader.NotRun(command.Text) is null) > all.Length * 3 / 4);
    }

    /// <summary>Runs of minutes, in blocks and within the text: projects, tests and variables that they name are there.</summary>
    [Fact]
    public void What_a_long_command_names_is_there()
    {
        string tests = string.Concat(Repository.Sources("tests").Concat(Repository.Sources("bench")).SelectMany(source => source.Lines.Append("\n")));
        string[] pages = [.. DocumentedCommand.Pages, .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "decisions")).Select(path => "docs/decisions/" + Path.GetFileName(path)), "k8s/README.md", "ops/README.md"];
        int found = 0;
        List<string> absent = [];
        foreach (string page in pages)
        {
            foreach (Match match in Long().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings(" ")))
            {
                found++;
                string text = match.Value;
                absent.AddRange(Project().Matches(text).Select(m => m.Groups[1].Value).Where(path => !Directory.Exists(Path.Combine(Repository.Root, path))).Select(path => $"{page}: {path}"));
                absent.AddRange(Class().Matches(text).Select(m => m.Groups[1].Value.Trim('*').Split('.')[^1]).Where(name => !Regex.IsMatch(tests, $@"class \w*{name}\w*|\b{name}\w*\(")).Select(name => $"{page}: the test {name}"));
                absent.AddRange(Variable().Matches(text).Select(m => m.Value).Where(name => !tests.Contains(name, StringComparison.Ordinal) && !tests.Contains(name.Split("__")[^1], StringComparison.Ordinal)).Select(name => $"{page}: the variable {name}"));
            }
        }

        Assert.Empty(absent);
        Assert.True(found >= 5, $"only {found} commands are found");
    }

    [GeneratedRegex(@"`(?:Pnl__\w+=\S+ )*dotnet (?:run|test) [^`]*`")]
    private static partial Regex Long();

    [GeneratedRegex(@"(?:--project|dotnet test -c Release) ((?:tests|bench|samples|Cli|Silo)[\w/]*)")]
    private static partial Regex Project();

    [GeneratedRegex(@"(?:-class|FullyQualifiedName~) ?([\w.*]+)")]
    private static partial Regex Class();

    [GeneratedRegex(@"Pnl__(?:Stress|Figures|Fuzz)__\w+")]
    private static partial Regex Variable();
}
