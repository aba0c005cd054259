using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Declares a silo dead as soon as its process has ended. Orleans' own probes and leases take seconds for that.
/// <para>
/// A silo's process has ended if a connection with it was closed and its machine refuses new ones. As many silos as Orleans asks votes of
/// must see this, or all that are left. A silo that cannot be reached, or that does not answer, is left to Orleans' probes.
/// </para>
/// </summary>
/// <param name="members">The membership table.</param>
/// <param name="cluster">The other silos, as far as this one knows.</param>
/// <param name="silo">This silo.</param>
/// <param name="peers">Asks other silos what they see.</param>
/// <param name="guard">Whether this silo is certainly a member.</param>
/// <param name="limits">How many votes declare a silo dead.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class SiloFailureDetector(
    IMembershipTable members, IClusterMembershipService cluster, ILocalSiloDetails silo, ReachabilityClient peers, MembershipGuard guard, MembershipLimits limits, TimeProvider time,
    ILogger<SiloFailureDetector> log)
{
    private const int SuccessfulTests = 5; // then the silo lives; 0.75 s with the pauses between them
    private const int WriteAttempts = 20; // other silos write to the table too

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenTests = TimeSpan.FromMilliseconds(250), AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SiloAddress, int> _suspected = new(); // how often, since its test began

    /// <summary>A connection that this silo made to <paramref name="endpoint"/> has ended.</summary>
    public void OutboundConnectionEnded(EndPoint? endpoint)
    {
        foreach (SiloAddress other in Others().Where(other => other.Endpoint.Equals(endpoint)))
        {
            Suspect(other);
        }
    }

    /// <summary>
    /// A connection that another silo made to this one has ended. Its port does not say which silo that was, so all are tested. It may have
    /// been the only connection with that silo: Orleans sends both ways over one, whoever made it.
    /// </summary>
    public void InboundConnectionEnded()
    {
        foreach (SiloAddress other in Others())
        {
            Suspect(other);
        }
    }

    private SiloAddress[] Others() =>
        [.. cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(silo.SiloAddress)).Select(member => member.SiloAddress)];

    private void Suspect(SiloAddress other)
    {
        if (_suspected.AddOrUpdate(other, 1, (_, times) => times + 1) == 1)
        {
            _ = TestAsync(other);
        }
    }

    private async Task TestAsync(SiloAddress other)
    {
        int times;
        do
        {
            times = _suspected[other];
            await TestUntilClearAsync(other);
        }
        while (!_suspected.TryRemove(new(other, times))); // suspected again meanwhile: the result may be older than that
    }

    /// <summary>
    /// Tests a silo until it is no member any more, or accepts connections. More than one test is needed: a process that ends may listen for a
    /// moment after its connections were closed, and a silo that is asked for its opinion may end as well.
    /// </summary>
    private async Task TestUntilClearAsync(SiloAddress other)
    {
        TimeSpan pause = FirstPause;
        for (int successful = 0; successful < SuccessfulTests && !guard.IsOver && Others().Contains(other); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                if (!await SiloReachability.RefusesConnectionsAsync(other))
                {
                    successful++;
                }
                else if (IsActive() && guard.IsSure) // else it may be this silo that is cut off
                {
                    Task<MembershipTableData> row = members.ReadRowAsync(other, CancellationToken.None); // meanwhile: a busy storage is the slowest step
                    if (await IsConfirmedByOthersAsync(other))
                    {
                        await DeclareDeadAsync(other, row);
                    }
                }
            }
            catch (Exception e)
            {
                log.LogWarning(e, "The end of {Silo} could not be written to the membership table; the next attempt, or Orleans' probes, will do it", other);
            }

            await Task.Delay(pause, time);
        }
    }

    /// <summary>Whether this silo has joined. One that has not yet shown that it reaches the others declares none of them dead.</summary>
    private bool IsActive() => cluster.CurrentSnapshot.GetSiloStatus(silo.SiloAddress) == SiloStatus.Active;

    /// <summary>Whether enough other silos see that it has ended. Silos that have ended too cannot be asked and do not count.</summary>
    private async Task<bool> IsConfirmedByOthersAsync(SiloAddress ended)
    {
        List<Task<Opinion>> asked = [.. Others().Where(other => !other.Equals(ended)).Select(other => AskAsync(other, ended))];
        int left = asked.Count, confirmed = 0;
        while (confirmed < Math.Min(limits.Votes - 1, left) && asked.Count > 0)
        {
            Task<Opinion> first = await Task.WhenAny(asked);
            asked.Remove(first);
            switch (await first)
            {
                case Opinion.Confirmed:
                    confirmed++;
                    break;
                case Opinion.EndedItself:
                    left--;
                    break;
                default:
                    break;
            }
        }

        return confirmed >= Math.Min(limits.Votes - 1, left);
    }

    /// <summary>Asks one silo about another. The one that is asked may end before it answers, which the call alone would not show in time.</summary>
    private async Task<Opinion> AskAsync(SiloAddress other, SiloAddress ended)
    {
        if (await SiloReachability.RefusesConnectionsAsync(other))
        {
            return Opinion.EndedItself;
        }

        Task<bool> answer = peers.Of(other).RefusesConnections(ended);
        answer.Ignore();
        for (long began = time.GetTimestamp(); time.GetElapsedTime(began) < AnswerTimeout;)
        {
            if (await Task.WhenAny(answer, Task.Delay(BetweenTests, time)) == answer)
            {
                return answer.IsCompletedSuccessfully && await answer ? Opinion.Confirmed : Opinion.NotConfirmed;
            }

            if (await SiloReachability.RefusesConnectionsAsync(other))
            {
                return Opinion.EndedItself;
            }
        }

        return Opinion.NotConfirmed;
    }

    /// <summary>
    /// Marks a silo as dead in the table, with itself among those that suspect it, as a silo does that ends in order. This tells Orleans that it
    /// has certainly ended, so that it does not wait for its lease.
    /// </summary>
    private async Task DeclareDeadAsync(SiloAddress ended, Task<MembershipTableData> row)
    {
        for (int attempt = 0; attempt < WriteAttempts; attempt++, row = members.ReadRowAsync(ended, CancellationToken.None))
        {
            MembershipTableData table = await row;
            if (table.Members is not [({ Status: SiloStatus.Active } entry, { } version)])
            {
                break;
            }

            DateTime now = time.GetUtcNow().UtcDateTime;
            entry.Status = SiloStatus.Dead;
            entry.AddSuspector(silo.SiloAddress, now);
            entry.AddSuspector(ended, now);
            if (await members.UpdateRowAsync(entry, version, table.Version.Next(), CancellationToken.None))
            {
                log.LogWarning("The process of {Silo} has ended", ended);
                break;
            }

            await Task.Delay(FirstPause, time);
        }

        await cluster.Refresh(default);
    }

    private enum Opinion
    {
        NotConfirmed,
        Confirmed,
        EndedItself,
    }
}
