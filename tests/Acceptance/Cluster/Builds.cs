using System.Diagnostics;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// Builds of the silo's program of other releases: the next one, which is this one with what tests/Next adds, and an earlier
/// one from the history of the repository. Each is built in a folder of its own under <c>artifacts</c>, where it stays.
/// </summary>
internal static class Builds
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10); // of a build on a machine that does other things too
    private static readonly string[] Sources = ["Pnl", "Rates", "Grains.Interfaces", "Grains", "Client", "Gateway", "Silo", "tests/Next"];

    private static string Repository { get; } = Find();

    /// <summary>This release with an addition to its contract.</summary>
    public static async Task<string> NextAsync()
    {
        string folder = Path.Combine(Repository, "artifacts", "upgrade", "next");
        foreach (string file in Directory.EnumerateFiles(Repository, "*.*").Where(file => Path.GetExtension(file) is ".props" or ".targets" or ".json" or ".globalconfig" || Path.GetFileName(file) == ".editorconfig").Concat(Sources.SelectMany(Files)))
        {
            // What did not change keeps its time, so that a second build is short.
            FileInfo from = new(file), to = new(Path.Combine(folder, Path.GetRelativePath(Repository, file)));
            if (!to.Exists || to.LastWriteTimeUtc != from.LastWriteTimeUtc)
            {
                to.Directory!.Create();
                from.CopyTo(to.FullName, overwrite: true);
            }
        }

        return await BuildAsync(folder, "-p:PnlNext=true", "-p:Version=0.99.0");
    }

    /// <summary>The program as a commit has it; skips the test where the history does not reach so far.</summary>
    public static async Task<string> OfCommitAsync(string commit)
    {
        (int code, string output) = await RunAsync("git", Repository, "rev-parse", "--verify", commit + "^{commit}");
        Assert.SkipUnless(code == 0, $"there is no commit {commit} in this clone: {output}");
        string folder = Path.Combine(Repository, "artifacts", "upgrade", output.Trim());
        if (!Directory.Exists(folder))
        {
            (code, output) = await RunAsync("git", Repository, "worktree", "add", "--detach", folder, commit);
            Assert.True(code == 0, output);
        }

        return await BuildAsync(folder);
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(Path.Combine(Repository, folder), "*", SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(Repository, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static async Task<string> BuildAsync(string folder, params string[] properties)
    {
        string program = Path.Combine(folder, "Silo", "bin", "Release", "net10.0", "Orleans.Pnl.Silo.dll");
        (int code, string output) = await RunAsync("dotnet", folder, ["build", "Silo", "-c", "Release", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false", .. properties]);
        Assert.True(code == 0 && File.Exists(program), output);
        return program;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // a node that stays would keep the outputs open
        using ProgramRun run = ProgramRun.Start(start, null);
        int code = await run.ExitAsync(Limit);
        return (code, run.Output);
    }

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
