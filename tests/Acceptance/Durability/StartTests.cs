using System.Net;
using System.Net.Sockets;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>A silo that cannot run as it is told does not start, and says which setting to change.</summary>
public sealed class StartTests(QuietSilo running, Azurite azurite) : IClassFixture<Azurite>
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
    [InlineData("--Pnl:Reconcile=yes", "Pnl:Reconcile", "on or off")]
    [InlineData("--Pnl:Reconcile:AfterMinutes=1", "Pnl:Reconcile:AfterMinutes", "1439")]
    [InlineData("--Pnl:Reconcile:MostDays=0", "Pnl:Reconcile:MostDays", "366")]
    [InlineData("--urls=http://127.0.0.1:99999", "urls", "99999")]
    [InlineData("--urls=nowhere", "urls", "nowhere")]
    public async Task A_setting_that_makes_no_sense_is_named_with_what_it_may_be(string setting, string name, string expected)
    {
        using DataFolder folder = new();

        await AssertRefusedAsync(folder, [setting], name, expected);
    }

    [Fact]
    public async Task Without_a_feed_there_is_nothing_to_reconcile()
    {
        using DataFolder folder = new();

        await AssertRefusedAsync(folder, ["--Pnl:Feed=none", "--Pnl:Reconcile=on"], "Pnl:Reconcile", "Pnl:Feed is none");
    }

    [Theory]
    [InlineData("Pnl:Landing", "folder or blob", "--Pnl:Landing=ftp")]
    [InlineData("Pnl:Landing", "blob", "--Pnl:Landing:Blob:Container=rates")]
    [InlineData("Pnl:AzureStorage:ConnectionString", "Pnl:AzureStorage:ServiceUri", "--Pnl:Landing=blob")]
    [InlineData("Pnl:AzureStorage:ConnectionString", "one of the two", "--Pnl:Landing=blob", "--Pnl:AzureStorage:ConnectionString=x", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example")]
    [InlineData("Pnl:AzureStorage:ConnectionString", "***", "--Pnl:Landing=blob", "--Pnl:AzureStorage:ConnectionString=AccountName=x;AccountKey=secret")]
    [InlineData("Pnl:AzureStorage:ServiceUri", "http://x.blob.example", "--Pnl:Landing=blob", "--Pnl:AzureStorage:ServiceUri=http://x.blob.example")]
    [InlineData("Pnl:AzureStorage:ServiceUri", "https://x.example", "--Pnl:Landing=blob", "--Pnl:AzureStorage:ServiceUri=https://x.example")]
    [InlineData("Pnl:Landing:Blob:Container", "3 to 63", "--Pnl:Landing=blob", "--Pnl:Landing:Blob:Container=No_Container", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example")]
    [InlineData("Pnl:Profile", "local or cluster", "--Pnl:Profile=cloud")]
    [InlineData("Pnl:Role", "Pnl:Profile=cluster", "--Pnl:Role=gateway")]
    [InlineData("Pnl:Role", "'proxy'", "--Pnl:Profile=cluster", "--Pnl:Role=proxy")]
    [InlineData("Pnl:AzureStorage:ConnectionString", "Pnl:Profile=cluster", "--Pnl:Profile=cluster")]
    [InlineData("Pnl:AzureStorage:Prefix", "2 to 20", "--Pnl:Profile=cluster", "--Pnl:AzureStorage:ConnectionString=UseDevelopmentStorage=true", "--Pnl:AzureStorage:Prefix=No-Prefix")]
    [InlineData("Pnl:Landing", "silos share no folder", "--Pnl:Profile=cluster", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example", "--Pnl:Landing=folder")]
    [InlineData("Pnl:Cluster:AdvertisedAddress", "IP address", "--Pnl:Profile=cluster", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example", "--Pnl:Cluster:AdvertisedAddress=nowhere")]
    [InlineData("Pnl:AzureStorage:ConnectionString", "Pnl:EventHubs", "--Pnl:EventHubs:Namespace=x.servicebus.example")]
    [InlineData("Pnl:EventHubs:ConnectionString", "Pnl:EventHubs:Namespace", "--Pnl:EventHubs:Hub=rates", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example")]
    [InlineData("Pnl:EventHubs:ConnectionString", "***", "--Pnl:EventHubs:ConnectionString=SharedAccessKey=secret", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example")]
    [InlineData("Pnl:EventHubs:Namespace", "servicebus.windows.net", "--Pnl:EventHubs:Namespace=nowhere", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example")]
    [InlineData("Pnl:EventHubs:CheckpointSeconds", "3600", "--Pnl:EventHubs:Namespace=x.servicebus.example", "--Pnl:EventHubs:CheckpointSeconds=0", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example")]
    public async Task A_landing_that_makes_no_sense_is_named_without_its_secrets(string name, string expected, params string[] settings)
    {
        using DataFolder folder = new();

        string said = await AssertRefusedAsync(folder, ["--Pnl:Feed=none", .. settings], name, expected);
        Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_the_service_refuses_is_named_with_its_setting_and_the_key_is_not_told()
    {
        using DataFolder folder = new();
        string connection = azurite.ConnectionString, key = Convert.ToBase64String(new byte[64]);
        string wrong = string.Join(';', connection.Split(';').Select(part => part.StartsWith("AccountKey=", StringComparison.Ordinal) ? "AccountKey=" + key : part));

        string said = await AssertRefusedAsync(folder, ["--Pnl:Feed=none", "--Pnl:Landing=blob", $"--Pnl:AzureStorage:ConnectionString={wrong}"], "Pnl:Landing:Blob:Container", "/landing");
        Assert.DoesNotContain(key, said, StringComparison.Ordinal);
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

    private static async Task<string> AssertRefusedAsync(DataFolder folder, string[] settings, params string[] said)
    {
        using ProgramRun run = SiloProcess.Launch(folder, null, settings);
        int code = await run.ExitAsync(Limit);

        Assert.True(code == 1, $"exit code {code}:\n{run.Output}");
        Assert.All(said, text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal); // a sentence, not a stack
        return run.Output;
    }
}
