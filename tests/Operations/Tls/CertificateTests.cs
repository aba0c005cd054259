using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using Pnl.Silo;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Operations.Tls;

/// <summary>Which certificates make a process a member, and what is said of files that are no good.</summary>
public sealed class CertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("pnl-tls-").FullName;
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly TestAuthority _ours, _foreign;

    public CertificateTests() => (_ours, _foreign) = (new(_folder, "ours"), new(_folder, "foreign"));

    public void Dispose()
    {
        _ours.Dispose();
        _foreign.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_member_is_who_has_a_valid_certificate_of_the_authority_for_both_sides()
    {
        ClusterCertificates certificates = Open(Settings(Issue(_ours)));
        Assert.True(certificates.Own.HasPrivateKey);
        Assert.True(certificates.Trusts(Other(_ours)));
        Assert.False(certificates.Trusts(Other(_foreign)));
        Assert.False(certificates.Trusts(Other(_ours, forClients: false)));
        Assert.False(certificates.Trusts(Read(_ours.Issue("old", Now.AddDays(-2), Now.AddDays(-1)).Certificate)));
        Assert.False(certificates.Trusts(Read(_ours.Issue("early", Now.AddDays(1), Now.AddDays(2)).Certificate)));
        X509Certificate2 until = Read(_ours.Issue("until", Now.AddDays(-1), Now.AddMinutes(1)).Certificate);
        Assert.True(certificates.Trusts(until));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.False(certificates.Trusts(until));
    }

    [Fact]
    public void Where_the_authority_issues_for_others_too_the_name_counts()
    {
        ClusterCertificates certificates = Open(Settings(Issue(_ours)) with { Name = "pnl" });
        Assert.True(certificates.Trusts(Other(_ours)));
        Assert.False(certificates.Trusts(Other(_ours, dns: "billing")));
        Refused(Settings(_ours.Issue("billing", Now.AddDays(-1), Now.AddDays(1), "billing")) with { Name = "pnl" }, "another name");
    }

    [Fact]
    public void A_file_that_is_no_good_is_named_with_the_reason()
    {
        TlsSettings good = Settings(Issue(_ours));
        string missing = Path.Combine(_folder, "none.pem");
        foreach ((TlsSettings bad, string setting) in ((TlsSettings, string)[])[(good with { Certificate = missing }, "Certificate"), (good with { Key = missing }, "Key"), (good with { Authority = missing }, "Authority")])
        {
            Refused(bad, $"Pnl:Tls:{setting} is '{missing}'");
        }

        Refused(good with { Key = _ours.Issue("other", Now.AddDays(-1), Now.AddDays(1)).Key }, "Pnl:Tls:Key");
        Refused(good with { Key = null }, "a PFX file with a private key, or a PEM file beside Pnl:Tls:Key");
        Refused(good with { Authority = good.Key! }, "there is no certificate in it");
        Refused(good with { Authority = _foreign.Root }, "a valid certificate of the authority");
        Refused(Settings(_ours.Issue("expired", Now.AddDays(-2), Now.AddHours(-1))), "expired at 2026-06-15 11:00:00Z");
        Refused(Settings(_ours.Issue("early", Now.AddHours(1), Now.AddDays(1))), "not valid before 2026-06-15 13:00:00Z");
        Refused(Settings(_ours.Issue("server", Now.AddDays(-1), Now.AddDays(1), forClients: false)), "for servers and clients");
    }

    [Fact]
    public void A_PFX_file_is_taken_with_its_password()
    {
        (string certificate, string key) = Issue(_ours);
        string pfx = Path.Combine(_folder, "own.pfx");
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(certificate, key);
        File.WriteAllBytes(pfx, pem.Export(X509ContentType.Pkcs12, "secret")!);
        TlsSettings settings = new() { Certificate = pfx, Password = "secret", Authority = _ours.Root };
        Assert.Equal(pem.Thumbprint, Open(settings).Own.Thumbprint);
        Assert.DoesNotContain("wrong one", Refused(settings with { Password = "wrong one" }, "Pnl:Tls:Certificate"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_renewed_certificate_is_used_and_one_that_is_no_good_is_not()
    {
        TlsSettings settings = Settings(Issue(_ours));
        ClusterCertificates certificates = Open(settings);
        string first = certificates.Own.Thumbprint;
        File.WriteAllText(settings.Certificate, "half a fi");
        Assert.Equal(first, certificates.Own.Thumbprint);
        Issue(_ours);
        string second = certificates.Own.Thumbprint;
        Assert.NotEqual(first, second);
        File.Delete(settings.Key!);
        Assert.Equal(second, certificates.Own.Thumbprint);

        // An authority that takes the place of another: both are trusted while there are certificates of both.
        Issue(_ours);
        Assert.False(certificates.Trusts(Other(_foreign)));
        File.AppendAllText(settings.Authority, "\n" + File.ReadAllText(_foreign.Root));
        Assert.True(certificates.Trusts(Other(_foreign)));
        Assert.True(certificates.Trusts(Other(_ours)));
    }

    [Theory]
    [InlineData("Pnl:Tls:Authority=ca.crt", "Pnl:Tls:Certificate")]
    [InlineData("Pnl:Tls:Certificate=tls.crt", "Pnl:Tls:Authority")]
    [InlineData("Pnl:Tls:Certificate=tls.crt Pnl:Tls:Authority=ca.crt Pnl:Profile=local", "Pnl:Profile=cluster alone")]
    public void Settings_that_lack_are_named(string given, string told)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Pnl:Profile"] = "cluster", ["Pnl:AzureStorage:ConnectionString"] = "DefaultEndpointsProtocol=http;AccountName=pnl;AccountKey=AAAA;BlobEndpoint=http://localhost:1/pnl;TableEndpoint=http://localhost:2/pnl;",
        };
        foreach (string[] setting in given.Split(' ').Select(setting => setting.Split('=')))
        {
            settings[setting[0]] = setting[1];
        }

        if (settings["Pnl:Profile"] == "local")
        {
            settings.Remove("Pnl:AzureStorage:ConnectionString");
        }

        SettingsException refused = Assert.Throws<SettingsException>(() => PnlSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Read(string file) => X509CertificateLoader.LoadCertificateFromFile(file);

    private static X509Certificate2 Other(TestAuthority authority, string dns = "pnl", bool forClients = true) =>
        Read(authority.Issue("theirs", Now.AddDays(-1), Now.AddDays(1), dns, forClients).Certificate);

    private static (string Certificate, string Key) Issue(TestAuthority authority) => authority.Issue("own", Now.AddDays(-1), Now.AddDays(1));

    private TlsSettings Settings((string Certificate, string Key) issued) => new() { Certificate = issued.Certificate, Key = issued.Key, Authority = _ours.Root };

    private ClusterCertificates Open(TlsSettings settings) => ClusterCertificates.Open(settings, _clock);

    private string Refused(TlsSettings settings, string told)
    {
        string message = Assert.Throws<SettingsException>(() => Open(settings)).Message;
        Assert.Contains(told, message, StringComparison.Ordinal);
        return message;
    }
}
