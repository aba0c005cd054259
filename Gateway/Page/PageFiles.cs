using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Pnl.Gateway;

/// <summary>The web page: files of this assembly, each at a path of its own, so that any other path stays unknown.</summary>
internal static class PageFiles
{
    private const string Folder = "page/";
    private const string Start = Folder + "index.html";

    // No script and no style but files of our own: what a token, a note or a file names is never run.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        Assembly assembly = typeof(PageFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            byte[] bytes = Read(assembly, name);
            EntityTagHeaderValue tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"");
            string type = ContentType(name);
            routes.MapMethods(name == Start ? "/" : "/" + name, [HttpMethods.Get, HttpMethods.Head], (HttpContext http) =>
            {
                Protect(http.Response.Headers);
                return TypedResults.Bytes(bytes, type, entityTag: tag);
            }).ExcludeFromDescription().RequireScope(Scope.Read); // a browser asks its user for a key, and shows it with all that the page asks for
        }
    }

    private static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-cache"; // asked for again by its tag: a new version is never mixed with an old one
    }

    private static byte[] Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
