using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>A silo that asks for keys or tokens, with an issuer beside it, and somebody of every kind that may come.</summary>
public sealed class GuardedSilo : IAsyncLifetime
{
    public const string Collection = "a guarded silo", Audience = "pnl-tests", Token = "guarded";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly DataFolder _folder = new();
    private readonly List<IAsyncDisposable> _issuers = [];
    private readonly List<Role> _roles = [];
    private SiloProcess? _silo;

    internal static string AdminKey { get; } = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));

    internal HttpClient Http { get; private set; } = null!;

    internal string Output => _silo!.Output;

    internal IReadOnlyList<Role> Roles => _roles;

    internal TestIssuer Issuer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        using RSA rsa = RSA.Create(2048), foreign = RSA.Create(2048);
        RsaSecurityKey key = new(rsa.ExportParameters(true)) { KeyId = "k" }, otherKey = new(foreign.ExportParameters(true)) { KeyId = "k" };
        Issuer = await StartAsync(key);
        Uri trusted = new(Issuer.Address, "/");
        TestIssuer late = await StartAsync(key, trusted, new Yesterday()), forger = await StartAsync(otherKey, trusted), other = await StartAsync(key, new Uri("http://127.0.0.1:9/"));
        _silo = await SiloProcess.ListeningAsync(
            _folder, "--Pnl:Feed=none", "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(AdminKey), "--Pnl:Access:RequestsASecond=1000000",
            "--Pnl:Access:Oidc:Authority", Issuer.Address.OriginalString, "--Pnl:Access:Oidc:Audience", Audience);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _silo.Http.BaseAddress, Timeout = TimeSpan.FromMinutes(2) };
        await _silo.ReadyAsync(StartLimit);

        _roles.Add(new("nobody", null, null));
        _roles.Add(Role.OfKey("a wrong key", ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes)), null));
        _roles.Add(Role.OfKey("the key of the settings", AdminKey, Scope.Admin));
        foreach (string scope in Scope.All)
        {
            (string id, string made) = await MakeKeyAsync($"key of {scope}", "owner-" + scope, scope);
            _roles.Add(Role.OfKey($"a key for {scope}", made, scope));
            _roles.Add(Role.OfToken($"a token for {scope}", await Issuer.TokenAsync("somebody-" + scope, "pnl." + scope, Audience), scope));
        }

        (string revoked, string gone) = await MakeKeyAsync("revoked", "nobody", Scope.Admin);
        Assert.Equal(HttpStatusCode.NoContent, (await Http.SendAsync(HttpMethod.Delete, $"/v1/keys/{revoked}", null, Admin)).Status);
        _roles.Add(Role.OfKey("a revoked key", gone, null));
        _roles.Add(Role.OfToken("a token for nothing", await Issuer.TokenAsync("somebody", "admin read other.read", Audience), ""));
        _roles.Add(Role.OfToken("a token for another service", await Issuer.TokenAsync("somebody", "pnl.admin", "another"), null));
        _roles.Add(Role.OfToken("an expired token", await late.TokenAsync("somebody", "pnl.admin", Audience), null));
        _roles.Add(Role.OfToken("a token of another issuer", await other.TokenAsync("somebody", "pnl.admin", Audience), null));
        _roles.Add(Role.OfToken("a forged token", await forger.TokenAsync("somebody", "pnl.admin", Audience), null));
        _roles.Add(Role.OfToken("an unsigned token", Unsigned(await Issuer.TokenAsync("somebody", "pnl.admin", Audience)), null));
        (await Http.SendAsync(HttpMethod.Put, $"/v1/tokens/{Token}", Requests.Json("{}"), Admin)).Ok();
    }

    internal static (string, string) Admin => ("X-Api-Key", AdminKey);

    /// <summary>Makes a key; its id, and the key itself.</summary>
    internal async Task<(string Id, string Key)> MakeKeyAsync(string name, string owner, params string[] scopes)
    {
        Answer made = (await Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json(JsonSerializer.Serialize(new { name, owner, scopes })), Admin)).Ok();
        return (made["id"].GetString()!, made["key"].GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        _silo?.Dispose();
        foreach (IAsyncDisposable issuer in _issuers)
        {
            await issuer.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<TestIssuer> StartAsync(RsaSecurityKey key, Uri? claimed = null, TimeProvider? clock = null)
    {
        TestIssuer issuer = await TestIssuer.StartAsync(key, claimed, clock);
        _issuers.Add(issuer);
        return issuer;
    }

    private static string Unsigned(string token) =>
        $"{Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes("""{"alg":"none","typ":"at+jwt"}"""))}.{token.Split('.')[1]}.";

    private sealed class Yesterday : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(-1);
    }
}

[CollectionDefinition(GuardedSilo.Collection)]
public sealed class GuardedSilos : ICollectionFixture<GuardedSilo>;
