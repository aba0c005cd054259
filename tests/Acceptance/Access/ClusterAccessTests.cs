using System.Net;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Pnl.Tests.Acceptance.Cluster;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>A cluster asks for keys and tokens too, at its gateway and at each silo; what one has made or taken back, all know.</summary>
public sealed class ClusterAccessTests(Azurite azurite) : IClassFixture<Azurite>
{
    private const string Audience = "pnl-cluster";

    private static readonly string Admin = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));

    [Fact]
    public async Task Keys_and_tokens_hold_at_gateway_and_silo_alike_and_nothing_is_open_beside()
    {
        using RSA rsa = RSA.Create(2048);
        await using TestIssuer issuer = await TestIssuer.StartAsync(new RsaSecurityKey(rsa.ExportParameters(true)) { KeyId = "k" });
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(
            azurite.ConnectionString, 2, true, "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(Admin), "--Pnl:Access:RequestsASecond=1000000",
            "--Pnl:Access:Oidc:Authority", issuer.Address.OriginalString, "--Pnl:Access:Oidc:Audience", Audience);
        (string, string) admin = ("X-Api-Key", Admin);
        (HttpClient gateway, HttpClient silo) = (cluster.Http, cluster.Silos[0].Http);

        // Nothing is open but what says that it lives, and what the API is; the meters are not even there.
        foreach (HttpClient http in (HttpClient[])[gateway, silo])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAnswerAsync("/v1/tokens")).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAnswerAsync("/metrics")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAnswerAsync("/metrics", admin)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAnswerAsync("/dashboard")).Status);
            (await http.GetAnswerAsync("/health/ready")).Ok();
            (await http.GetAnswerAsync("/openapi/v1.json")).Ok();
        }

        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAnswerAsync("/dashboard", admin)).Status);
        (await silo.GetAnswerAsync("/dashboard", admin)).Ok();

        // A key made at the gateway is good at a silo, for its scopes alone.
        Answer made = (await gateway.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json("""{"name":"alice","owner":"alice","scopes":["read","portfolio"]}"""), admin)).Ok();
        (string, string) alice = ("X-Api-Key", made["key"].GetString()!);
        Assert.Equal(HttpStatusCode.Created, (await gateway.SendAsync(HttpMethod.Put, "/v1/portfolios/mine", Requests.Json("""{"baseCurrency":"usd"}"""), alice)).Status);
        await UntilAsync(async () => (await silo.GetAnswerAsync("/v1/portfolios/mine", alice)).Status == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Forbidden, (await silo.GetAnswerAsync("/dashboard", alice)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await silo.SendAsync(HttpMethod.Put, "/v1/tokens/a", Requests.Json("{}"), alice)).Status);

        // So is a token, whose subject has portfolios of his own.
        (string, string) bob = ("Authorization", "Bearer " + await issuer.TokenAsync("bob", "pnl.read pnl.portfolio", Audience));
        foreach (HttpClient http in (HttpClient[])[gateway, silo])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAnswerAsync("/v1/portfolios/mine", bob)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAnswerAsync("/v1/keys", bob)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAnswerAsync("/v1/tokens", ("Authorization", "Bearer " + await issuer.TokenAsync("bob", "pnl.admin", "another")))).Status);
        }

        // Who did what is known wherever it is asked for.
        Answer audit = (await silo.GetAnswerAsync("/v1/audit?who=alice", admin)).Ok();
        Assert.Equal(["PUT /v1/tokens/a", "PUT /v1/portfolios/mine"], audit["items"].EnumerateArray().Select(entry => entry.GetProperty("what").GetString()));

        // Taken back at a silo it is good nowhere.
        Assert.Equal(HttpStatusCode.NoContent, (await silo.SendAsync(HttpMethod.Delete, "/v1/keys/" + made["id"].GetString(), null, admin)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.GetAnswerAsync("/v1/tokens", alice)).Status);
        await UntilAsync(async () => (await gateway.GetAnswerAsync("/v1/tokens", alice)).Status == HttpStatusCode.Unauthorized);
    }

    /// <summary>Others know it a second later, which can only be asked for.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
