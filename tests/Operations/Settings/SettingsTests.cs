using System.Globalization;
using Microsoft.Extensions.Configuration;
using Pnl.Silo;

namespace Pnl.Tests.Operations.Settings;

/// <summary>What the program takes as settings, and what it says of what it does not take.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pnl-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Names => [.. Setting.All.Keys];

    public static TheoryData<string> Numbers => [.. Setting.All.Values.Where(setting => setting.Expected.StartsWith("a whole number", StringComparison.Ordinal)).Select(setting => setting.Name)];

    [Theory]
    [InlineData("Fed", "did you mean Pnl:Feed?")]
    [InlineData("feeds", "did you mean Pnl:Feed?")]
    [InlineData("Simulated:Token", "did you mean Pnl:Simulated:Tokens?")]
    [InlineData("AzureStorage:ConectionString", "did you mean Pnl:AzureStorage:ConnectionString?")]
    [InlineData("Sources:binanse:ApiKey", "did you mean Pnl:Sources:binance:ApiKey?")]
    [InlineData("Sources:kraken:Path", "unknown")]
    [InlineData("Landing:Value", "unknown")] // the class's property, no name of a setting
    [InlineData("Whatever:There:Is", "docs/settings.md")]
    public void An_unknown_name_is_answered_with_the_nearest_and_without_its_value(string name, string told)
    {
        string said = Refused($"--Pnl:{name}=hunter2");
        Assert.StartsWith($"the setting Pnl:{name} is unknown; ", said, StringComparison.Ordinal);
        Assert.Contains(told, said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_told_before_a_value_that_is_wrong() => Assert.Contains("did you mean Pnl:Feed?", Refused("--Pnl:Feed=x", "--Pnl:SiloPort=x", "--Pnl:Fed=none"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_setting_reaches_its_property_by_the_environment_and_the_command_line_in_any_case(string name)
    {
        Setting setting = Setting.All[name];
        string text = Sample(setting);
        foreach (string written in (string[])[name, name.ToUpperInvariant(), name.ToLowerInvariant()])
        {
            (PnlSettings settings, IReadOnlyList<string> given) = SettingsReader.Read(new ConfigurationBuilder().AddCommandLine([$"--pnl:{written}={text}"]).Build());
            Assert.Equal([name], given);
            object? value = Property(settings, setting);
            Assert.NotEqual(setting.Initial, value);
            Assert.Equal(text, value is Enum word ? Setting.Word(word) : Convert.ToString(value, CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_is_taken_from_its_least_to_its_most_and_nothing_beside(string name)
    {
        string[] words = Setting.All[name].Expected.Split(' ');
        (long least, long most) = (long.Parse(words[^3], CultureInfo.InvariantCulture), long.Parse(words[^1], CultureInfo.InvariantCulture));
        foreach (long number in (long[])[least, most])
        {
            Assert.Equal((int)number, Property(SettingsReader.Read(Of($"--Pnl:{name}={number}")).Settings, Setting.All[name]));
        }

        foreach (string wrong in (string[])[$"{least - 1}", $"{most + 1}", "many", "+5", " 5", "5.0", "0x5", "1e1", "1,0", "99999999999999999999"])
        {
            Assert.Equal($"the setting Pnl:{name} is '{wrong}'; it may be a whole number from {least} to {most}", Refused($"--Pnl:{name}={wrong}"));
        }
    }

    [Theory]
    [InlineData("Feed=nasdaq", "simulated, none, replay, binance, bitfinex, bitstamp, bybit, coinbase, coingecko, kraken or okx")]
    [InlineData("Feed=Simulated", "simulated")]
    [InlineData("Feed=1", "simulated")] // the number of a name is none
    [InlineData("Feed=", "simulated")]
    [InlineData("Profile=Cluster", "local or cluster")]
    [InlineData("Role=silo,gateway", "silo or gateway")]
    [InlineData("Reconcile=true", "on or off")]
    [InlineData("Landing=ftp", "folder or blob")]
    [InlineData("Access=yes", "none or required")]
    [InlineData("Otlp=", "an absolute http or https address")]
    [InlineData("Otlp=localhost:4317", "an absolute http or https address")]
    [InlineData("Sources:okx:Address=ftp://okx.example/", "an absolute http or https address")]
    [InlineData("Replay:Speed=0", "max, or a number above 0")]
    [InlineData("Replay:Speed=1000001", "max, or a number above 0")]
    [InlineData("Cluster:AdvertisedAddress=nowhere", "IP address")]
    [InlineData("AzureStorage:Prefix=No-Prefix", "2 to 20")]
    [InlineData("Landing:Blob:Container=a--b", "3 to 63")]
    [InlineData("Access:Oidc:Authority=http://login.example/", "http only of this machine")]
    [InlineData("Replay:Path= Feed=replay", "the folder whose files Pnl:Feed=replay plays")]
    [InlineData("Hosts=http://pnl.example", "without scheme and port")]
    [InlineData("Access:SharePercent=7", "required, since Pnl:Access:SharePercent is set")]
    [InlineData("EventHubs:Hub=", "Pnl:EventHubs")]
    public void What_a_setting_may_not_be_is_told_with_its_name_and_what_it_may(string given, string expected)
    {
        string said = Refused([.. given.Split(' ').Select(setting => "--Pnl:" + setting)]);
        Assert.Matches("^the setting Pnl:[A-Za-z:]+ is '.*'; it may be ", said);
        Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Access:AdminKeyHash=hunter2 Access=required")]
    [InlineData("AzureStorage:ConnectionString=AccountName=x;AccountKey=hunter2")]
    [InlineData("AzureStorage:ServiceUri=https://x.example/?sv=1&sig=hunter2")]
    [InlineData("AzureStorage:ServiceUri=BlobEndpoint=x;SharedAccessSignature=hunter2")]
    [InlineData("EventHubs:ConnectionString=SharedAccessKey=hunter2 AzureStorage:ServiceUri=https://x.blob.example")]
    [InlineData("EventHubs:Namespace=Endpoint=sb://x/;SharedAccessKey=hunter2 AzureStorage:ServiceUri=https://x.blob.example")]
    [InlineData("Otlp=ftp://me:hunter2@collector.example")]
    [InlineData("Sources:okx:Address=ftp://okx.example/?key=hunter2")]
    [InlineData("DrainSeconds=password=hunter2")]
    [InlineData("Tls:Password=hunter2")]
    [InlineData("Sources:okx:APIKEYS=hunter2")]
    public void No_secret_is_told(string given) => Assert.DoesNotContain("hunter2", Refused([.. given.Split(' ').Select(setting => "--Pnl:" + setting)]), StringComparison.Ordinal);

    [Fact]
    public void What_is_not_given_or_empty_is_as_it_always_was()
    {
        IEnumerable<string> empty = Setting.All.Values.Select(setting => setting.Name)
            .Where(name => name.Split(':')[0] is not ("Feed" or "Otlp" or "AzureStorage" or "EventHubs" or "DataDirectory") && !name.StartsWith("Access:", StringComparison.Ordinal) && !name.StartsWith("Landing:", StringComparison.Ordinal) && !name.EndsWith(":Address", StringComparison.Ordinal))
            .Select(name => $"--Pnl:{name}=");
        foreach (PnlSettings settings in (PnlSettings[])[PnlSettings.Read(Of()), PnlSettings.Read(Of([.. empty]))])
        {
            Assert.Equal((Profile.Local, Role.Silo, "simulated", "simulated"), (settings.Profile, settings.Role, settings.FeedSource, settings.Feed.ToString().ToLowerInvariant()));
            Assert.Equal((0, 0, 1000, null, null, null), (settings.SiloPort, settings.GatewayPort, settings.StreamListeners, settings.Connections, settings.MetricsPort, settings.Otlp));
            Assert.Equal((1, 10_300, 30, 1.0), (settings.Simulated.Seed, settings.Simulated.Tokens, settings.Simulated.HistoryDays, settings.Replay.Factor));
            Assert.Equal(("pnl", "pnl", "127.0.0.1", 500.0), (settings.Cluster.Id, settings.Cluster.ServiceId, settings.Cluster.AdvertisedAddress, settings.Cluster.Probe.TotalMilliseconds));
            Assert.Equal((TimeSpan.Zero, null, null, null), (settings.Drain, settings.Tls, settings.Storage, settings.Hub));
            Assert.Equal(Path.Combine(_folder, "landing"), settings.LandingPlace.Place);
            Assert.Equal(new QuotaOptions(), settings.Quotas.ToOptions());
            Assert.Equal(new(), settings.ReconcileOptions);
            Assert.Equal((true, null, 100, 25), (settings.AccessOptions.IsOpen, settings.AccessOptions.AdminKeyHash, settings.AccessOptions.RequestsASecond, settings.AccessOptions.SharePercent));
            Assert.Empty(settings.AccessOptions.Hosts);
        }
    }

    [Fact]
    public void In_a_cluster_other_defaults_hold_and_an_exchange_is_reconciled()
    {
        PnlSettings settings = PnlSettings.Read(Of("--Pnl:Profile=cluster", "--Pnl:AzureStorage:ServiceUri=https://x.blob.example", "--Pnl:Feed=kraken", "--Pnl:EventHubs:Namespace=x.servicebus.example", "--Pnl:Sources:KRAKEN:WindowSeconds=9"));
        Assert.Equal((5.0, "https://x.blob.example/landing", "kraken", "kraken"), (settings.Drain.TotalSeconds, settings.LandingPlace.Place, settings.FeedSource, settings.ReconcileOptions.Source));
        Assert.Equal(("rates", "$Default", "pnlcheckpoints", 60.0), (settings.Hub!.Hub, settings.Hub.ConsumerGroup, settings.Hub.CheckpointTable, settings.Hub.CheckpointEvery.TotalSeconds));
        Pnl.Rates.CandleSourcesOptions sources = new();
        settings.Configure(sources);
        Assert.Equal(("kraken", TimeSpan.FromSeconds(9)), (Assert.Single(sources.Sources).Key, sources.Sources["kraken"].Window));
    }

    private static string Sample(Setting setting) => setting.Name switch
    {
        "Replay:Speed" => "max",
        "Cluster:AdvertisedAddress" => "10.1.2.3",
        "Access:AdminKeyHash" => new string('a', 64),
        "Feed" => "kraken",
        "Access:SharePercent" => "99",
        _ when setting.Expected.Contains(" or ", StringComparison.Ordinal) && !setting.Expected.Contains("address", StringComparison.Ordinal) => setting.Expected.Split(" or ")[^1],
        _ when setting.Expected.StartsWith("a whole number", StringComparison.Ordinal) => "123",
        _ when setting.Property.PropertyType == typeof(Uri) => "https://pnl.example/",
        _ => "other",
    };

    private static object? Property(object settings, Setting setting)
    {
        object? value = settings;
        foreach (string part in setting.Path == "Sources:Files:Path" ? ["FilesPath"] : setting.Path.Split(':'))
        {
            value = value is Dictionary<string, SourceSettings> sources ? sources[part] : value!.GetType().GetProperty(part)!.GetValue(value);
        }

        return value;
    }

    private IConfiguration Of(params string[] arguments) => new ConfigurationBuilder().AddCommandLine([$"--Pnl:DataDirectory={_folder}", .. arguments]).Build();

    private string Refused(params string[] arguments) => Assert.Throws<SettingsException>(() => PnlSettings.Read(Of(arguments))).Message;
}
