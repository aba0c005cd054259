namespace Pnl.Rates;

/// <summary>Settings of all sources of candles.</summary>
public sealed class CandleSourcesOptions
{
    /// <summary>Settings of single sources, by their name.</summary>
    public Dictionary<string, CandleSourceOptions> Sources { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The folder of the source <c>files</c>; null if there is none.</summary>
    public string? FilesPath { get; set; }

    /// <summary>The folder of the source <c>replay</c>, which the feed of that name plays and heals from; null if there is none.</summary>
    public string? ReplayPath { get; set; }

    /// <summary>
    /// Whether CoinGecko is asked for points five minutes apart of any time, which needs the key of an Enterprise plan.
    /// </summary>
    public bool CoinGeckoWholeHistory { get; set; }

    /// <summary>How long one try may take, from sending the request to the end of the answer.</summary>
    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a failed try is repeated.</summary>
    public int Retries { get; set; } = 5;

    /// <summary>The time before the first retry, about; it doubles with each further one, up to 30 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest time that is waited when a source says when to come again. Longer, and the call fails at once.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a source is left alone when half of the tries of half a minute have failed, of 20 at least.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The largest answer, unpacked, in bytes.</summary>
    public long MaxBodyBytes { get; set; } = 64L << 20;

    /// <summary>Where the jitter of retries comes from: numbers of [0, 1). By default, Polly's own.</summary>
    public Func<double>? Jitter { get; set; }
}
