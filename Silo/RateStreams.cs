using Orleans.Hosting;
using Orleans.Streams;
using Pnl.Grains;

namespace Pnl.Silo;

/// <summary>The streams by which bars come to their tokens: the one place where a profile chooses them.</summary>
internal static class RateStreams
{
    /// <summary>Adds the stream provider to a silo.</summary>
    public static void AddRateStreams(this ISiloBuilder silo, PnlSettings settings)
    {
        switch (settings.Profile)
        {
            case Profile.Local:
            case Profile.Cluster: // what a queue loses with its silo the tokens fetch
                silo.AddMemoryStreams(RateEvent.StreamProvider, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(settings), settings.Profile, "no such profile");
        }
    }
}
