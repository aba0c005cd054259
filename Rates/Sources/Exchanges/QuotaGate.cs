namespace Pnl.Rates.Exchanges;

/// <summary>
/// Lets a try go when the quota permits it, and tells the quota what the answer says. It stands inside the retries, so
/// that every try is paid for, and outside the time limit of a try, so that waiting for permits is no failure.
/// </summary>
internal sealed class QuotaGate(ExchangeDialect dialect, IRequestQuota quota, TimeProvider time) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        int cost = RequestCost.Of(request);
        await quota.AcquireAsync(dialect.Name, cost, cancellationToken);
        long began = time.GetTimestamp();
        int? used = null;
        try
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            used = dialect.Used(answer);
            return answer;
        }
        catch (SourceException e) when (e.Code == "source.refused")
        {
            quota.ReportRefused(dialect.Name, e.RetryAfter ?? dialect.Limits.Window);
            throw;
        }
        finally
        {
            quota.ReportAnswered(dialect.Name, cost, time.GetElapsedTime(began), used);
        }
    }
}
