using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Has a silo whose process ended without a word taken off the list of members at once, where probes and a lease would take
/// seconds: nobody has to wait for what cannot answer any more. That it ended its machine says: the connection to it was
/// closed, and new ones are refused. As many silos as it takes to declare one dead must have seen that, or all that are left.
/// <para>
/// Of one that cannot be reached, or does not answer, its machine says nothing: that is the probes' part.
/// </para>
/// </summary>
/// <param name="members">The table.</param>
/// <param name="cluster">Who the others are, as far as this silo knows.</param>
/// <param name="silo">This silo.</param>
/// <param name="guard">Whether this silo may be sure of itself.</param>
/// <param name="limits">How many declare one dead.</param>
/// <param name="time">The clock of votes.</param>
/// <param name="log">The log.</param>
internal sealed class Undertaker(
    IMembershipTable members, IClusterMembershipService cluster, ILocalSiloDetails silo, MembershipGuard guard, MembershipLimits limits, TimeProvider time, ILogger<Undertaker> log)
{
    private const int Looks = 3;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(3), VoteHolds = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SiloAddress, bool> _looking = new();

    /// <summary>The connection to a silo has ended.</summary>
    public void Ended(EndPoint? endpoint)
    {
        if (Active().FirstOrDefault(other => other.Endpoint.Equals(endpoint)) is { } other && _looking.TryAdd(other, true))
        {
            _ = LookAsync(other);
        }
    }

    /// <summary>Votes for a silo's end.</summary>
    /// <param name="entry">The silo, which is changed.</param>
    /// <param name="voter">Who votes.</param>
    /// <param name="needed">How many votes make it dead.</param>
    /// <param name="now">When.</param>
    /// <returns>
    /// Whether it is dead by that. Then it is written down as if it had said so itself, which is how Orleans tells one that has
    /// certainly ended from one that may still answer somebody.
    /// </returns>
    internal static bool Vote(MembershipEntry entry, SiloAddress voter, int needed, DateTime now)
    {
        int others = (entry.SuspectTimes ?? []).Where(vote => now - vote.Item2 < VoteHolds).Select(vote => vote.Item1).Where(other => !other.Equals(voter)).Distinct().Count();
        entry.AddOrUpdateSuspector(voter, now, Math.Max(needed, 2));
        if (others + 1 < needed)
        {
            return false;
        }

        entry.AddSuspector(entry.SiloAddress, now);
        entry.Status = SiloStatus.Dead;
        return true;
    }

    private SiloAddress[] Active() =>
        [.. cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(silo.SiloAddress)).Select(member => member.SiloAddress)];

    private async Task LookAsync(SiloAddress other)
    {
        try
        {
            for (int look = 0; look < Looks; look++)
            {
                if (!await RefusesAsync(other))
                {
                    return;
                }

                await Task.Delay(BetweenLooks, time);
            }

            bool[] refuse = await Task.WhenAll(Active().Where(each => !each.Equals(other)).Select(RefusesAsync));
            await BuryAsync(other, Math.Min(limits.Votes, 1 + refuse.Count(isRefused => !isRefused)));
        }
        catch (Exception e)
        {
            log.LogWarning(e, "The end of {Silo} could not be written down; it is left to the probes", other);
        }
        finally
        {
            _looking.TryRemove(other, out _);
        }
    }

    private async Task BuryAsync(SiloAddress other, int needed)
    {
        bool hasVoted = false;
        for (long began = time.GetTimestamp(); time.GetElapsedTime(began) < Longest; await Task.Delay(BetweenLooks, time))
        {
            MembershipTableData table = await members.ReadRowAsync(other, CancellationToken.None);
            if (table.Members is not [({ Status: SiloStatus.Active } entry, { } version)])
            {
                await cluster.Refresh(default);
                return;
            }

            if (!guard.IsSure)
            {
                return; // what this silo saw may be its own fault
            }

            bool isDead = Vote(entry, silo.SiloAddress, needed, time.GetUtcNow().UtcDateTime);
            if ((isDead || !hasVoted) && await members.UpdateRowAsync(entry, version, table.Version.Next(), CancellationToken.None)) // false: others wrote meanwhile
            {
                hasVoted = true;
                log.LogWarning("The process of {Silo} has ended; with this vote it is {Status}", other, entry.Status);
            }
        }
    }

    private async Task<bool> RefusesAsync(SiloAddress other) => await SiloPort.ConnectAsync(other, Patience, CancellationToken.None) == SocketError.ConnectionRefused;
}
