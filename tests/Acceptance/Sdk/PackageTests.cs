using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>The packages of the SDK: what is in them, and that a user needs nothing else.</summary>
public sealed partial class PackageTests(PackedClient packed, QuietSilo silo) : IClassFixture<PackedClient>
{
    public static TheoryData<string, string, string[]> Packages => new()
    {
        { "Orleans.Pnl.Contracts", "Grains.Interfaces", ["Orleans.Pnl", "Orleans.Pnl.Grains.Interfaces"] },
        { "Orleans.Pnl.Client", "Client", ["Orleans.Pnl.Client"] },
        { "Orleans.Pnl.Client.Http", "Client.Http", ["Orleans.Pnl.Client.Http"] },
        { "Orleans.Pnl.Client.Testing", "Client.Testing", ["Orleans.Pnl.Client.Testing", "Orleans.Pnl.Grains", "Orleans.Pnl.Rates"] },
    };

    [Theory]
    [MemberData(nameof(Packages))]
    public void It_holds_its_assemblies_with_their_documentation_a_readme_the_licence_and_no_trace_of_where_it_was_built(string id, string project, string[] assemblies)
    {
        using ZipArchive package = Open(id, "nupkg");
        Assert.Equal(
            [.. assemblies.SelectMany(name => Documented(name) ? new[] { $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml" } : [$"lib/net10.0/{name}.dll"]).Order(StringComparer.Ordinal)],
            package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        XElement metadata = XDocument.Parse(Text(package, $"{id}.nuspec")).Root!.Elements().Single();
        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal((id, packed.Version, "MIT", "README.md"), (Value("id"), Value("version"), Value("license"), Value("readme")));
        Assert.DoesNotContain(metadata.Elements(), element => element.Name.LocalName == "repository");
        Assert.Equal(
            id switch { "Orleans.Pnl.Contracts" => [], "Orleans.Pnl.Client.Testing" => ["Orleans.Pnl.Client"], _ => ["Orleans.Pnl.Contracts"] },
            metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).Where(name => name.StartsWith("Orleans.Pnl", StringComparison.Ordinal)));
        Assert.Equal(File.ReadAllText(Path.Combine(Built.Repository, project, "README.md")), Text(package, "README.md"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Its_symbols_are_of_these_very_assemblies_which_are_the_same_wherever_they_are_built(string id, string project, string[] assemblies)
    {
        Assert.True(Directory.Exists(Path.Combine(Built.Repository, project)));
        using ZipArchive package = Open(id, "nupkg");
        using ZipArchive symbols = Open(id, "snupkg");
        foreach (string name in assemblies)
        {
            using PEReader assembly = new(new MemoryStream(Bytes(package, $"lib/net10.0/{name}.dll")));
            Assert.Contains(assembly.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
            CodeViewDebugDirectoryData pdb = assembly.ReadCodeViewDebugDirectoryData(assembly.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.CodeView));
            Assert.StartsWith("/_/", pdb.Path, StringComparison.Ordinal);

            using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Bytes(symbols, $"lib/net10.0/{name}.pdb")));
            MetadataReader reader = provider.GetMetadataReader();
            Assert.Equal(pdb.Guid, new BlobContentId(reader.DebugMetadataHeader!.Id).Guid);
            string[] sources = [.. reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name))];
            Assert.NotEmpty(sources);
            Assert.All(sources, source => Assert.StartsWith("/_/", source, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_tours_of_the_readmes_of_the_client_and_of_a_test_that_runs_the_engine_compile_against_them_alone_and_run()
    {
        // Two programs in one: a build takes its time.
        string[] tours = [await TourAsync("Client", "gatewayPort: 30000", $"gatewayPort: {silo.GatewayPort}"), await TourAsync("Client.Testing", "PnlTestEngine", "PnlTestEngine")];
        string[] lines = string.Concat(tours).Split('\n');
        Assert.Equal(
            [
                "3 bars are on disk, 0 were rejected",
                "mycoin at 0.0000119 usd as of 2021-05-19 12:50:00Z: PnL -0.0000004, drawdown 4.80 %",
                "250 of them since then: -0.0001 usd",
                "2021-05-19 12:35:00Z 0.0000123 0",
                "2021-05-19 12:40:00Z 0.0000125 0.0000002",
                "2021-05-19 12:45:00Z 0.0000119 -0.0000004",
                "mycoin is at 0.0000119",
                "the portfolio is worth 0.0119, total PnL -0.0005 usd",
                "10 False", "True",
            ],
            await RunAsync(await packed.BuildAsync("Tours", ["Orleans.Pnl.Client", "Orleans.Pnl.Client.Testing"], $$"""
            {{string.Join('\n', lines.Where(line => Using().IsMatch(line)).Distinct())}}
            {{string.Concat(tours.Select(tour => $"{{\n{string.Join('\n', tour.Split('\n').Where(line => !Using().IsMatch(line)))}\n}}\n"))}}
            """)));
    }

    [Fact]
    public async Task The_tour_over_HTTP_does_so_with_what_its_readme_names_and_brings_no_Orleans_but_attributes()
    {
        string tour = await TourAsync("Client.Http", "http://localhost:8080", silo.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        string[] named = [.. Added().Matches(await File.ReadAllTextAsync(Path.Combine(Built.Repository, "Client.Http", "README.md"), TestContext.Current.CancellationToken)).Select(command => command.Groups[1].Value)];
        Assert.Equal(["Orleans.Pnl.Client.Http"], named);
        string program = await packed.BuildAsync("Tour", named, tour);
        Assert.Equal(["webcoin is at 110, PnL 10"], await RunAsync(program));
        Assert.Equal(
            ["Orleans.Pnl.Client.Http.dll", "Orleans.Pnl.Grains.Interfaces.dll", "Orleans.Pnl.dll", "Orleans.Serialization.Abstractions.dll"],
            Directory.GetFiles(Path.GetDirectoryName(program)!, "*Orleans*.dll").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_tool_installs_from_its_package_and_tells_its_version()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$", packed.Version);
        using ProgramRun run = ProgramRun.Start(new System.Diagnostics.ProcessStartInfo(await packed.InstallToolAsync(), ["--version"]), null);
        Assert.True(await run.ExitAsync(SdkService.Patience) == 0, run.Output);
        Assert.Contains(Pnl.Cli.Tool.Version, run.Output, StringComparison.Ordinal);
    }

    /// <summary>The program that a readme's blocks are.</summary>
    private static async Task<string> TourAsync(string project, string place, string actual)
    {
        string tour = string.Concat(Block().Matches(await File.ReadAllTextAsync(Path.Combine(Built.Repository, project, "README.md"), TestContext.Current.CancellationToken)).Select(block => block.Groups[1].Value));
        Assert.Contains(place, tour, StringComparison.Ordinal);
        return tour.Replace(place, actual, StringComparison.Ordinal);
    }

    /// <summary>What a program writes, but for logs.</summary>
    private static async Task<string[]> RunAsync(string program)
    {
        (int code, string output) = await ProgramRun.ToEndAsync(program, SdkService.Patience);
        Assert.True(code == 0, output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !Log().IsMatch(line))];
    }

    /// <summary>Whether others compile against it.</summary>
    private static bool Documented(string assembly) => assembly is not ("Orleans.Pnl.Grains" or "Orleans.Pnl.Rates");

    private ZipArchive Open(string id, string extension) => ZipFile.OpenRead(Path.Combine(packed.Packages, $"{id}.{packed.Version}.{extension}"));

    private static byte[] Bytes(ZipArchive archive, string name)
    {
        using Stream stream = archive.GetEntry(name)!.Open();
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string Text(ZipArchive archive, string name)
    {
        using StreamReader reader = new(archive.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^dotnet add package (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Added();

    [GeneratedRegex(@"^using [\w.]+;")]
    private static partial Regex Using();

    // What hosts and Orleans log, with the lines that go on with it.
    [GeneratedRegex("^(info|warn): |^      ")]
    private static partial Regex Log();
}
