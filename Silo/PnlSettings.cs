using System.Globalization;
using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Silo;

/// <summary>The settings of the host, read and checked at start.</summary>
internal sealed record PnlSettings
{
    public const string Section = "Pnl";

    private static readonly string[] Known =
        ["DataDirectory", "Feed", "Profile", "Role", "DrainSeconds", "SiloPort", "GatewayPort", "StreamListeners", "Connections", "MetricsPort", "Otlp", "Simulated:Seed", "Simulated:Tokens", "Simulated:HistoryDays",
        "Sources:Files:Path", "Sources:<source>:Address", "Sources:<source>:PermitsAWindow", "Sources:<source>:WindowSeconds", "Sources:<source>:ApiKey", "Sources:<source>:ApiKeyHeader",
        "Replay:Path", "Replay:Speed", "Reconcile", "Reconcile:AfterMinutes", "Reconcile:MostDays", "Quotas:Tokens", "Quotas:Portfolios", "Quotas:Entries", "Quotas:Backfills", "Quotas:NamesAnHour", .. LandingSettings.Known, .. AzureStorageSettings.Known, .. ClusterSettings.Known, .. EventHubsSettings.Known, .. AccessSettings.Known, .. TlsSettings.Known];

    private static readonly string[] Exchanges = ["binance", "bitfinex", "bitstamp", "bybit", "coinbase", "coingecko", "kraken", "okx"];

    /// <summary>What is kept where, and who there is.</summary>
    public Profile Profile { get; init; }

    /// <summary>What this process is.</summary>
    public Role Role { get; init; }

    /// <summary>The account of Azure Storage; null if nothing is kept there.</summary>
    public AzureStorageSettings? AzureStorage { get; init; }

    /// <summary>How silos find each other, in the profile cluster.</summary>
    public required ClusterSettings Cluster { get; init; }

    /// <summary>The certificates of the cluster's connections; null if they are not encrypted.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>How long a process that is told to end goes on answering.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>How long what is under way may take after that.</summary>
    public TimeSpan ShutdownLimit => TimeSpan.FromSeconds(Profile == Profile.Cluster ? 110 : 30);

    /// <summary>Where everything is kept that one machine keeps.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where fetched candles are kept as Parquet.</summary>
    public required LandingSettings Landing { get; init; }

    /// <summary>Who may enter.</summary>
    public required AccessOptions Access { get; init; }

    /// <summary>The hub by which rates come; null for streams in memory.</summary>
    public RatesHub? Hub { get; init; }

    /// <summary>Name of the source that is played live; null for none.</summary>
    public string? Feed { get; init; }

    /// <summary>The daily comparison with the history of the feed's source.</summary>
    public required ReconcileOptions Reconcile { get; init; }

    /// <summary>How much there may be.</summary>
    public required QuotaOptions Quotas { get; init; }

    /// <summary>Port on which silos talk; 0 for a free one.</summary>
    public int SiloPort { get; init; }

    /// <summary>Port on which Orleans clients talk to the silo; 0 for a free one.</summary>
    public int GatewayPort { get; init; }

    /// <summary>The most listeners to streams at once.</summary>
    public int StreamListeners { get; init; }

    /// <summary>The most connections of clients at once.</summary>
    public int Connections { get; init; }

    /// <summary>Port on which alone Prometheus is answered; null if it is answered beside the API, or in a cluster not at all.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>The collector to which meters, traces and logs go; null for none, or for the one that the environment names.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>The simulated market.</summary>
    public required SimulatedMarketOptions Simulated { get; init; }

    /// <summary>How many days of history the simulated feed begins with.</summary>
    public int HistoryDays { get; init; }

    /// <summary>The folder of the source <c>files</c>; null if there is none.</summary>
    public string? FilesPath { get; init; }

    /// <summary>The folder that the feed <c>replay</c> plays; null if it is not that feed.</summary>
    public string? ReplayPath { get; init; }

