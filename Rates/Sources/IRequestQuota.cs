namespace Pnl.Rates;

/// <summary>
/// The budget of requests of a source, shared by all that call it. The quota decides when a request may go; what the
/// source says about its limits is reported back.
/// </summary>
public interface IRequestQuota
{
    /// <summary>Waits until a request may go that costs so many permits.</summary>
    ValueTask AcquireAsync(string source, int permits, CancellationToken cancellation);

    /// <summary>The source said how many permits of the present window are used, in all.</summary>
    void ReportUsed(string source, int permits);

    /// <summary>The source refused (429 or 418): no request may go before so much time has passed.</summary>
    void ReportRefused(string source, TimeSpan retryAfter);
}
