using Pnl.Grains;

[assembly: HostingStartup(typeof(Pnl.Silo.NextCalls))]

namespace Pnl.Silo;

/// <summary>Calls the new method of a token for whoever asks for <c>/next/token</c>.</summary>
internal sealed class NextCalls : IHostingStartup, IStartupFilter
{
    private const string Path = "/next";

    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(this));

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (http, rest) =>
        {
            if (!http.Request.Path.StartsWithSegments(Path, out PathString token))
            {
                await rest(http);
                return;
            }

            try
            {
                ReleaseInfo release = await http.RequestServices.GetRequiredService<IGrainFactory>().GetGrain<ITokenGrain>(token.Value![1..]).GetRelease();
                await http.Response.WriteAsync(release.Release);
            }
            catch (Exception e)
            {
                http.Response.StatusCode = StatusCodes.Status501NotImplemented;
                await http.Response.WriteAsync($"{e.GetType().Name}: {e.Message}");
            }
        });
        next(app);
    };
}