    /// <summary>How many times faster than time it is played; null for as fast as the system keeps up.</summary>
    public double? ReplaySpeed { get; init; }

    /// <summary>What differs from the defaults of an exchange, by its name.</summary>
    public IReadOnlyDictionary<string, CandleSourceOptions> Sources { get; init; } = new Dictionary<string, CandleSourceOptions>();

    /// <summary>Hands the sources their settings.</summary>
    public void Configure(CandleSourcesOptions options)
    {
        options.FilesPath = FilesPath;
        options.ReplayPath = ReplayPath;
        foreach ((string name, CandleSourceOptions source) in Sources)
        {
            options.Sources[name] = source;
        }
    }

    /// <exception cref="SettingsException">A setting is unknown or not what it may be.</exception>
    public static PnlSettings Read(IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(Section);
        foreach ((string name, string? value) in section.AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is not null))
        {
            string[] parts = name.Split(':');
            string general = parts is ["Sources", var source, var last] && Exchanges.Contains(source, StringComparer.OrdinalIgnoreCase) ? $"Sources:<source>:{last}" : name;
            if (!Known.Contains(general, StringComparer.OrdinalIgnoreCase))
            {
                throw new SettingsException(name, value, $"one of {string.Join(", ", Known)}; sources are {string.Join(", ", Exchanges)}");
            }
        }

        Profile profile = section["Profile"] switch
        {
            null or "" or "local" => Profile.Local,
            "cluster" => Profile.Cluster,
            var other => throw new SettingsException("Profile", other, "local or cluster"),
        };
        Role role = section["Role"] switch
        {
            null or "" or "silo" => Role.Silo,
            "gateway" when profile == Profile.Cluster => Role.Gateway,
            var other => throw new SettingsException("Role", other, $"silo, or with {Section}:Profile=cluster gateway"),
        };
        string? stored = profile == Profile.Cluster ? "Profile=cluster" : LandingSettings.Kind(section, profile) == "blob" ? "Landing=blob" : EventHubsSettings.AreSet(section) ? "EventHubs" : null;
        AzureStorageSettings? storage = AzureStorageSettings.Read(section, stored);

        string feed = section["Feed"] ?? "simulated";
        if (feed is not ("simulated" or "none" or "replay") && !Exchanges.Contains(feed))
        {
            throw new SettingsException("Feed", feed, $"simulated, none, replay, or a source: {string.Join(", ", Exchanges)}");
        }

        string? replay = section["Replay:Path"] is { Length: > 0 } played ? Path.GetFullPath(played) : null;
        if (feed == "replay" && !Directory.Exists(replay))
        {
            throw new SettingsException("Replay:Path", replay, "the folder whose files Pnl:Feed=replay plays");
        }

