namespace Pnl.Tests.Acceptance.Programs;

/// <summary>The programs under test, as the build left them in their own folders: of the configuration of the tests.</summary>
internal static class Built
{
    public static string Silo => Find("Silo", "Orleans.Pnl.Silo.dll");

    public static string Tool => Find("Cli", "pnl.dll");

    public static string EventHubs => Find("tests/EventHubs", "EventHubsServer.dll");

    private static string Find(string project, string file)
    {
        // The tests run in <repository>/tests/Acceptance/bin/<configuration>/<framework>.
        DirectoryInfo output = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string repository = Path.Combine(output.FullName, "..", "..", "..", "..", "..");
        string path = Path.GetFullPath(Path.Combine(repository, project, "bin", output.Parent!.Name, output.Name, file));
        Assert.True(File.Exists(path), $"{project} is not built: there is no {path}.");
        return path;
    }
}
