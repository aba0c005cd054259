using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Pnl.Gateway;

/// <summary>Refuses parameters that an endpoint does not know: a misspelled <c>from</c> must not mean "since the first bar".</summary>
internal static class QueryNames
{
    public static TBuilder RefuseUnknownQuery<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilterFactory((factory, next) =>
        {
            HashSet<string> known = new(
                factory.MethodInfo.GetParameters().Select(p => (p, Query: p.GetCustomAttribute<FromQueryAttribute>())).Where(p => p.Query is not null).Select(p => p.Query!.Name ?? p.p.Name!),
                StringComparer.OrdinalIgnoreCase);
            return invocation =>
            {
                foreach (string name in invocation.HttpContext.Request.Query.Keys)
                {
                    if (!known.Contains(name))
                    {
                        throw ApiException.BadRequest(
                            "query.unknown", $"There is no parameter '{name}' here.", name, known.Count == 0 ? "no parameters" : string.Join(", ", known));
                    }

                    if (invocation.HttpContext.Request.Query[name].Count > 1)
                    {
                        throw ApiException.BadRequest("query.repeated", $"The parameter '{name}' is given more than once.", name, "one value");
                    }
                }

                return next(invocation);
            };
        });
}
