namespace Pnl.Tests.Acceptance.Programs;

/// <summary>The programs under test, as the build left them in their own folders: of the configuration of the tests.</summary>
internal static class Built
{
    public static string Silo => Find("Silo", "Orleans.Pnl.Silo.dll");

    public static string Tool => Find("Cli", "pnl.dll");

    public static string EventHubs => Find("tests/EventHubs", "EventHubsServer.dll");

    public static string DrawdownAlerts => Find("samples/DrawdownAlerts", "DrawdownAlerts.dll");

    // The tests run in <repository>/tests/Acceptance/bin/<configuration>/<framework>.
    private static readonly DirectoryInfo Output = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Output.FullName, "..", "..", "..", "..", ".."));

    public static string Configuration => Output.Parent!.Name;

    private static string Find(string project, string file)
    {
        string path = Path.Combine(Repository, project, "bin", Configuration, Output.Name, file);
        Assert.True(File.Exists(path), $"{project} is not built: there is no {path}.");
        return path;
    }
}
