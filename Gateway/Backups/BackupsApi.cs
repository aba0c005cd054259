using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Pnl.Gateway;

/// <summary>Copies of the store. A copy is streamed to who asks: nobody can have the server write to a path that he names.</summary>
internal static class BackupsApi
{
    private const string Tar = "application/x-tar";

    public static void MapBackups(this IEndpointRouteBuilder routes) => routes.MapGroup("/v1/backups").WithTags("Backups").RefuseUnknownQuery()
        .MapPost("/", Backup).RequireScope(Scope.Admin).WithName("CreateBackup").WithSummary("A copy of the store as it stands now, as a tar; `pnl backup` takes it. Entries `progress` tell how far it is, `backup.json` comes last: without it, it is not whole.")
        .Produces<string>(StatusCodes.Status200OK, Tar)
        .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status503ServiceUnavailable).ProducesProblem(StatusCodes.Status507InsufficientStorage)
        .DisableRequestTimeout();

    private static Answer Backup([FromServices] IServiceProvider services)
    {
        IBackupSource source = services.GetService<IBackupSource>()
            ?? throw new ApiException(StatusCodes.Status409Conflict, "backup.cluster", "A cluster keeps its store in Azure Storage, not here.", null, "the steps of docs/operations.md, 'Backup of a cluster'");
        try
        {
            return new Answer(source, source.TryBegin()
                ?? throw new ApiException(StatusCodes.Status409Conflict, "backup.running", "Another backup is being taken.", null, "one at a time: ask again when it has ended"));
        }
        catch (IOException e)
        {
            throw new ApiException(StatusCodes.Status507InsufficientStorage, "backup.noRoom", $"The server cannot make a copy: {e.Message}.", null, "room on the disk of the data folder");
        }
    }

    private sealed class Answer(IBackupSource source, IDisposable running) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using IDisposable whileRunning = running;
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            httpContext.Response.ContentType = Tar;
            await httpContext.Response.StartAsync(httpContext.RequestAborted);
            await source.WriteAsync(httpContext.Response.Body, httpContext.RequestAborted);
        }
    }
}
