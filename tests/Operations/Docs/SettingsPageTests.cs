using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Docs;

/// <summary>docs/settings.md is what the program takes today.</summary>
public sealed class SettingsPageTests
{
    /// <summary>What makes the page anew.</summary>
    public const string Command = "Pnl__Docs__Write=1 dotnet run -c Release --project tests/Operations -- -class Pnl.Tests.Operations.Docs.SettingsPageTests";

    [Fact]
    public async Task The_page_is_what_the_classes_say()
    {
        string path = Path.Combine(Repository.Root, "docs", "settings.md"), page = SettingsPage.Make();
        if (Environment.GetEnvironmentVariable("Pnl__Docs__Write") == "1")
        {
            await File.WriteAllTextAsync(path, page, TestContext.Current.CancellationToken);
        }

        Assert.True(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) == page, $"docs/settings.md is out of date; this makes it anew: {Command}");
    }
}
