namespace Pnl.Rates;

/// <summary>
/// Where every extracted range of candles is kept as Parquet, before it is imported. The store can be made again from
/// the landing alone.
/// </summary>
public interface ILanding
{
    /// <summary>
    /// Keeps candles; completes when they are durable. The encoding is not the caller's thread's. Replaces an earlier fetch of
    /// the same range of the same listing.
    /// </summary>
    Task WriteAsync(LandedCandles candles, CancellationToken cancellation);

    /// <summary>All places, by source, token, and slots.</summary>
    IAsyncEnumerable<LandingKey> ListAsync(CancellationToken cancellation);

    /// <summary>The places of one token, by source and slots.</summary>
    IAsyncEnumerable<LandingKey> ListAsync(string token, CancellationToken cancellation);

    /// <summary>What of a place was set aside, without its candles.</summary>
    /// <exception cref="RateFileException">What is there is not what was written.</exception>
    Task<LandedRows> ReadRowsAsync(LandingKey key, CancellationToken cancellation);

    /// <summary>The candles of a place.</summary>
    /// <exception cref="RateFileException">What is there is not what was written.</exception>
    Task<LandedCandles> ReadAsync(LandingKey key, CancellationToken cancellation);
}
