using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Infra;

/// <summary>What a cluster in Azure runs on, compiled; there is no Azure to deploy it to.</summary>
public sealed partial class BicepTests
{
    private static string Compiler { get; } = typeof(BicepTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Bicep").Value!.Replace('\\', '/');

    private static string Folder { get; } = Path.Combine(Repository.Root, "infra");

    [Fact]
    public async Task It_compiles_and_the_linter_has_nothing_to_say()
    {
        (int code, string output, string errors) = await Tool.RunAsync(Compiler, Folder, "lint", "main.bicep", "--diagnostics-format", "sarif");
        Assert.True(code == 0, output + errors);
        using JsonDocument report = JsonDocument.Parse(output);
        Assert.Equal(0, report.RootElement.GetProperty("runs")[0].GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task A_mistake_in_it_would_be_seen()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("pnl-bicep-").FullName, "wrong.bicep");
        await File.WriteAllTextAsync(file, "param unused string\noutput a int = 'no number'\n", TestContext.Current.CancellationToken);
        (int code, _, string errors) = await Tool.RunAsync(Compiler, Folder, "lint", file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.NotEqual(0, code);
        Assert.Contains("BCP033", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_no_key_to_anything_and_the_rules_of_Prometheus_are_those_of_the_repository()
    {
        using JsonDocument template = await CompileAsync();
        JsonElement[] resources = [.. Resources(template.RootElement)];
        JsonElement Of(string type) => resources.Single(resource => resource.GetProperty("type").GetString() == type).GetProperty("properties");

        Assert.False(Of("Microsoft.Storage/storageAccounts").GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(Of("Microsoft.Storage/storageAccounts").GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.True(Of("Microsoft.EventHub/namespaces").GetProperty("disableLocalAuth").GetBoolean());
        Assert.False(Of("Microsoft.ContainerRegistry/registries").GetProperty("adminUserEnabled").GetBoolean());
        Assert.True(Of("Microsoft.ContainerService/managedClusters").GetProperty("securityProfile").GetProperty("workloadIdentity").GetProperty("enabled").GetBoolean());
        Assert.DoesNotContain("listKeys", template.RootElement.GetRawText(), StringComparison.OrdinalIgnoreCase);

        string rules = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "ops", "prometheus", "alerts.yml"), TestContext.Current.CancellationToken);
        string compiled = template.RootElement.GetRawText();
        Assert.All(AlertName().Matches(rules), alert => Assert.Contains($"\"{alert.Groups[1].Value}\"", compiled, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_overlay_names_what_the_deployment_makes()
    {
        using JsonDocument template = await CompileAsync();
        string[] described = [.. template.RootElement.GetProperty("outputs").EnumerateObject()
            .Where(output => output.Value.TryGetProperty("metadata", out _)).Select(output => output.Value.GetProperty("metadata").GetProperty("description").GetString()!.TrimEnd('.'))];
        string[] settings = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "k8s", "overlays", "azure", "settings.env"), TestContext.Current.CancellationToken);
        Assert.All(settings, setting => Assert.Contains(setting.Split('=')[0], described));
    }

    private static async Task<JsonDocument> CompileAsync()
    {
        (int code, string output, string errors) = await Tool.RunAsync(Compiler, Folder, "build", "main.bicep", "--stdout");
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output);
    }

    private static IEnumerable<JsonElement> Resources(JsonElement template) => template.GetProperty("resources") is { ValueKind: JsonValueKind.Array } list
        ? list.EnumerateArray()
        : template.GetProperty("resources").EnumerateObject().Select(resource => resource.Value);

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex AlertName();
}
