using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Gateway;

/// <summary>The OpenAPI 3.1 document of the API, and of nothing else that the host may serve beside it.</summary>
internal static class PnlOpenApi
{
    public static void AddPnlOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", openApi =>
    {
        openApi.ShouldInclude = call => call.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
        openApi.CreateSchemaReferenceId = type => (Nullable.GetUnderlyingType(type.Type) ?? type.Type) == typeof(Amount) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type); // a number, not a type of its own
        openApi.AddSchemaTransformer(DocumentedTypes.Describe);
        openApi.AddOperationTransformer(DocumentedCalls.Describe);
        openApi.AddOperationTransformer(DocumentedAccess.Describe);
        openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Orleans.Pnl";
            document.Info.Description = "Profit and loss of crypto tokens for any interval, from 5-minute rates.";
            document.Info.Version = VersionApi.Contract;
            document.Servers?.Clear();
            DocumentedAccess.Describe(document);
            return Task.CompletedTask;
        });
    });
}
