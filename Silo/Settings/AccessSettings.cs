using System.Net;
using Pnl.Gateway;

namespace Pnl.Silo;

/// <summary>Whether somebody who calls must show who he is, and by what.</summary>
internal sealed class AccessSettings
{
    private const string Setting = "Access", Authority = "Access:Oidc:Authority", Audience = "Access:Oidc:Audience", HostsSetting = "Hosts";

    [Description("`none`: no key is asked for, on loopback addresses alone; `required`: an API key or a token")] public Kind Value { get; set; }
    [Description("SHA-256 of a key that is good for everything, as 64 hexadecimal digits: the first way in"), DataType(DataType.Password)] public string? AdminKeyHash { get; set; }
    public OidcSettings Oidc { get; set; } = new();
    [Description("requests a second of each key or subject, and of each address that shows neither, at each gateway; twice as many at once; more are answered 429"), Range(1, 1_000_000)] public int RequestsASecond { get; set; } = 100;
    [Description("how many percent one caller may have at each gateway of what all may at once: requests at work, streams, connections"), Range(1, 100)] public int SharePercent { get; set; } = 25;

    /// <param name="hosts">The setting <c>Pnl:Hosts</c>.</param>
    /// <param name="within">A setting within this section that is given; null if none is.</param>
    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    internal AccessOptions ToOptions(string? hosts, string? within)
    {
        SettingsException.ThrowIf(Value == Kind.None && within is not null, Setting, "none", $"required, since {PnlSettings.Section}:{within} is set; or none without that");
        if (Value == Kind.None)
        {
            return new() { Hosts = Names(hosts) };
        }

        SettingsException.ThrowIf(hosts is not null, HostsSetting, hosts, $"nothing, since {PnlSettings.Section}:{Setting} is required: whoever shows a key is let in by whatever name he asks");
        string? hash = AdminKeyHash?.ToLowerInvariant(); // not shown where it is wrong: it may be the key itself
        SettingsException.ThrowIf(hash is not null && !ApiKey.IsHash(hash), "Access:AdminKeyHash", "***", "the SHA-256 of a key as 64 hexadecimal digits, never the key itself; `pnl keys generate` makes both");
        (string lacking, string other) = Oidc.Audience is null ? (Audience, Authority) : (Authority, Audience);
        SettingsException.ThrowIf((Oidc.Authority is null) != (Oidc.Audience is null), lacking, null, $"set, since {PnlSettings.Section}:{other} is; a token that was issued for another service is none for this one");
        return new() { IsOpen = false, AdminKeyHash = hash, Authority = Oidc.Authority, Audience = Oidc.Audience, RequestsASecond = RequestsASecond, SharePercent = SharePercent };
    }

    /// <exception cref="SettingsException">Access is open, and others than this machine can reach an address.</exception>
    internal static void Check(AccessOptions access, string url, string host)
    {
        bool isThisMachine = host == "localhost" || (IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip));
        SettingsException.ThrowIf(access.IsOpen && !isThisMachine, Setting, "none", $"required, since HTTP is to listen on {url}, which others than this machine can reach; or none with --urls of a loopback address such as http://localhost:8080");
    }

    /// <summary>What to say of it at start.</summary>
    internal static string Told(AccessOptions access) => access.IsOpen
        ? $"Access is open ({PnlSettings.Section}:{Setting} is none): no key is asked for, HTTP listens on loopback addresses alone, and whoever can reach those of this machine may read and change everything"
        : $"Access is required ({PnlSettings.Section}:{Setting}): by API keys{(access.AdminKeyHash is { } hash ? $", among them the admin's of the settings ({ApiKey.IdOf(hash)})" : "")}{(access.Authority is { } issuer ? $", and by tokens that {issuer} issued for {access.Audience}" : "")}";

    private static string[] Names(string? text) =>
    [
        .. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4 ? name : throw new SettingsException(HostsSetting, name, "names of this machine with commas between, without scheme and port")),
    ];

    internal sealed class OidcSettings
    {
        [Description("the issuer whose tokens are taken; scopes are `pnl.read` and the like in the claims `scope`, `scp`, `roles` or `role`"), Issuer] public Uri? Authority { get; set; }
        [Description("for whom such tokens must be issued")] public string? Audience { get; set; }

        [AttributeUsage(AttributeTargets.Property)]
        private sealed class IssuerAttribute : ValidationAttribute
        {
            public IssuerAttribute() => ErrorMessage = "the https address of an issuer, such as https://login.example.com/; http only of this machine";

            public override bool IsValid(object? value) => value is Uri issuer && (issuer.Scheme == Uri.UriSchemeHttps || issuer.IsLoopback);
        }
    }

    internal enum Kind { None, Required }
}
