using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Gateway;

/// <summary>
/// Cursors of all lists leave with the store's epoch and come in with it: one of another epoch is refused, because the pages before it were
/// of another state. One without is taken: clients make some themselves, of a token's id or a time.
/// </summary>
internal static class EpochCursors
{
    private const string Parameter = "cursor", Member = "nextCursor";

    /// <summary>Has answers tell cursors with the epoch.</summary>
    public static void AddCursorsOfEpoch(this IServiceCollection services) => services.AddOptions<JsonOptions>().Configure<StoreEpoch>((json, epoch) =>
        json.SerializerOptions.TypeInfoResolver = (json.SerializerOptions.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(type =>
        {
            foreach (JsonPropertyInfo property in type.Properties.Where(property => property.Name == Member && property.Get is not null))
            {
                Func<object, object?> get = property.Get!;
                property.Get = answer => get(answer) is string cursor ? epoch.Mark(cursor) : null;
            }
        }));

    /// <summary>Takes the epoch off the cursors of requests.</summary>
    public static void UseCursorsOfEpoch(this IApplicationBuilder app)
    {
        StoreEpoch epoch = app.ApplicationServices.GetRequiredService<StoreEpoch>();
        app.Use((http, next) =>
        {
            if (!epoch.IsKnown && http.Request.Path.StartsWithSegments("/v1"))
            {
                throw new ApiException(StatusCodes.Status503ServiceUnavailable, "cluster.unavailable", "The engine cannot answer now: its store is not reached yet.") { RetryAfterSeconds = 2 };
            }

            if (http.Request.Query.ContainsKey(Parameter))
            {
                http.Request.QueryString = new QueryBuilder(http.Request.Query.SelectMany(
                    pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, IsCursor(pair.Key) ? Within(epoch, value ?? "") : value ?? ""))).ToQueryString();
            }

            return next(http);
        });
    }

    private static bool IsCursor(string name) => name.Equals(Parameter, StringComparison.OrdinalIgnoreCase);

    private static string Within(StoreEpoch epoch, string cursor)
    {
        (StoreEpoch.Told told, string text) = epoch.Take(cursor);
        return told != StoreEpoch.Told.Before ? text
            : throw ApiException.BadRequest("cursor.outdated", "The cursor is of before the store was restored.", Parameter, "no cursor: the first page again");
    }
}
