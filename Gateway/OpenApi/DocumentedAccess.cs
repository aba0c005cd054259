using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Pnl.Gateway;

/// <summary>Says how a caller shows who it is, and which scope each call needs, where access is not open.</summary>
internal static class DocumentedAccess
{
    private const string Bearer = "bearer", Header = "apiKey";

    public static void Describe(OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSecurityScheme>(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            Description = $"An API key (pnl_…), or a token of the issuer that is trusted, whose claims scope, scp or roles name pnl.read and the like. Scopes: {Scope.AllNames}; admin stands for all.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(Header, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = PresentedKey.Header,
            Description = "An API key.",
        });
    }

    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().FirstOrDefault()?.Policy is { } scope)
        {
            // One requirement or the other.
            operation.Security = [.. ((string[])[Bearer, Header]).Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [scope] })];
            operation.Responses ??= [];
            operation.Responses[StatusCodes.Status401Unauthorized.ToString(CultureInfo.InvariantCulture)] = Problem("Nothing that was shown says who calls.", context);
            operation.Responses[StatusCodes.Status403Forbidden.ToString(CultureInfo.InvariantCulture)] = Problem($"The scope {scope} lacks.", context);
        }

        return Task.CompletedTask;
    }

    private static OpenApiResponse Problem(string description, OpenApiOperationTransformerContext context) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(Microsoft.AspNetCore.Mvc.ProblemDetails), context.Document) } },
    };
}
