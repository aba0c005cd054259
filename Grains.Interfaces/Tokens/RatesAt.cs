namespace Pnl.Grains;

/// <summary>Of which times to answer the rates, and what the asker knows already.</summary>
/// <param name="Times">Unix seconds, in any order, 100,000 at most.</param>
/// <param name="SeenRevision">The revision of the answer before; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RatesAtQuery")]
public sealed record RatesAtQuery([property: Id(0)] long[] Times, [property: Id(1)] long SeenRevision)
{
    /// <summary>The most times.</summary>
    public const int MaxTimes = 100_000;

    /// <summary>
    /// What <see cref="RatesAt.Digest"/> was at the seen revision, and as of which time: tells whether anything up to then has
    /// changed where the token no longer knows what has since that revision. Null where it was not asked.
    /// </summary>
    [Id(2)]
    public RatesDigest? Seen { get; init; }

    /// <summary>If given: to tell the digest of the bars that closed up to this time, Unix seconds.</summary>
    [Id(3)]
    public long? DigestTo { get; init; }
}

/// <summary>A fingerprint of a token's bars up to a time: equal bars have an equal one.</summary>
/// <param name="To">Unix seconds; bars that closed by then count.</param>
/// <param name="Hash">64 bits.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RatesDigest")]
public readonly record struct RatesDigest([property: Id(0)] long To, [property: Id(1)] ulong Hash);

/// <summary>Rates of a token as of some times, all of one state.</summary>
/// <param name="Quote">Currency of the rates; empty if the token was deleted.</param>
/// <param name="Revision">Grows with every accepted change.</param>
/// <param name="ChangedFrom">
/// Rates as of this time (Unix seconds, the close of a bar) or later may have changed since the seen revision, earlier ones
/// have not; null if none have.
/// </param>
/// <param name="LastClose">Close of the last known bar in Unix seconds; null without bars.</param>
/// <param name="LastRate">Its rate.</param>
/// <param name="Rates">The rate as of each of the times; null where there is none.</param>
/// <param name="Closes">When the bar of each of them closed, in Unix seconds; 0 where there is none.</param>
/// <param name="StalenessSeconds">The age at which its last rate is stale.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RatesAt")]
public sealed record RatesAt(
    [property: Id(0)] string Quote, [property: Id(1)] long Revision, [property: Id(2)] long? ChangedFrom, [property: Id(3)] long? LastClose,
    [property: Id(4)] decimal? LastRate, [property: Id(5)] decimal?[] Rates, [property: Id(6)] long[] Closes,
    [property: Id(7)] int StalenessSeconds)
{
    /// <summary>
    /// By time, the age in seconds at which the rate as of then is stale: more than <see cref="StalenessSeconds"/> where its bar
    /// is of a coarser interval. Null where none is.
    /// </summary>
    [Id(8)]
    public int[]? StaleAfter { get; init; }

    /// <summary>The digest that was asked for.</summary>
    [Id(9)]
    public RatesDigest? Digest { get; init; }

    /// <summary>
    /// Currencies by whose rates bars of the token's own listings are converted, some of them no tokens: what these are
    /// converted by the token's rates must not be. Null if all of its listings are in its quote.
    /// </summary>
    [Id(10)]
    public string[]? ConvertedBy { get; init; }
}
