using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Who calls, as claims: of whatever somebody shows only these are looked at afterwards.</summary>
internal static class Caller
{
    private const string Who = "who", Owns = "owner", MayDo = "scope", Until = "until";

    // Of the claims in which issuers put what a token is good for: OAuth's own, that of Entra, roles of an application.
    private static readonly string[] ScopeClaims = ["scope", "scp", "roles", "role"];
    private const string ScopePrefix = "pnl.";

    /// <summary>Whoever asks where access is open.</summary>
    public static ClaimsPrincipal Local { get; } = Of("local", PortfolioOwner.Local, [Scope.Admin]);

    /// <param name="who">How logs name him; no secret.</param>
    /// <param name="owner">To whom the portfolios belong that he sees.</param>
    /// <param name="scopes">What he may do.</param>
    /// <param name="until">When what he has shown ends to hold; null if it does not.</param>
    public static ClaimsPrincipal Of(string who, string owner, IEnumerable<string> scopes, DateTimeOffset? until = null)
    {
        ClaimsIdentity identity = new([new(Who, who), new(Owns, owner), .. scopes.Select(scope => new Claim(MayDo, scope))], "access", Who, MayDo);
        if (until is { } end)
        {
            identity.AddClaim(new(Until, end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        }

        return new(identity);
    }

    /// <summary>The caller with a token that was found good; null if it names no subject.</summary>
    public static ClaimsPrincipal? Of(JsonWebToken token)
    {
        if (token.Subject is not { Length: > 0 } subject)
        {
            return null;
        }

        IEnumerable<string> scopes = token.Claims.Where(claim => ScopeClaims.Contains(claim.Type)).SelectMany(claim => claim.Value.Split(' '))
            .Where(name => name.StartsWith(ScopePrefix, StringComparison.Ordinal)).Select(name => name[ScopePrefix.Length..]).Where(Scope.All.Contains).Distinct();
        return Of($"{subject} of {token.Issuer}", Owner(token.Issuer, subject), scopes, token.ValidTo);
    }

    public static string? Name(this ClaimsPrincipal user) => user.FindFirstValue(Who);

    /// <exception cref="InvalidOperationException">Nobody was found good, and yet somebody asks.</exception>
    public static string Owner(this ClaimsPrincipal user) => user.FindFirstValue(Owns) ?? throw new InvalidOperationException("there is no owner");

    public static bool May(this ClaimsPrincipal user, string scope) => user.HasClaim(MayDo, scope) || user.HasClaim(MayDo, Scope.Admin);

    public static bool HasEnded(this ClaimsPrincipal user, DateTimeOffset now) =>
        user.FindFirstValue(Until) is { } end && now.ToUnixTimeSeconds() >= long.Parse(end, CultureInfo.InvariantCulture);

    // Subjects may be any text, and the same text with another issuer is somebody else. 128 bits of a hash meet by no accident and no effort.
    private static string Owner(string issuer, string subject) =>
        "oidc-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{subject}")))[..32];
}
