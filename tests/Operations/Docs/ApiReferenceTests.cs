using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Docs;

/// <summary>docs/api.md is what the server's OpenAPI document says today.</summary>
public sealed class ApiReferenceTests
{
    /// <summary>What makes the page anew.</summary>
    public const string Command = "Pnl__Docs__Write=1 dotnet run -c Release --project tests/Operations -- -class Pnl.Tests.Operations.Docs.ApiReferenceTests";

    [Fact]
    public async Task The_reference_is_what_the_document_says()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.StartAsync(folder);
        JsonElement document = (await silo.Http.GetAnswerAsync("/openapi/v1.json")).Ok().Json;
        string path = Path.Combine(Repository.Root, "docs", "api.md"), page = ApiReference.Of(document);
        if (Environment.GetEnvironmentVariable("Pnl__Docs__Write") == "1")
        {
            await File.WriteAllTextAsync(path, page, TestContext.Current.CancellationToken);
        }

        Assert.True(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) == page, $"docs/api.md is out of date; this makes it anew: {Command}");
    }

    [Fact]
    public async Task A_link_within_the_pages_leads_somewhere()
    {
        List<string> broken = [];
        foreach (string page in DocumentedCommand.Pages)
        {
            string text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, page), TestContext.Current.CancellationToken);
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(text, @"\]\(([^)#:]+)(?:#[^)]*)?\)"))
            {
                string target = Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, link.Groups[1].Value);
                if (!File.Exists(target) && !Directory.Exists(target))
                {
                    broken.Add($"{page}: {link.Value}");
                }
            }
        }

        Assert.Empty(broken);
    }
}
