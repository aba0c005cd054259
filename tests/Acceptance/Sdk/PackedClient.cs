using System.Diagnostics;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>The packages as <c>dotnet pack</c> makes them of what is built, and a project of a user who has nothing else.</summary>
public sealed class PackedClient : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly DataFolder _folder = new();

    public string Packages => Path.Combine(_folder.Path, "packages");

    public string Version { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        // As dotnet pack does, and in one process, since each takes its time to read the projects.
        string projects = string.Join(';', ((string[])["Grains.Interfaces", "Client", "Client.Http", "Client.Testing", "Cli"]).Select(project => Path.Combine(Built.Repository, project, project + ".csproj")));
        string all = Path.Combine(_folder.Path, "all.proj");
        await File.WriteAllTextAsync(all, $"""
            <Project>
              <Target Name="Pack"><MSBuild Projects="{projects}" Targets="Pack" Properties="Configuration={Built.Configuration};NoBuild=true;PackageOutputPath={Packages}" /></Target>
            </Project>
            """);
        await DotnetAsync(_folder.Path, "msbuild", all, "-t:Pack", "-m:1", "-nodeReuse:false", "-nologo");

        string package = Directory.GetFiles(Packages, "Orleans.Pnl.Client.*.nupkg").MinBy(name => name.Length)!;
        Version = Path.GetFileNameWithoutExtension(package)["Orleans.Pnl.Client.".Length..];
    }

    /// <summary>
    /// Builds a program outside the repository that refers to packages by their names, and tells where it is. They come from
    /// the folder; all else from what the machine has, or the feeds that it knows.
    /// </summary>
    public async Task<string> BuildAsync(string name, string[] packages, string program)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        string[] feeds = [.. (await DotnetAsync(folder, "nuget", "list", "source")).Split('\n').Select(line => line.Trim())
            .Where(line => line.EndsWith("[Enabled]", StringComparison.Ordinal)).Select(line => line[(line.IndexOf('.', StringComparison.Ordinal) + 1)..^"[Enabled]".Length].Trim())];
        string kept = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="packed" value="{Packages}" /></packageSources>
              <packageSourceMapping>
                <packageSource key="packed"><package pattern="Orleans.Pnl.*" /></packageSource>
                {string.Concat(feeds.Select(feed => $"""<packageSource key="{feed}"><package pattern="*" /></packageSource>"""))}
              </packageSourceMapping>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <RestorePackagesPath>packages</RestorePackagesPath>
                <RestoreFallbackFolders>{kept}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(packages.Select(package => $"""<PackageReference Include="{package}" Version="{Version}" />"""))}
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);

        // Nothing stays behind that would hold the folder.
        await DotnetAsync(folder, "build", "-c", "Release", "-o", "out", "-m:1", "-nodeReuse:false", "-p:UseSharedCompilation=false");
        return Path.Combine(folder, "out", $"{name}.dll");
    }

    /// <summary>Installs the tool from the packed file into a folder, and tells where its command is.</summary>
    public async Task<string> InstallToolAsync()
    {
        string folder = Path.Combine(_folder.Path, "tool");
        await DotnetAsync(_folder.Path, "tool", "install", "Orleans.Pnl.Cli", "--tool-path", folder, "--version", Version, "--source", Packages);
        return Path.Combine(folder, OperatingSystem.IsWindows() ? "pnl.exe" : "pnl");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en", ["DOTNET_NOLOGO"] = "1" } };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name); // of the build that runs the tests
        }

        using ProgramRun run = ProgramRun.Start(start, null);
        Assert.True(await run.ExitAsync(Limit) == 0, $"dotnet {string.Join(' ', arguments)} failed. It wrote:\n{run.Output}");
        return run.Output;
    }
}
