using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Metadata;
using Orleans.Runtime;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Has the store make anew what an earlier release stored, as soon as the silo is there and no silo of such a release is any
/// more: those could not read it. Answers do not wait for it.
/// </summary>
internal sealed class StoreRenewer(ISegmentStore store, IClusterManifestProvider manifests, IClusterMembershipService cluster, TimeProvider time, ILogger<StoreRenewer> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Period, time);
        do
        {
            try
            {
                if (StoredForms.AreReadByAll([.. Active()], manifests.Current))
                {
                    await Task.Run(() => store.RenewAsync(new ProgressLog(log, time), stoppingToken), stoppingToken);
                    return;
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "What an earlier release stored could not be made anew; the next try, which goes on from here, is in {Seconds} s", Period.TotalSeconds);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<SiloAddress> Active() =>
        cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress);

    /// <summary>Logs how far it is, now and then, and that it is done; nothing where there was nothing to do.</summary>
    private sealed class ProgressLog(ILogger log, TimeProvider time) : IProgress<StoreRenewal>
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

        private long _last = time.GetTimestamp();
        private bool _isBegun;

        public void Report(StoreRenewal value)
        {
            if (value.Renewed == 0)
            {
                return;
            }

            if (!_isBegun)
            {
                _isBegun = true;
                log.LogInformation("Summaries that an earlier release stored are made anew from the bars; answers do not wait for it");
            }

            if (value.Done >= 1)
            {
                log.LogInformation("Summaries that an earlier release stored are made anew: {Renewed} months", value.Renewed);
            }
            else if (time.GetElapsedTime(_last) >= Pause)
            {
                _last = time.GetTimestamp();
                log.LogInformation("Summaries that an earlier release stored are made anew: {Renewed} months, {Percent:f0} % of the store", value.Renewed, value.Done * 100);
            }
        }
    }
}
