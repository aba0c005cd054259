using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Pnl.Tests.Acceptance.Cluster;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>Whatever a process writes, with every category of its log at its most talkative: no key, no token, no password of a connection.</summary>
public sealed class SecretTests(Azurite azurite) : IClassFixture<Azurite>
{
    private const string Audience = "pnl-secrets", Trace = "--Logging:LogLevel:";

    private static readonly string Admin = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));

    // All that the settings of the program make quieter.
    private static readonly string[] Talkative =
    [
        .. ((string[])["Default", "Microsoft", "Microsoft.Hosting.Lifetime", "Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", "Microsoft.Extensions.Diagnostics.HealthChecks", "Orleans", "Pnl.Gateway.KeyAuthentication", "Polly"])
            .Select(category => $"{Trace}{category}=Trace"),
    ];

    [Fact]
    public async Task A_silo_and_a_gateway_that_log_everything_log_no_secret()
    {
        using RSA rsa = RSA.Create(2048);
        await using TestIssuer issuer = await TestIssuer.StartAsync(new RsaSecurityKey(rsa.ExportParameters(true)) { KeyId = "k" });
        string sourceKey = "source-key-" + Guid.NewGuid().ToString("n");
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(
            azurite.ConnectionString, 1, true,
            [
                "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(Admin), "--Pnl:Access:Oidc:Authority", issuer.Address.OriginalString, "--Pnl:Access:Oidc:Audience", Audience,
                "--Pnl:Sources:coingecko:ApiKey", sourceKey, "--Pnl:Sources:coingecko:Address=http://127.0.0.1:9", .. Talkative,
            ]);
        string token = await issuer.TokenAsync("somebody", "pnl.read pnl.ingest", Audience), wrongToken = await issuer.TokenAsync("somebody", "pnl.admin", "another");
        string wrongKey = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes)), basic = Convert.ToBase64String(Encoding.UTF8.GetBytes("anybody:" + Admin));
        string made = "";
        foreach (HttpClient http in (HttpClient[])[cluster.Http, cluster.Silos[0].Http])
        {
            made = (await http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"made","owner":"made","scopes":["read"]}"""), ("X-Api-Key", Admin))).Ok()["key"].GetString()!;
            foreach ((string, string) shown in ((string, string)[])
            [
                ("X-Api-Key", Admin), ("Authorization", "Bearer " + Admin), ("Authorization", "Basic " + basic), ("X-Api-Key", made), ("X-Api-Key", wrongKey), ("Authorization", "Bearer " + wrongKey),
                ("Authorization", "Bearer " + token), ("Authorization", "Bearer " + wrongToken), ("Authorization", "Bearer " + token[..^5]),
            ])
            {
                foreach ((string method, string path, string? body) in ((string, string, string?)[])
                [
                    ("GET", "/v1/tokens", null), ("GET", "/v1/tokens/none-such", null), ("PUT", "/v1/tokens/BAD", "{}"), ("PUT", "/v1/tokens/secrets", "{"), ("PUT", "/v1/tokens/secrets", "{}"),
                    ("GET", "/none-such", null), ("GET", "/dashboard", null), ("POST", "/v1/backfills", """{"source":"coingecko","tokens":["secrets"]}"""),
                ])
                {
                    await http.SendAsync(new(method), path, body is null ? null : Requests.Json(body), shown);
                }
            }
        }

        // A setting that is wrong is told without its value, if that is a secret.
        using DataFolder folder = new();
        using ProgramRun failing = SiloProcess.Launch(folder, null, ["--Pnl:Profile=cluster", "--Pnl:AzureStorage:ConnectionString=AccountName=x;AccountKey=very-secret;nonsense", .. Talkative]);
        Assert.NotEqual(0, await failing.ExitAsync(TimeSpan.FromMinutes(2)));

        string accountKey = azurite.ConnectionString.Split(';').Single(part => part.StartsWith("AccountKey=", StringComparison.Ordinal))["AccountKey=".Length..];
        (string Name, string Value)[] secrets =
        [
            ("the admin's key", Admin), ("a made key", made), ("a wrong key", wrongKey), ("a password", basic), ("a token", token), ("a token's signature", token.Split('.')[2]), ("a wrong token", wrongToken),
            ("the account's key", accountKey), ("a source's key", sourceKey), ("the hash of the admin's key", ApiKey.Hash(Admin)), ("a wrong account's key", "very-secret"),
        ];
        foreach ((string who, string output) in ((string, string)[])[("the gateway", cluster.Gateway.Output), ("the silo", cluster.Silos[0].Output), ("a silo that does not start", failing.Output)])
        {
            Assert.All(secrets, secret => Assert.False(
                output.Contains(secret.Value, StringComparison.Ordinal),
                $"{who} writes {secret.Name}: {output.Split('\n').FirstOrDefault(line => line.Contains(secret.Value, StringComparison.Ordinal))}"));
        }

        Assert.Contains("trce:", cluster.Gateway.Output, StringComparison.Ordinal); // it was as talkative as it was told to be
        Assert.Contains("trce:", cluster.Silos[0].Output, StringComparison.Ordinal);
    }
}
