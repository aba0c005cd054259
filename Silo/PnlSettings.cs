using System.Globalization;
using Pnl.Rates.Simulation;

namespace Pnl.Silo;

/// <summary>The settings of the host, read and checked at start.</summary>
internal sealed record PnlSettings
{
    public const string Section = "Pnl";

    private static readonly string[] Known =
        ["DataDirectory", "Feed", "Profile", "SiloPort", "GatewayPort", "Simulated", "Simulated:Seed", "Simulated:Tokens", "Simulated:HistoryDays"];

    /// <summary>Where everything is kept that one machine keeps.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Name of the source that is played live; null for none.</summary>
    public string? Feed { get; init; }

    /// <summary>Port on which silos talk; 0 for a free one.</summary>
    public int SiloPort { get; init; }

    /// <summary>Port on which Orleans clients talk to the silo; 0 for a free one.</summary>
    public int GatewayPort { get; init; }

    /// <summary>The simulated market.</summary>
    public required SimulatedMarketOptions Simulated { get; init; }

    /// <summary>How many days of history the simulated feed begins with.</summary>
    public int HistoryDays { get; init; }

    /// <exception cref="SettingsException">A setting is unknown or not what it may be.</exception>
    public static PnlSettings Read(IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(Section);
        foreach (IConfigurationSection setting in section.AsEnumerable(makePathsRelative: true)
            .Where(pair => pair.Key.Length > 0).Select(pair => section.GetSection(pair.Key)))
        {
            string name = setting.Path[(Section.Length + 1)..];
            if (!Known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new SettingsException(name, setting.Value, "one of " + string.Join(", ", Known.Where(known => known != "Simulated")));
            }
        }

        if (section["Profile"] is { } profile && profile != "local")
        {
            throw new SettingsException("Profile", profile, "local");
        }

        string feed = section["Feed"] ?? "simulated";
        if (feed is not ("simulated" or "none"))
        {
            throw new SettingsException("Feed", feed, "simulated or none");
        }

        string directory = section["DataDirectory"] is { Length: > 0 } given ? given : "./data";
        return new()
        {
            DataDirectory = Path.GetFullPath(directory),
            Feed = feed == "none" ? null : feed,
            SiloPort = Number(section, "SiloPort", 0, 0, 65535),
            GatewayPort = Number(section, "GatewayPort", 0, 0, 65535),
            Simulated = new() { Seed = (ulong)Number(section, "Simulated:Seed", 1, 0, int.MaxValue), Tokens = Number(section, "Simulated:Tokens", 10_300, 1, 1_000_000) },
            HistoryDays = Number(section, "Simulated:HistoryDays", 30, 1, 3650),
        };
    }

    private static int Number(IConfigurationSection section, string name, int fallback, int least, int most)
    {
        string? text = section[name];
        return string.IsNullOrEmpty(text) ? fallback
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new SettingsException(name, text, $"a whole number from {least} to {most}");
    }
}
