using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Pnl.Client;

namespace Pnl.Gateway;

/// <summary>
/// Lets in who may. An endpoint says by <see cref="RequireScope"/> what is needed; one that says nothing is for admins, so that
/// what somebody forgets is closed.
/// </summary>
public static class AccessControl
{
    /// <summary>Names an <see cref="IPnlClient"/> that sees the caller's portfolios alone.</summary>
    internal const string Own = "own";

    private const string Any = "any";
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30), IssuerTime = TimeSpan.FromSeconds(5);

    // A signature that only the issuer can make; one by a shared secret has no place here.
    private static readonly string[] Signatures =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Says which scope an endpoint needs.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoints, string scope)
        where TBuilder : IEndpointConventionBuilder => endpoints.RequireAuthorization(scope);

    internal static void AddAccessControl(this IServiceCollection services, AccessOptions access)
    {
        services.AddSingleton(access);
        services.AddSingleton<KnownKeys>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<StreamAccess>();
        services.AddHttpContextAccessor();
        services.AddKeyedScoped<IPnlClient>(Own, (provider, _) =>
            provider.GetRequiredService<IPnlClient>().For(provider.GetRequiredService<IHttpContextAccessor>().HttpContext!.User.Owner()));
        // Not all of AddAuthentication: that brings keys for cookies, which it writes into the user's home, and there are none here.
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = Any);
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, NoOtherSettings>();
        AuthenticationBuilder authentication = new AuthenticationBuilder(services)
            .AddPolicyScheme(Any, null, any => any.ForwardDefaultSelector = http =>
                access.Authority is not null && PresentedKey.Of(http.Request) is null && IsBearer(http.Request) ? JwtBearerDefaults.AuthenticationScheme : KeyAuthentication.Name)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.Name, null);
        if (access.Authority is { } authority)
        {
            authentication.AddJwtBearer(bearer => Configure(bearer, authority, access.Audience!));
        }

        services.AddAuthorization(authorization =>
        {
            foreach (string scope in Scope.All)
            {
                authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.May(scope)));
            }

            // What has no endpoint, such as the middleware of /metrics, is asked for here too.
            authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser()
                .RequireAssertion(context => (context.Resource is HttpContext http ? ScopeOf(http) : Scope.Admin) is not { } scope || context.User.May(scope)).Build();
        });
    }

    internal static void UseAccessControl(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseCallersConnections();
        app.UseRateLimiter(); // who floods is known by now, and refused before anything else is done for him
        app.UseAuthorization();
    }

    /// <summary>The scope that a request needs; null if it is to a path at which there is nothing.</summary>
    internal static string? ScopeOf(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/metrics") ? Scope.Metrics
        : http.GetEndpoint() is not { } endpoint ? null
        : endpoint.Metadata.GetMetadata<IAuthorizeData>()?.Policy ?? Scope.Admin;

    private static bool IsBearer(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(PresentedKey.Bearer, StringComparison.OrdinalIgnoreCase);

    /// <summary>Names a caller by his address. Whoever has one of IPv6 has a network of 2^64.</summary>
    internal static string AddressOf(IPAddress? address) => "address " + (address is null ? ""
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString()
        : address.GetAddressBytes() is { Length: 16 } bytes ? Convert.ToHexString(bytes, 0, 8)
        : address.ToString());

    private static void Configure(JwtBearerOptions bearer, Uri authority, string audience)
    {
        bearer.Authority = authority.OriginalString;
        bearer.Audience = audience;
        bearer.MapInboundClaims = false;
        bearer.RequireHttpsMetadata = authority.Scheme == Uri.UriSchemeHttps; // the settings allow http for this machine alone
        bearer.TokenValidationParameters = new()
        {
            ClockSkew = ClockSkew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidAlgorithms = Signatures,
            ValidAudience = audience,
        };
        bearer.BackchannelTimeout = IssuerTime;
        bearer.Events = new()
        {
            OnMessageReceived = async received =>
            {
                try
                {
                    // Kept for hours. Without it a good token would be told to be none.
                    await received.Options.ConfigurationManager!.GetConfigurationAsync(received.HttpContext.RequestAborted);
                }
                catch (InvalidOperationException)
                {
                    throw new ApiException(StatusCodes.Status503ServiceUnavailable, "issuer.unavailable", "The issuer of tokens cannot be asked for its keys now.") { RetryAfterSeconds = 2 };
                }
            },
            OnTokenValidated = validated =>
            {
                if (Caller.Of((JsonWebToken)validated.SecurityToken) is { } caller)
                {
                    validated.Principal = caller;
                }
                else
                {
                    validated.Fail("the token names no subject");
                }

                return Task.CompletedTask;
            },
        };
    }

    /// <summary>Keeps settings under <c>Authentication:Schemes</c> from weakening what is set here.</summary>
    private sealed class NoOtherSettings : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }
}
