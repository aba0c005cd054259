using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pnl.Tests.Shared;

/// <summary>An authority that issues certificates as PEM files, in a folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string Server = "1.3.6.1.5.5.7.3.1", Client = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;
    private readonly string _folder;
    private int _issued;

    public TestAuthority(string folder, string name)
    {
        _folder = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        CertificateRequest request = new($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _root = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        File.WriteAllText(Root, _root.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate.</summary>
    public string Root => Path.Combine(_folder, "ca.crt");

    /// <summary>Issues a certificate into files of a name; over those that are there.</summary>
    public (string Certificate, string Key) Issue(string file, DateTimeOffset from, DateTimeOffset to, string dns = "pnl", bool forClients = true)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=" + dns, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Server), .. forClients ? (Oid[])[new Oid(Client)] : []], critical: false));
        using X509Certificate2 certificate = request.Create(_root, from, to, BitConverter.GetBytes(++_issued));
        (string path, string keyPath) = (Path.Combine(_folder, file + ".crt"), Path.Combine(_folder, file + ".key"));
        File.WriteAllText(path, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (path, keyPath);
    }

    /// <summary>The settings of a process that has a certificate of this authority, valid now.</summary>
    public string[] Settings(string? name = null)
    {
        (string certificate, string key) = Issue("member", TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(12));
        return [$"--Pnl:Tls:Certificate={certificate}", $"--Pnl:Tls:Key={key}", $"--Pnl:Tls:Authority={Root}", .. name is null ? (string[])[] : [$"--Pnl:Tls:Name={name}"]];
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }
}
