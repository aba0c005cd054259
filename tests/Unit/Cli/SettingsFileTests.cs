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
