namespace Pnl.Grains;

/// <summary>The budget of requests of one source for the whole cluster, by the source's name.</summary>
[Alias("Pnl.ISourceQuotaGrain")]
public interface ISourceQuotaGrain : IGrainWithStringKey
{
    /// <summary>Asks for permits, up to so many.</summary>
    [Alias("Lease")]
    Task<QuotaLease> Lease(int wanted);

    /// <summary>The source says that so many permits of its present window are used.</summary>
    [Alias("ReportUsed")]
    Task ReportUsed(int permits);

    /// <summary>The source refused: no permits for so long.</summary>
    [Alias("ReportRefused")]
    Task ReportRefused(TimeSpan retryAfter);
}

/// <summary>Permits granted.</summary>
/// <param name="Permits">How many; 0 if there are none now.</param>
/// <param name="UseWithin">How long they may be used; then they are void.</param>
/// <param name="RetryAfter">When to ask again if there are none.</param>
[GenerateSerializer, Immutable, Alias("Pnl.QuotaLease")]
public sealed record QuotaLease(
    [property: Id(0)] int Permits, [property: Id(1)] TimeSpan UseWithin, [property: Id(2)] TimeSpan RetryAfter);
