namespace Pnl.Silo;

/// <summary>The certificates by which the processes of a cluster know each other on the ports of Orleans.</summary>
internal sealed record TlsSettings
{
    public const string CertificateSetting = "Tls:Certificate", KeySetting = "Tls:Key", AuthoritySetting = "Tls:Authority";

    [Description("TLS between silos and gateways: the file of this process's certificate, PEM if there is a key file, else PKCS #12 (PFX) with the key in it")] public string Certificate { get; init; } = "";
    [Description("the PEM file of its private key, if that is not in the same file")] public string? Key { get; init; }
    [Description("the password of the PFX file"), DataType(DataType.Password)] public string? Password { get; init; }
    [Description("the PEM file of the authority, or authorities, whose certificates are members, with those between if there are any")] public string Authority { get; init; } = "";
    [Description("the DNS name that each certificate must bear; it is not needed where the authority issues for this cluster alone")] public string? Name { get; init; }

    /// <exception cref="SettingsException">A setting lacks, or there is no cluster.</exception>
    internal void Check(Profile profile)
    {
        SettingsException.ThrowIf(profile != Profile.Cluster, CertificateSetting, Certificate, $"set with {PnlSettings.Section}:Profile=cluster alone: one silo talks to nobody, and HTTP has Kestrel:Endpoints");
        SettingsException.ThrowIf(Certificate.Length == 0, CertificateSetting, null, "the file of this process's certificate");
        SettingsException.ThrowIf(Authority.Length == 0, AuthoritySetting, null, "the PEM file of the authority whose certificates are members of the cluster");
    }
}
