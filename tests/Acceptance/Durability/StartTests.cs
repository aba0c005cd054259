using System.Net;
using System.Net.Sockets;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>A silo that cannot run as it is told does not start, and says which setting to change.</summary>
public sealed class StartTests(QuietSilo running)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_second_silo_on_the_same_folder_does_not_start_and_the_first_goes_on()
    {
        using DataFolder folder = new();
        using SiloProcess first = await SiloProcess.StartAsync(folder);

        await AssertRefusedAsync(folder, ["--Pnl:Feed=none"], "Pnl:DataDirectory", folder.Path);

        await first.Http.RegisterAsync("alone");
        (await first.Http.IngestAsync("alone", (1621427700, 2m))).Ok();
    }

    [Theory]
    [InlineData("--Pnl:Fed=none", "Pnl:Fed", "Feed")]
    [InlineData("--Pnl:Simulated:Token=10", "Pnl:Simulated:Token", "Simulated:Tokens")]
    [InlineData("--Pnl:Feed=nasdaq", "Pnl:Feed", "simulated")]
    [InlineData("--Pnl:Profile=production", "Pnl:Profile", "local")]
    [InlineData("--Pnl:SiloPort=70000", "Pnl:SiloPort", "65535")]
    [InlineData("--Pnl:SiloPort=eleven", "Pnl:SiloPort", "65535")]
    [InlineData("--Pnl:GatewayPort=-1", "Pnl:GatewayPort", "65535")]
    [InlineData("--Pnl:Simulated:Tokens=0", "Pnl:Simulated:Tokens", "1000000")]
    [InlineData("--Pnl:Simulated:HistoryDays=forever", "Pnl:Simulated:HistoryDays", "3650")]
    [InlineData("--urls=http://127.0.0.1:99999", "urls", "99999")]
    [InlineData("--urls=nowhere", "urls", "nowhere")]
    public async Task A_setting_that_makes_no_sense_is_named_with_what_it_may_be(string setting, string name, string expected)
    {
        using DataFolder folder = new();

        await AssertRefusedAsync(folder, [setting], name, expected);
    }

    [Theory]
    [InlineData("--urls=http://127.0.0.1:{0}", "urls")]
    [InlineData("--Pnl:SiloPort={0}", "Pnl:SiloPort")]
    [InlineData("--Pnl:GatewayPort={0}", "Pnl:GatewayPort")]
    public async Task A_port_that_is_taken_is_named_with_its_setting(string setting, string name)
    {
        using DataFolder folder = new();
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        await AssertRefusedAsync(folder, ["--Pnl:Feed=none", setting.Replace("{0}", port, StringComparison.Ordinal)], name, port);
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_named_with_its_setting()
    {
        using DataFolder folder = new();
        string file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "no folder", TestContext.Current.CancellationToken);

        await AssertRefusedAsync(folder, ["--Pnl:Feed=none", $"--Pnl:DataDirectory={file}"], "Pnl:DataDirectory", file);
    }

    [Fact]
    public async Task A_silo_that_runs_wrote_no_error() // among them all that this assembly has sent so far
    {
        Assert.Equal(HttpStatusCode.OK, (await running.Http.GetAnswerAsync("/health/ready")).Status);
        Assert.DoesNotContain(" fail: ", running.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" crit: ", running.Output, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(DataFolder folder, string[] settings, params string[] said)
    {
        using ProgramRun run = SiloProcess.Launch(folder, null, settings);
        int code = await run.ExitAsync(Limit);

        Assert.True(code == 1, $"exit code {code}:\n{run.Output}");
        Assert.All(said, text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal); // a sentence, not a stack
    }
}
