using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Connections.Security;

namespace Pnl.Silo;

/// <summary>
/// This process's certificate and the authority by which it knows others. The files are looked at with each connection, so
/// that a certificate that was renewed is used without a restart; if what is there then is no good, the one before stays.
/// </summary>
internal sealed class ClusterCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Files _read;
    private (X509Certificate2 Own, X509Certificate2Collection Authority) _used;

    private ClusterCertificates(TlsSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _used = Load(_read = Files.Read(settings));
    }

    /// <summary>Where it is told that renewed files are no good.</summary>
    public ILogger Log { get; set; } = NullLogger.Instance;

    /// <summary>This process's certificate, with its private key.</summary>
    public X509Certificate2 Own => Current().Own;

    /// <summary>Reads the files.</summary>
    /// <exception cref="SettingsException">One is not there, or not what it may be; or the certificate is not valid now, or not the authority's.</exception>
    public static ClusterCertificates Open(TlsSettings settings, TimeProvider time) => new(settings, time);

    /// <summary>Whether a certificate that another process has shown the key of makes it a member.</summary>
    public bool Trusts(X509Certificate2 certificate, X509Certificate2Collection? between = null) => Fault(certificate, Current().Authority, between) is null;

    /// <summary>Asks for certificates on both sides of a connection, and takes those of members.</summary>
    public void Configure(TlsOptions tls)
    {
        tls.LocalCertificate = Own; // whether it may serve is asked of this one, and those below are used
        tls.LocalServerCertificateSelector = (_, _) => Own;
        tls.LocalClientCertificateSelector = (_, _, _, _, _) => Own;
        tls.RemoteCertificateMode = tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (certificate, chain, _) => Trusts(certificate, chain?.ChainPolicy.ExtraStore);
    }

    private (X509Certificate2 Own, X509Certificate2Collection Authority) Current()
    {
        lock (_lock)
        {
            try
            {
                Files files = Files.Read(_settings);
                if (!files.IsSame(_read))
                {
                    _used = Load(files);
                    _read = files;
                    Log.LogInformation("The certificate of the cluster's connections was renewed: it is valid until {Until:u}", _used.Own.NotAfter.ToUniversalTime());
                }
            }
            catch (SettingsException e)
            {
                Log.LogError("The renewed certificate of the cluster's connections is no good, and the one before stays: {Why}", e.Message);
            }

            return _used;
        }
    }

    /// <exception cref="SettingsException">The files are not what they may be.</exception>
    private (X509Certificate2 Own, X509Certificate2Collection Authority) Load(Files files)
    {
        X509Certificate2Collection authority = [];
        Try(TlsSettings.AuthoritySetting, _settings.Authority, "a PEM file of certificates", () =>
        {
            authority.ImportFromPem(System.Text.Encoding.UTF8.GetString(files.Authority));
            return authority.Count > 0 ? authority : throw new CryptographicException("there is no certificate in it");
        });
        X509Certificate2 own = Try(TlsSettings.CertificateSetting, _settings.Certificate, files.Key is null ? "a PFX file with a private key, or a PEM file beside Pnl:Tls:Key" : "a PEM file whose private key is in Pnl:Tls:Key", () =>
        {
            if (files.Key is null)
            {
                return X509CertificateLoader.LoadPkcs12(files.Certificate, _settings.Password);
            }

            using X509Certificate2 pem = X509Certificate2.CreateFromPem(System.Text.Encoding.UTF8.GetString(files.Certificate), System.Text.Encoding.UTF8.GetString(files.Key));
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null); // TLS on Windows takes no key that came by itself
        });
        string? fault = !own.HasPrivateKey ? "there is no private key in it"
            : own.NotAfter.ToUniversalTime() < _time.GetUtcNow() ? $"it expired at {own.NotAfter.ToUniversalTime():u}"
            : own.NotBefore.ToUniversalTime() > _time.GetUtcNow() ? $"it is not valid before {own.NotBefore.ToUniversalTime():u}"
            : Fault(own, authority, null);
        return fault is null ? (own, authority) : throw new SettingsException(TlsSettings.CertificateSetting, _settings.Certificate, $"a valid certificate of the authority in {_settings.Authority}, for servers and clients{(_settings.Name is { } name ? $", of the name {name}" : "")} ({fault})");
    }

    /// <summary>Why a certificate is none of a member; null if it is one.</summary>
    private string? Fault(X509Certificate2 certificate, X509Certificate2Collection authority, X509Certificate2Collection? between)
    {
        using X509Chain chain = new();
        X509ChainPolicy policy = chain.ChainPolicy;
        (policy.TrustMode, policy.RevocationMode, policy.DisableCertificateDownloads) = (X509ChainTrustMode.CustomRootTrust, X509RevocationMode.NoCheck, true);
        policy.CustomTrustStore.AddRange(authority);
        policy.ExtraStore.AddRange(between ?? []);
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        policy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        return !chain.Build(certificate) ? string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()))
            : _settings.Name is { } name && !certificate.MatchesHostname(name) ? "it bears another name"
            : null;
    }

    private static T Try<T>(string setting, string file, string expected, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SettingsException(setting, file, $"{expected} ({e.Message})");
        }
    }

    /// <summary>What the files hold.</summary>
    private sealed record Files(byte[] Certificate, byte[]? Key, byte[] Authority)
    {
        public static Files Read(TlsSettings settings) => new(
            Bytes(TlsSettings.CertificateSetting, settings.Certificate), settings.Key is { } key ? Bytes(TlsSettings.KeySetting, key) : null, Bytes(TlsSettings.AuthoritySetting, settings.Authority));

        public bool IsSame(Files other) => Certificate.AsSpan().SequenceEqual(other.Certificate) && Key.AsSpan().SequenceEqual(other.Key) && Authority.AsSpan().SequenceEqual(other.Authority);

        private static byte[] Bytes(string setting, string file) => Try(setting, file, "a file that can be read", () => File.ReadAllBytes(file));
    }
}