        string directory = section["DataDirectory"] is { Length: > 0 } given ? given : "./data";
        string dataDirectory = profile == Profile.Cluster ? directory : Folder("DataDirectory", directory); // silos of a cluster keep nothing on disk
        return new()
        {
            Profile = profile,
            Role = role,
            AzureStorage = storage,
            Cluster = ClusterSettings.Read(section),
            Tls = TlsSettings.Read(section, profile),
            Drain = TimeSpan.FromSeconds(Number(section, "DrainSeconds", profile == Profile.Cluster ? 5 : 0, 0, 300)),
            DataDirectory = dataDirectory,
            Landing = LandingSettings.Read(section, profile, dataDirectory, storage),
            Hub = EventHubsSettings.Read(section, storage),
            Access = AccessSettings.Read(section),
            Feed = feed == "none" ? null : feed,
            Reconcile = Reconciliation(section, feed),
            Quotas = new()
            {
                Tokens = Number(section, "Quotas:Tokens", new QuotaOptions().Tokens, 0, int.MaxValue),
                Portfolios = Number(section, "Quotas:Portfolios", new QuotaOptions().Portfolios, 0, int.MaxValue),
                Entries = Number(section, "Quotas:Entries", new QuotaOptions().Entries, 0, int.MaxValue),
                Backfills = Number(section, "Quotas:Backfills", new QuotaOptions().Backfills, 1, int.MaxValue),
                NamesAnHour = Number(section, "Quotas:NamesAnHour", new QuotaOptions().NamesAnHour, 0, int.MaxValue),
            },
            SiloPort = Number(section, "SiloPort", 0, 0, 65535),
            GatewayPort = Number(section, "GatewayPort", 0, 0, 65535),
            StreamListeners = Number(section, "StreamListeners", 1000, 0, 1_000_000),
            Connections = Number(section, "Connections", Descriptors.Connections, 1, 1_000_000),
            MetricsPort = string.IsNullOrEmpty(section["MetricsPort"]) ? null : Number(section, "MetricsPort", 1, 1, 65535),
            Otlp = Http(section, "Otlp"),
            Simulated = new() { Seed = (ulong)Number(section, "Simulated:Seed", 1, 0, int.MaxValue), Tokens = Number(section, "Simulated:Tokens", 10_300, 1, 1_000_000) },
            HistoryDays = Number(section, "Simulated:HistoryDays", 30, 1, 3650),
            FilesPath = section["Sources:Files:Path"] is { Length: > 0 } files ? Path.GetFullPath(files) : null,
            ReplayPath = feed == "replay" ? replay : null,
            ReplaySpeed = Speed(section["Replay:Speed"]),
            Sources = Exchanges.Where(name => section.GetSection("Sources:" + name).Exists()).ToDictionary(name => name, name => Source(section, "Sources:" + name)),
        };
    }

    private static ReconcileOptions Reconciliation(IConfigurationSection section, string feed)
    {
        string given = section["Reconcile"] is { Length: > 0 } text ? text : Exchanges.Contains(feed) ? "on" : "off";
        bool isOn = given is "on" or "off" ? given == "on" : throw new SettingsException("Reconcile", given, "on or off");
        return new()
        {
            Source = !isOn ? null : feed == "simulated" || Exchanges.Contains(feed) ? feed
                : throw new SettingsException("Reconcile", given, $"off, since {Section}:Feed is {feed}, which has no history to compare with"),
            After = TimeSpan.FromMinutes(Number(section, "Reconcile:AfterMinutes", 30, 5, 1439)),
            MostDays = Number(section, "Reconcile:MostDays", 7, 1, 366),
        };
    }

    private static double? Speed(string? text) => text switch
    {
        null or "" => 1,
        "max" => null,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double speed) && speed is > 0 and <= 1e6 => speed,
        _ => throw new SettingsException("Replay:Speed", text, "max, or a number above 0: how many times faster than time"),
    };

    private static string Folder(string name, string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SettingsException(name, path, $"a folder that can be made and written ({e.Message})");
        }
    }

    private static CandleSourceOptions Source(IConfigurationSection section, string path)
    {
        return new()
        {
            Address = Http(section, path + ":Address"),
            PermitsAWindow = section[path + ":PermitsAWindow"] is null ? null : Number(section, path + ":PermitsAWindow", 1, 1, 1_000_000),
            Window = section[path + ":WindowSeconds"] is null ? null : TimeSpan.FromSeconds(Number(section, path + ":WindowSeconds", 1, 1, 86_400)),
            ApiKey = section[path + ":ApiKey"],
            ApiKeyHeader = section[path + ":ApiKeyHeader"],
        };
    }

    private static Uri? Http(IConfigurationSection section, string name) => section[name] is not { } address ? null
        : Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri
        : throw new SettingsException(name, address, "an absolute http or https address");

    internal static int Number(IConfigurationSection section, string name, int fallback, int least, int most)
    {
        string? text = section[name];
        return string.IsNullOrEmpty(text) ? fallback
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new SettingsException(name, text, $"a whole number from {least} to {most}");
    }
}
