namespace Pnl.Rates;

/// <summary>Settings of one source; what is not set is as the source documents it.</summary>
public sealed class CandleSourceOptions
{
    /// <summary>Where the API is, ending in a slash.</summary>
    public Uri? Address { get; set; }

    /// <summary>Permits in each window, where they differ from what callers without a key have.</summary>
    public int? PermitsAWindow { get; set; }

    /// <summary>The window, where it differs.</summary>
    public TimeSpan? Window { get; set; }

    /// <summary>A key that raises the limits, sent in the header of <see cref="ApiKeyHeader"/>; none by default.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The header that the key is sent in, such as <c>x-cg-pro-api-key</c>.</summary>
    public string? ApiKeyHeader { get; set; }
}
