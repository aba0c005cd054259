using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pnl.Client;
using Pnl.Grains;

namespace DrawdownAlerts;

/// <summary>Follows tokens, and warns once when one falls too far from its peak, and again only after it has recovered.</summary>
internal sealed class DrawdownWatcher(IPnlClient pnl, AlertOptions options, ILogger<DrawdownWatcher> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (string token in options.Tokens)
        {
            await pnl.RegisterTokenAsync(token, new(), stoppingToken); // one that there is stays as it is
        }

        HashSet<string> fallen = [];
        await foreach (PnlUpdate<TokenPnl> update in pnl.FollowPnlAsync(options.Tokens, cancellation: stoppingToken))
        {
            if (update.IsDeleted)
            {
                fallen.Remove(update.Id);
                log.LogWarning("{Token} was deleted: there are no alerts of it, unless it is registered anew", update.Id);
                continue;
            }

            if (update.Pnl is not { Rate: { } rate } || update.Pnl.Windows[options.Window].High is not { } peak)
            {
                continue; // no bar so far
            }

            decimal drawdown = (peak - rate) / peak;
            if (drawdown > options.Limit ? fallen.Add(update.Id) : fallen.Remove(update.Id))
            {
                log.Log(
                    drawdown > options.Limit ? LogLevel.Warning : LogLevel.Information,
                    "{Token} is at {Rate} {Quote}, {Drawdown:p2} below its peak of {Window}, as of {AsOf:u}", update.Id, rate, update.Pnl.Quote, drawdown, options.Window, update.Pnl.AsOf);
            }
        }
    }
}
