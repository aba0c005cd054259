using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Pnl.Gateway;

/// <summary>What runs here, for whoever asks: no key is needed.</summary>
internal static class VersionApi
{
    /// <summary>The version of the contract, as the OpenAPI document names it.</summary>
    public const string Contract = "1";

    private static readonly VersionAnswer Here = Of(typeof(VersionApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");

    public static void MapVersion(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/v1/version").WithTags("Version").RefuseUnknownQuery()
            .MapGet("/", Get).AllowAnonymous().WithName("GetVersion").WithSummary("What runs here: the release, the commit that it was built of, and the version of this contract. Takes no key.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests);

    /// <summary>Splits <c>0.1.0+commit</c>, as builds write it.</summary>
    public static VersionAnswer Of(string informational) =>
        informational.Split('+', 2) is [var version, var commit] ? new(version, commit, Contract) : new(informational, null, Contract);

    private static Ok<VersionAnswer> Get() => TypedResults.Ok(Here);
}

/// <summary>What runs at an address; the commit is null where the build did not know it.</summary>
internal sealed record VersionAnswer(string Version, string? Commit, string Contract);
