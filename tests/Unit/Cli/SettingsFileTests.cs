using System.Net;
using System.Net.Sockets;
using System.Text;
using Pnl.Cli;

namespace Pnl.Tests.Unit.Cli;

public sealed class SettingsFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-settings-");

    private string Place => Path.Combine(_folder.FullName, "settings.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Address_and_key_are_read_and_a_key_that_others_may_read_is_told()
    {
        Assert.Equal(new SettingsFile(null, null), SettingsFile.Read(Place, Assert.Fail));
        File.WriteAllText(Place, """{"server":"https://pnl.example.com","key":"pnl_x"}""");
        List<string> warnings = [];
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            SettingsFile.Read(Place, warnings.Add);
            Assert.Contains($"chmod 600 {Place}", Assert.Single(warnings), StringComparison.Ordinal);
            File.SetUnixFileMode(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Assert.Equal(new SettingsFile("https://pnl.example.com", "pnl_x"), SettingsFile.Read(Place, Assert.Fail));
    }

    [Fact]
    public async Task The_command_line_comes_before_the_environment_and_that_before_the_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Where the file is, is said otherwise on other systems.");
        string? before = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.FullName, "pnl")).FullName, "settings.json");
        await File.WriteAllTextAsync(file, """{"server":"http://127.0.0.1:9/file"}""", TestContext.Current.CancellationToken);
        try
        {
            Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", _folder.FullName);
            Assert.Contains("http://127.0.0.1:9/file/", await ErrorsAsync(), StringComparison.Ordinal);
            Environment.SetEnvironmentVariable("PNL_SERVER", "http://127.0.0.1:9/variable");
            Assert.Contains("http://127.0.0.1:9/variable/", await ErrorsAsync(), StringComparison.Ordinal);
            Assert.Contains("http://127.0.0.1:9/typed/", await ErrorsAsync("--server", "http://127.0.0.1:9/typed"), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", before);
            Environment.SetEnvironmentVariable("PNL_SERVER", null);
        }

        static async Task<string> ErrorsAsync(params string[] options)
        {
            using StringWriter text = new(), errors = new();
            Assert.Equal(ExitCode.Server, await Tool.RunAsync(["tokens", .. options], Consoles.Of(text, 80), errors, TestContext.Current.CancellationToken));
            return errors.ToString();
        }
    }

    /// <summary>A key is for the server that it stands beside: no other is shown it.</summary>
    [Theory]
    [InlineData("", true)]
    [InlineData("/elsewhere", false)]
    public async Task The_key_of_the_file_is_shown_to_the_server_of_the_file_alone(string path, bool isShown)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Where the file is, is said otherwise on other systems.");
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string server = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        string? before = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.FullName, "pnl")).FullName, "settings.json");
        await File.WriteAllTextAsync(file, $$"""{"server":"{{server}}","key":"pnl_secret"}""", TestContext.Current.CancellationToken);
        try
        {
            Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", _folder.FullName);
            using StringWriter text = new(), errors = new();
            Task<int> tool = Tool.RunAsync(["tokens", "--server", server + path, "--timeout", "1"], Consoles.Of(text, 80), errors, TestContext.Current.CancellationToken);
            using TcpClient asked = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            byte[] request = new byte[4096];
            int length = await asked.GetStream().ReadAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(isShown, Encoding.ASCII.GetString(request, 0, length).Contains("pnl_secret", StringComparison.Ordinal));
            asked.Dispose();
            listener.Stop();
            Assert.NotEqual(ExitCode.Ok, await tool);
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", before);
        }
    }

    [Theory]
    [InlineData("{\"sever\":\"http://a\"}", "sever")]
    [InlineData("server=http://a", "Wanted: {\"server\"")]
    public void What_it_cannot_be_is_named_with_the_file(string text, string told)
    {
        File.WriteAllText(Place, text);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => SettingsFile.Read(Place, Assert.Fail));
        Assert.Contains(Place, error.Message, StringComparison.Ordinal);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }
}
