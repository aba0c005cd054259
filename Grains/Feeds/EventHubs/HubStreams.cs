using System.Globalization;

namespace Pnl.Grains;

/// <summary>
/// Which stream an event of a hub belongs to, for ever the same: an event that was sent with the number of one of the feed's
/// partitions as its key belongs to that one's stream; any other to the stream of the hub's partition in which it lies. So a
/// stream never lies in two partitions of a hub, of which each has a reader of its own.
/// </summary>
internal static class HubStreams
{
    private const string OfHub = "hub-";

    /// <summary>The key of the stream.</summary>
    /// <param name="hubPartition">The hub's partition.</param>
    /// <param name="partitionKey">What the event was sent with; null for nothing.</param>
    public static string Key(string hubPartition, string? partitionKey) =>
        int.TryParse(partitionKey, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < RatesEvent.Partitions
            && partitionKey == number.ToString(CultureInfo.InvariantCulture) ? partitionKey : OfHub + hubPartition;

    /// <summary>
    /// Whether a stream carries what others than the feed published: of that no token can fetch again what it lacks.
    /// </summary>
    public static bool IsOfHub(string key) => key.StartsWith(OfHub, StringComparison.Ordinal);
}
