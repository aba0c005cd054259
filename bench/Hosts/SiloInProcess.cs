using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Pnl.Bench.Data;
using Pnl.Bench.Reporting;
using Pnl.Grains;
using Pnl.Silo;

namespace Pnl.Bench.Hosts;

/// <summary>The silo as the program composes it, within this process: its grains are called as the gateway calls them.</summary>
internal sealed class SiloInProcess : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SiloInProcess(WebApplication app) => _app = app;

    public IClusterClient Grains => _app.Services.GetRequiredService<IClusterClient>();

    /// <summary>Where its gateway listens.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Starts a silo without tokens and without a feed, in a folder of its own.</summary>
    public static async Task<SiloInProcess> StartAsync(BenchRun run, CancellationToken cancel)
    {
        WebApplication app = await PnlSilo.BuildAsync(
        [
            "--urls", "http://127.0.0.1:0", "--Pnl:Feed", "none", "--Pnl:DataDirectory", run.NewPath("-silo"),
            "--Logging:LogLevel:Default", "Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning",
            "--Logging:LogLevel:Orleans", "Error", // it would have a server's garbage collector, which the program has not either
            "--Logging:Console:LogToStandardErrorThreshold", "Trace", // the report is on the standard output
        ]);
        await app.StartAsync(cancel);
        return new(app);
    }

    public ITokenGrain Token(string id) => Grains.GetGrain<ITokenGrain>(id);

    /// <summary>Registers a token and hands in its bars; done once they are durable.</summary>
    public async Task LoadAsync(TokenBars token)
    {
        ITokenGrain grain = Token(token.Id);
        await grain.Register(new());
        for (int at = 0; at < token.Count; at += BarBatch.MaxLength)
        {
            int end = Math.Min(token.Count, at + BarBatch.MaxLength);
            IngestResult? result = await grain.Ingest(new()
            {
                Time = Array.ConvertAll(token.Slots[at..end], BarTime.OpenSeconds),
                Rate = Array.ConvertAll(token.Mantissas[at..end], mantissa => Mantissa.ToRate(mantissa, token.Scale)),
                CoveredFrom = BarTime.OpenSeconds(token.Slots[at]),
                CoveredTo = BarTime.CloseSeconds(token.Slots[end - 1]),
            });
            if (result?.Accepted != end - at)
            {
                throw new InvalidOperationException($"{token.Id}: {result?.Accepted} of {end - at} bars were taken");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
