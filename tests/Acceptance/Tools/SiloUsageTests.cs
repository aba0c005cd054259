using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Tools;

/// <summary>What the silo's program says of itself, without starting.</summary>
public sealed class SiloUsageTests
{
    [Fact]
    public async Task Help_and_version_are_printed_and_nothing_is_started()
    {
        TimeSpan limit = TimeSpan.FromMinutes(1);
        (int code, string help) = await ProgramRun.ToEndAsync(Built.Silo, limit, "--help");
        Assert.Equal(0, code);
        foreach (string told in (string[])["rebuild", "restore", "check", "new-epoch", "--Pnl:DataDirectory", "--urls"])
        {
            Assert.Contains(told, help, StringComparison.Ordinal);
        }

        (code, string version) = await ProgramRun.ToEndAsync(Built.Silo, limit, "--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^\d+\.\d+\.\d+(-[0-9a-z.-]+)?(\+[0-9a-f]+)?\s*$", version);
    }
}
