namespace Pnl.Grains;

/// <summary>The budget of requests of one source for the whole cluster, by the source's name.</summary>
[Alias("Pnl.ISourceQuotaGrain")]
public interface ISourceQuotaGrain : IGrainWithStringKey
{
    /// <summary>Asks for permits.</summary>
    /// <param name="least">With fewer nothing could be done: there are so many, or none.</param>
    /// <param name="wanted">The most.</param>
    [Alias("Lease")]
    Task<QuotaLease> Lease(int least, int wanted);

    /// <summary>A request is answered, or has failed.</summary>
    /// <param name="permits">What it cost.</param>
    /// <param name="took">The time since it might go.</param>
    /// <param name="used">The permits of its present window that the source counts as used; null if it does not say.</param>
    [Alias("ReportAnswered")]
    Task ReportAnswered(int permits, TimeSpan took, int? used);

    /// <summary>The source refused: no permits for so long.</summary>
    [Alias("ReportRefused")]
    Task ReportRefused(TimeSpan retryAfter);
}

/// <summary>Permits granted.</summary>
/// <param name="Permits">How many; 0 if there are none now.</param>
/// <param name="UseWithin">How long they may be used; then they are void.</param>
/// <param name="RetryAfter">When to ask again if there are none.</param>
/// <param name="Allowed">Permits a window: what costs more can never go.</param>
[GenerateSerializer, Immutable, Alias("Pnl.QuotaLease")]
public sealed record QuotaLease(
    [property: Id(0)] int Permits, [property: Id(1)] TimeSpan UseWithin, [property: Id(2)] TimeSpan RetryAfter,
    [property: Id(3)] int Allowed);
