using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>
/// The settings of the host, read and checked at start. Public properties are bound to the section <c>Pnl</c>; each that has a description is
/// a setting, the others are sections. What is made from several of them is internal.
/// </summary>
internal sealed class PnlSettings
{
    public const string Section = "Pnl";

    [Description("everything that the engine keeps")] public string DataDirectory { get; set; } = "./data";
    [Description("where live rates come from: the simulated market, nowhere, files that are played as if live, or an exchange"), Required] public Feed Feed { get; set; }
    public ReplaySettings Replay { get; set; } = new();
    public SimulatedSettings Simulated { get; set; } = new();
    [Description("`local`: one process over the data folder; `cluster`: several silos over Azure Storage")] public Profile Profile { get; set; }
    [Description("in a cluster: `silo` with HTTP inside, or `gateway`, which answers HTTP alone and asks the silos")] public Role Role { get; set; }
    public AzureStorageSettings AzureStorage { get; set; } = new();
    public ClusterSettings Cluster { get; set; } = new();
    public TlsSettings? Tls { get; set; }
    [Description("how many seconds a process that is told to end goes on answering while it says that it is not ready"), DefaultValue("0, in a cluster 5"), Range(0, 300)] public int? DrainSeconds { get; set; }
    public LandingSettings Landing { get; set; } = new();
    public ReconcileSettings Reconcile { get; set; } = new();
    [Description("the folder of the source `files`: `<SYMBOL>-<QUOTE>.csv`, `.csv.gz`, `.parquet`, or Binance monthly kline ZIPs"), ConfigurationKeyName("Sources:Files:Path")] public string? FilesPath { get; set; }
    public Dictionary<string, SourceSettings> Sources { get; set; } = [];
    public EventHubsSettings EventHubs { get; set; } = new();
    public AccessSettings Access { get; set; } = new();
    [Description("for `Pnl:Access=none`: names beside `localhost` and loopback addresses by which this machine is asked for, with commas between; others are answered 421")] public string? Hosts { get; set; }
    [Description("the most connections of clients at once; beyond them one that does nothing gives way, and so it does while fewer than 32 descriptors are left"), DefaultValue("by the descriptors, at most 4096"), Range(1, 1_000_000)] public int? Connections { get; set; }
    public QuotaSettings Quotas { get; set; } = new();
    [Description("port on which alone `/metrics` is answered; without it is beside the API, and in a cluster nowhere"), Range(1, 65535)] public int? MetricsPort { get; set; }
    [Description("the collector to which meters, traces and logs go, such as `http://localhost:4317`; `OTEL_…` variables hold too"), Required] public Uri? Otlp { get; set; }
    [Description("the most listeners to streams at once; more are answered 503"), Range(0, 1_000_000)] public int StreamListeners { get; set; } = 1000;
    [Description("the port on which silos talk; 0 for a free one"), Range(0, 65535)] public int SiloPort { get; set; }
    [Description("the port on which Orleans clients talk to the silo; 0 for a free one"), Range(0, 65535)] public int GatewayPort { get; set; }

    /// <summary>The account of Azure Storage; null if nothing is kept there.</summary>
    internal AzureStorage? Storage { get; private set; }

    /// <summary>Where fetched candles are kept as Parquet.</summary>
    internal Landing LandingPlace { get; private set; } = new(null, null);

    /// <summary>Who may enter.</summary>
    internal AccessOptions AccessOptions { get; private set; } = new();

    /// <summary>The hub by which rates come; null for streams in memory.</summary>
    internal RatesHub? Hub { get; private set; }

    /// <summary>The daily comparison with the history of the feed's source.</summary>
    internal ReconcileOptions ReconcileOptions { get; private set; } = new();

    /// <summary>Name of the source that is played live; null for none.</summary>
    internal string? FeedSource => Feed == Feed.None ? null : Setting.Word(Feed);

    /// <summary>How long a process that is told to end goes on answering.</summary>
    internal TimeSpan Drain => TimeSpan.FromSeconds(DrainSeconds ?? (Profile == Profile.Cluster ? 5 : 0));

    /// <summary>How long what is under way may take after that.</summary>
    internal TimeSpan ShutdownLimit => TimeSpan.FromSeconds(Profile == Profile.Cluster ? 110 : 30);

    /// <exception cref="SettingsException">A setting is unknown or not what it may be.</exception>
    public static PnlSettings Read(IConfiguration configuration)
    {
        (PnlSettings settings, IReadOnlyList<string> given) = SettingsReader.Read(configuration);
        settings.Check(section => given.FirstOrDefault(name => name.StartsWith(section + ":", StringComparison.Ordinal)));
        return settings;
    }

    /// <summary>The settings of a command: those of the program's own file, the environment and the command's arguments.</summary>
    /// <exception cref="SettingsException">A setting is unknown or not what it may be.</exception>
    public static PnlSettings OfCommand(string[] args) => Read(new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().AddCommandLine(args).Build());

    /// <summary>Hands the sources their settings.</summary>
    public void Configure(CandleSourcesOptions options)
    {
        options.FilesPath = FilesPath is null ? null : Path.GetFullPath(FilesPath);
        options.ReplayPath = Feed == Feed.Replay ? Path.GetFullPath(Replay.Path!) : null;
        foreach (string exchange in SourceSettings.Exchanges.Where(Sources.ContainsKey))
        {
            options.Sources[exchange] = Sources[exchange].ToOptions();
        }
    }

    /// <summary>Looks at settings that go together, and makes what comes of them.</summary>
    /// <param name="firstWithin">A setting of a section that is given, empty ones too; null if none is.</param>
    private void Check(Func<string, string?> firstWithin)
    {
        bool isCluster = Profile == Profile.Cluster;
        SettingsException.ThrowIf(Role == Role.Gateway && !isCluster, "Role", "gateway", $"silo, or with {Section}:Profile=cluster gateway");
        bool isBlob = (Landing.Value ?? (isCluster ? LandingSettings.Kind.Blob : LandingSettings.Kind.Folder)) == LandingSettings.Kind.Blob, hasHub = firstWithin("EventHubs") is not null;
        string? stored = isCluster ? "Profile=cluster" : isBlob ? "Landing=blob" : hasHub ? "EventHubs" : null;
        Storage = stored is null && firstWithin("AzureStorage") is null ? null : Silo.AzureStorage.Of(AzureStorage, stored);
        SettingsException.ThrowIf(Feed == Feed.Replay && !Directory.Exists(Replay.Path), "Replay:Path", Replay.Path, $"the folder whose files {Section}:Feed=replay plays");
        SettingsException.ThrowIf(!isBlob && isCluster, "Landing", "folder", $"blob, since {Section}:Profile is cluster: silos share no folder");
        SettingsException.ThrowIf(!isBlob && firstWithin("Landing") is not null, "Landing", "folder", $"blob, since {Section}:Landing:Blob is set; or folder without that");
        DataDirectory = isCluster ? DataDirectory : Made(DataDirectory); // silos of a cluster keep nothing on disk
        Tls?.Check(Profile);
        LandingPlace = isBlob ? new(null, Storage!.Blobs.GetBlobContainerClient(Landing.Blob.Container)) : new(Path.Combine(DataDirectory, "landing"), null);
        Hub = hasHub ? EventHubs.ToHub(Storage!) : null;
        AccessOptions = Access.ToOptions(Hosts, firstWithin("Access"));
        ReconcileOptions = Reconcile.ToOptions(Feed);
    }

    private static string Made(string folder)
    {
        try
        {
            return Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingsException(nameof(DataDirectory), folder, $"a folder that can be made and written ({e.Message})");
        }
    }
}
