using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>The calls about API keys.</summary>
internal static class KeysApi
{
    private const int LongestName = 100;

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder keys = routes.MapGroup("/v1/keys").WithTags("Keys").RequireScope(Scope.Admin).RefuseUnknownQuery()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        keys.MapPost("/", Create).WithName("CreateKey").WithSummary("Makes an API key. The answer is the only one that has the key itself.").ProducesProblem(StatusCodes.Status409Conflict);
        keys.MapGet("/", List).WithName("ListKeys").WithSummary("Lists the API keys that hold, oldest first.");
        keys.MapDelete("/{id}", Revoke).WithName("RevokeKey").WithSummary("Takes an API key back for ever.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Created<NewKeyAnswer>> Create(
        HttpContext http, [FromServices] KnownKeys keys, [FromServices] TimeProvider time, [FromServices] AccessOptions access, [FromBody] KeyRequest? body, CancellationToken cancellation)
    {
        if (access.IsOpen)
        {
            // Whoever plants one now would be let in by it once keys are asked for.
            throw new ApiException(
                StatusCodes.Status409Conflict, "access.open", "No keys are made while none is asked for (Pnl:Access is none).", null,
                "Pnl:Access=required; the first key is that of Pnl:Access:AdminKeyHash, which `pnl keys generate` makes");
        }

        string key = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes)), hash = ApiKey.Hash(key);
        ApiKeyInfo made = new()
        {
            Id = ApiKey.IdOf(hash),
            Name = body?.Name is { Length: > 0 and <= LongestName } name && AddressName.IsKept(name) ? name
                : throw ApiException.BadRequest("name.malformed", "The key has no name by which it may be told from others.", "name", $"1 to {LongestName} characters of one line, without spaces at its ends; {AddressName.Rule}"),
            Owner = body.Owner is { } owner && TokenId.IsValid(owner) ? owner
                : throw ApiException.BadRequest("owner.malformed", $"'{body.Owner}' is no owner of portfolios.", "owner", $"{TokenId.Rule}; '{PortfolioOwner.Local}' owns what was made without access control"),
            Scopes = body.Scopes is { Length: > 0 } scopes && scopes.All(Scope.All.Contains) ? [.. scopes.Distinct()]
                : throw ApiException.BadRequest("scopes.unknown", "The key is good for nothing, or for something that is not known.", "scopes", $"some of {Scope.AllNames}"),
            Hash = hash,
            CreatedAt = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()),
        };
        if (!await keys.AddAsync(made, cancellation))
        {
            throw new ApiException(StatusCodes.Status409Conflict, "keys.tooMany", "There are as many keys as there may be.", null, "fewer keys: revoke some, or let people come with tokens of an issuer");
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/v1/keys/{made.Id}", new NewKeyAnswer(made.Id, made.Name, made.Owner, made.Scopes, made.CreatedAt, key));
    }

    private static async Task<Ok<ListAnswer<KeyAnswer>>> List([FromServices] KnownKeys keys, CancellationToken cancellation) =>
        TypedResults.Ok(new ListAnswer<KeyAnswer>([.. (await keys.ListAsync(cancellation)).Select(KeyAnswer.Of)], null));

    private static async Task<NoContent> Revoke([FromServices] KnownKeys keys, string id, CancellationToken cancellation) =>
        await keys.RevokeAsync(id, cancellation) ? TypedResults.NoContent()
        : throw new ApiException(StatusCodes.Status404NotFound, "key.unknown", $"There is no key '{id}'.", "id", "the id of a key that /v1/keys lists");
}
