namespace Pnl.Rates;

/// <summary>
/// The budget of requests of a source, shared by all that call it. The quota decides when a request may go; what the
/// source says about its limits is reported back.
/// </summary>
public interface IRequestQuota
{
    /// <summary>Waits until a request may go that costs so many permits.</summary>
    ValueTask AcquireAsync(string source, int permits, CancellationToken cancellation);

    /// <summary>A request is answered, or has failed.</summary>
    /// <param name="source">The source.</param>
    /// <param name="permits">What the request cost.</param>
    /// <param name="took">The time since it might go: it may have arrived at any moment within.</param>
    /// <param name="used">The permits of the present window that are used in all, if the source said so.</param>
    void ReportAnswered(string source, int permits, TimeSpan took, int? used);

    /// <summary>The source refused (429 or 418): no request may go before so much time has passed.</summary>
    void ReportRefused(string source, TimeSpan retryAfter);
}
