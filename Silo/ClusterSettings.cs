using System.Net;

namespace Pnl.Silo;

/// <summary>How a process finds the others of its cluster, and they it.</summary>
internal sealed record ClusterSettings
{
    private const string AddressSetting = "Cluster:AdvertisedAddress", ProbeSetting = "Cluster:ProbeMilliseconds";

    public static readonly string[] Known = ["Cluster:Id", "Cluster:ServiceId", AddressSetting, ProbeSetting];

    /// <summary>Silos of the same id make up a cluster.</summary>
    public required string Id { get; init; }

    /// <summary>What outlives a cluster: whose state and streams these are.</summary>
    public required string ServiceId { get; init; }

    /// <summary>Where the others reach this silo: on Kubernetes the pod's address.</summary>
    public required IPAddress AdvertisedAddress { get; init; }

    /// <summary>How long a silo waits for another's answer to a probe; as often it asks.</summary>
    public TimeSpan Probe { get; init; }

    /// <exception cref="SettingsException">A setting is not what it may be.</exception>
    public static ClusterSettings Read(IConfigurationSection section)
    {
        string? address = section[AddressSetting];
        return new()
        {
            Id = section["Cluster:Id"] is { Length: > 0 } id ? id : "pnl",
            ServiceId = section["Cluster:ServiceId"] is { Length: > 0 } service ? service : "pnl",
            AdvertisedAddress = string.IsNullOrEmpty(address) ? IPAddress.Loopback
                : IPAddress.TryParse(address, out IPAddress? ip) ? ip
                : throw new SettingsException(AddressSetting, address, "the IP address at which other silos reach this one"),
            Probe = TimeSpan.FromMilliseconds(PnlSettings.Number(section, ProbeSetting, 500, 100, 60_000)),
        };
    }
}
