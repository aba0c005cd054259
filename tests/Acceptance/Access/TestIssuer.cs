using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace Pnl.Tests.Acceptance.Access;

/// <summary>An OpenID issuer on a port of the loopback address: discovery document, keys, and a token endpoint that gives whoever asks what he asks for.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private string _audience = "";

    private TestIssuer(RsaSecurityKey key, Uri? claimed, TimeProvider clock)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode(); // without a store of clients
            server.SetTokenEndpointUris("connect/token").AllowClientCredentialsFlow().DisableScopeValidation();
            server.AddSigningKey(key).AddEphemeralEncryptionKey().DisableAccessTokenEncryption();
            server.UseAspNetCore().DisableTransportSecurityRequirement();
            server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(handler => handler.UseInlineHandler(_ => ValueTask.CompletedTask));
            server.AddEventHandler<OpenIddictServerEvents.HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                ClaimsPrincipal principal = new(new ClaimsIdentity("client", OpenIddictConstants.Claims.Name, OpenIddictConstants.Claims.Role));
                principal.SetClaim(OpenIddictConstants.Claims.Subject, context.Request.ClientId).SetScopes(context.Request.GetScopes()).SetResources(_audience);
                context.SignIn(principal);
                return ValueTask.CompletedTask;
            }));
            if (claimed is not null)
            {
                server.SetIssuer(claimed);
            }

            server.Configure(options => options.TimeProvider = clock);
        });
        _app = builder.Build();
        _app.UseAuthentication();
        _http = new();
    }

    /// <summary>Where it is.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <param name="key">Signs.</param>
    /// <param name="claimed">Who it says to be, if it lies.</param>
    /// <param name="clock">What time it is there.</param>
    public static async Task<TestIssuer> StartAsync(RsaSecurityKey key, Uri? claimed = null, TimeProvider? clock = null)
    {
        TestIssuer issuer = new(key, claimed, clock ?? TimeProvider.System);
        await issuer._app.StartAsync();
        return issuer;
    }

    /// <summary>A token, as the token endpoint gives it.</summary>
    public async Task<string> TokenAsync(string subject, string scopes, string audience)
    {
        _audience = audience;
        using FormUrlEncodedContent form = new(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = subject, ["client_secret"] = "any", ["scope"] = scopes });
        using HttpResponseMessage answer = await _http.PostAsync(new Uri(Address, "connect/token"), form);
        JsonElement json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, json.ToString());
        return json.GetProperty("access_token").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}
