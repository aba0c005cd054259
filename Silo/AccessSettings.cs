using System.Globalization;
using System.Net;
using Pnl.Gateway;

namespace Pnl.Silo;

/// <summary>Whether somebody who calls must show who he is, and by what.</summary>
internal static class AccessSettings
{
    public const string Setting = "Access";
    private const string AdminKeyHash = "Access:AdminKeyHash", RequestsASecond = "Access:RequestsASecond", Authority = "Access:Oidc:Authority", Audience = "Access:Oidc:Audience", Hosts = "Hosts", SharePercent = "Access:SharePercent";
    private const int ByDefault = 100, Most = 1_000_000;

    public static readonly string[] Known = [Setting, AdminKeyHash, RequestsASecond, Authority, Audience, Hosts, SharePercent];

    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static AccessOptions Read(IConfigurationSection section)
    {
        string kind = section[Setting] is { Length: > 0 } given ? given : "none";
        if (kind is not ("none" or "required"))
        {
            throw new SettingsException(Setting, kind, "none or required");
        }

        if (kind == "none")
        {
            return section.GetSection(Setting).GetChildren().Any()
                ? throw new SettingsException(Setting, kind, $"required, since {PnlSettings.Section}:{section.GetSection(Setting).GetChildren().First().Path[(PnlSettings.Section.Length + 1)..]} is set; or none without that")
                : new() { Hosts = Names(section[Hosts]) };
        }

        if (!string.IsNullOrEmpty(section[Hosts]))
        {
            throw new SettingsException(Hosts, section[Hosts], $"nothing, since {PnlSettings.Section}:{Setting} is required: whoever shows a key is let in by whatever name he asks");
        }

        string? hash = section[AdminKeyHash] is { Length: > 0 } text ? text.ToLowerInvariant() : null;
        if (hash is not null && !ApiKey.IsHash(hash))
        {
            // Not what it is: it may be the key itself.
            throw new SettingsException(AdminKeyHash, "***", "the SHA-256 of a key as 64 hexadecimal digits, never the key itself; `pnl keys generate` makes both");
        }

        Uri? authority = section[Authority] is not { Length: > 0 } issuer ? null
            : Uri.TryCreate(issuer, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) ? uri
            : throw new SettingsException(Authority, issuer, "the https address of an issuer, such as https://login.example.com/; http only of this machine");
        string? audience = section[Audience] is { Length: > 0 } name ? name : null;
        return (authority is null) == (audience is null)
            ? new() { IsOpen = false, AdminKeyHash = hash, Authority = authority, Audience = audience, RequestsASecond = Number(section[RequestsASecond]), SharePercent = PnlSettings.Number(section, SharePercent, 25, 1, 100) }
            : throw new SettingsException(audience is null ? Audience : Authority, null, $"set, since {PnlSettings.Section}:{(audience is null ? Authority : Audience)} is; a token that was issued for another service is none for this one");
    }

    /// <exception cref="SettingsException">Access is open, and others than this machine can reach an address.</exception>
    public static void Check(AccessOptions access, string url, string host)
    {
        if (access.IsOpen && host != "localhost" && !(IPAddress.TryParse(host, out IPAddress? ip) && IPAddress.IsLoopback(ip)))
        {
            throw new SettingsException(Setting, "none", $"required, since HTTP is to listen on {url}, which others than this machine can reach; or none with --urls of a loopback address such as http://localhost:8080");
        }
    }

    /// <summary>What to say of it at start.</summary>
    public static string Told(AccessOptions access) => access.IsOpen
        ? $"Access is open ({PnlSettings.Section}:{Setting} is none): no key is asked for, HTTP listens on loopback addresses alone, and whoever can reach those of this machine may read and change everything"
        : $"Access is required ({PnlSettings.Section}:{Setting}): by API keys{(access.AdminKeyHash is { } hash ? $", among them the admin's of the settings ({ApiKey.IdOf(hash)})" : "")}{(access.Authority is { } issuer ? $", and by tokens that {issuer} issued for {access.Audience}" : "")}";

    private static string[] Names(string? text) =>
    [
        .. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4 ? name : throw new SettingsException(Hosts, name, "names of this machine with commas between, without scheme and port")),
    ];

    private static int Number(string? text) =>
        string.IsNullOrEmpty(text) ? ByDefault
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is > 0 and <= Most ? value
        : throw new SettingsException(RequestsASecond, text, $"a whole number from 1 to {Most}");
}
