using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Streams;
using Pnl.Grains;

namespace Pnl.Silo;

/// <summary>The streams by which bars come to their tokens: a hub, or queues in memory, of which tokens fetch what is lost with a silo.</summary>
internal static class RateStreams
{
    /// <summary>Adds the stream provider to a silo.</summary>
    public static void AddRateStreams(this ISiloBuilder silo, PnlSettings settings)
    {
        if (settings.Hub is { } hub)
        {
            hub.AddTo(silo);
        }
        else
        {
            silo.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));

            // What was delivered stays no longer than what is tried again does (a minute), and some: as it comes, the events of half an hour stay,
            // which at 20,000 bars/s are 1.3 GB.
            silo.Services.Configure<StreamCacheEvictionOptions>(RateEvent.StreamProvider, options => (options.DataMinTimeInCache, options.DataMaxAgeInCache) = (TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2)));
        }
    }
}
