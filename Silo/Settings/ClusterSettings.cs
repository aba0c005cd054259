using System.Net;

namespace Pnl.Silo;

/// <summary>How a process finds the others of its cluster, and they it.</summary>
internal sealed class ClusterSettings
{
    [Description("which silos belong together")] public string Id { get; set; } = "pnl";
    [Description("whose state and streams these are: what outlives a cluster")] public string ServiceId { get; set; } = "pnl";
    [Description("where other silos reach this one: on Kubernetes the pod's address by the downward API"), IPAddressText] public string AdvertisedAddress { get; set; } = "127.0.0.1";
    [Description("how long, and how often, a silo waits for another's answer to a probe; three missed and two votes make it dead"), Range(100, 60_000)] public int ProbeMilliseconds { get; set; } = 500;

    /// <summary>Where the others reach this silo.</summary>
    internal IPAddress Address => IPAddress.Parse(AdvertisedAddress);

    /// <summary>How long a silo waits for another's answer to a probe; as often it asks.</summary>
    internal TimeSpan Probe => TimeSpan.FromMilliseconds(ProbeMilliseconds);

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class IPAddressTextAttribute : ValidationAttribute
    {
        public IPAddressTextAttribute() => ErrorMessage = "the IP address at which other silos reach this one";

        public override bool IsValid(object? value) => IPAddress.TryParse(value as string, out _);
    }
}
