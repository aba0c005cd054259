namespace Pnl.Grains;

/// <summary>
/// Bars of many tokens in one event, as columns: what a feed publishes at a boundary, so that 10,000 bars are some ten events
/// and not 10,000. Streams of namespace <see cref="StreamNamespace"/>, one a partition, its key the partition's number. The
/// partition hands each bar to its token, which takes it as from its own stream (<see cref="RateEvent"/>).
/// </summary>
/// <param name="Tokens">Ids of the tokens.</param>
/// <param name="Time">Open times in Unix seconds.</param>
/// <param name="Rate">Rates.</param>
/// <param name="CoveredFrom">See <see cref="RateEvent.CoveredFrom"/>; null if it is not said of any.</param>
/// <param name="Unread">What came with them and could not be read, to be put aside; null for nothing.</param>
/// <param name="Source">The source whose listings of the tokens they belong to; null for callers'.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RatesEvent")]
public sealed record RatesEvent(
    [property: Id(0)] string[] Tokens, [property: Id(1)] long[] Time, [property: Id(2)] decimal[] Rate, [property: Id(3)] long[]? CoveredFrom, [property: Id(4)] UnreadBar[]? Unread = null,
    [property: Id(5)] string? Source = null)
{
    /// <summary>Namespace of the streams.</summary>
    public const string StreamNamespace = "rates-by-partition";

    /// <summary>Number of partitions.</summary>
    public const int Partitions = 8;

    /// <summary>The most bars of an event: some 100 KB, which every queue takes.</summary>
    public const int MostBars = 2000;

    /// <summary>The partition of a token: the same in every process and release.</summary>
    public static int PartitionOf(string token) => TokenHistory.Stagger(token) % Partitions;

    /// <summary>One of its bars.</summary>
    public RateEvent this[int i] => new(Time[i], Rate[i], CoveredFrom?[i], Source);
}

/// <summary>A bar of an event that could not be read, or the event itself.</summary>
/// <param name="Token">The token as it was named, or the stream if it is the event.</param>
/// <param name="Reason">Why; see <see cref="EventDefect.Code"/>.</param>
/// <param name="Payload">What there was.</param>
[GenerateSerializer, Immutable, Alias("Pnl.UnreadBar")]
public sealed record UnreadBar([property: Id(0)] string Token, [property: Id(1)] string Reason, [property: Id(2)] string Payload);
