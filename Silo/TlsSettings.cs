namespace Pnl.Silo;

/// <summary>The certificates by which the processes of a cluster know each other on the ports of Orleans.</summary>
internal sealed record TlsSettings
{
    public const string CertificateSetting = "Tls:Certificate", KeySetting = "Tls:Key", AuthoritySetting = "Tls:Authority";
    private const string PasswordSetting = "Tls:Password", NameSetting = "Tls:Name";

    public static readonly string[] Known = [CertificateSetting, KeySetting, PasswordSetting, AuthoritySetting, NameSetting];

    /// <summary>The file of this process's certificate: PEM if there is a key file, else PKCS #12 (PFX) with the key in it.</summary>
    public required string Certificate { get; init; }

    /// <summary>The PEM file of its private key; null if that is in the same file.</summary>
    public string? Key { get; init; }

    /// <summary>The password of the PFX file; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>The PEM file of the authority, or authorities, whose certificates are members, with those between if there are any.</summary>
    public required string Authority { get; init; }

    /// <summary>The DNS name that each certificate must bear; null if the authority issues for this cluster alone.</summary>
    public string? Name { get; init; }

    /// <summary>Null if nothing is set: then what silos say to each other is not encrypted.</summary>
    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static TlsSettings? Read(IConfigurationSection section, Profile profile)
    {
        if (section.GetSection("Tls").GetChildren().All(setting => string.IsNullOrEmpty(setting.Value)))
        {
            return null;
        }

        if (profile != Profile.Cluster)
        {
            throw new SettingsException(CertificateSetting, section[CertificateSetting], $"set with {PnlSettings.Section}:Profile=cluster alone: one silo talks to nobody, and HTTP has Kestrel:Endpoints");
        }

        (string? certificate, string? key, string? authority) = (section[CertificateSetting], section[KeySetting], section[AuthoritySetting]);
        return string.IsNullOrEmpty(certificate) ? throw new SettingsException(CertificateSetting, certificate, "the file of this process's certificate")
            : string.IsNullOrEmpty(authority) ? throw new SettingsException(AuthoritySetting, authority, "the PEM file of the authority whose certificates are members of the cluster")
            : new()
            {
                Certificate = certificate,
                Key = string.IsNullOrEmpty(key) ? null : key,
                Password = section[PasswordSetting] is { Length: > 0 } password ? password : null,
                Authority = authority,
                Name = section[NameSetting] is { Length: > 0 } name ? name : null,
            };
    }
}
