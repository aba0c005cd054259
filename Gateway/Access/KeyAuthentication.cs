using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Pnl.Gateway;

/// <summary>Finds out who calls by the API key; where access is open everybody is let in.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, KnownKeys keys, AccessOptions access)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string Name = "ApiKey";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (access.IsOpen)
        {
            return Entered(Caller.Local);
        }

        if (PresentedKey.Of(Request) is not { } shown)
        {
            return AuthenticateResult.NoResult();
        }

        return await keys.FindAsync(shown, Context.RequestAborted) is not { } key ? AuthenticateResult.Fail("no key that holds")
            : PresentedKey.IsCrossSite(Request) ? AuthenticateResult.Fail("another site's page shows the key")
            : Entered(Caller.Of($"key {key.Id} {key.Name}", key.Owner, key.Scopes));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        PresentedKey.Ask(Context);
        return Task.CompletedTask;
    }

    private AuthenticateResult Entered(ClaimsPrincipal caller) => AuthenticateResult.Success(new(caller, Scheme.Name));
}
