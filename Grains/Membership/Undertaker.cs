using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Has a silo whose process ended without a word taken off the list of members at once, where probes and a lease would take
/// seconds: nobody has to wait for what cannot answer any more. That it ended its machine says: the connection to it was
/// closed, and new ones are refused. As many silos as it takes to declare one dead must see that, or all that are left.
/// <para>
/// Of one that cannot be reached, or does not answer, its machine says nothing: that is the probes' part.
/// </para>
/// </summary>
/// <param name="members">The table.</param>
/// <param name="cluster">Who the others are, as far as this silo knows.</param>
/// <param name="silo">This silo.</param>
/// <param name="witnesses">What the others see.</param>
/// <param name="guard">Whether this silo may be sure of itself.</param>
/// <param name="limits">How many declare one dead.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class Undertaker(
    IMembershipTable members, IClusterMembershipService cluster, ILocalSiloDetails silo, Witnesses witnesses, MembershipGuard guard, MembershipLimits limits, TimeProvider time,
    ILogger<Undertaker> log)
{
    private const int Tries = 20; // others write to the table, too

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SiloAddress, bool> _looking = new();

    /// <summary>The connection to a silo has ended.</summary>
    public void Ended(EndPoint? endpoint)
    {
        if (Others().FirstOrDefault(other => other.Endpoint.Equals(endpoint)) is { } other && _looking.TryAdd(other, true))
        {
            _ = LookAsync(other);
        }
    }

    private SiloAddress[] Others() =>
        [.. cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(silo.SiloAddress)).Select(member => member.SiloAddress)];

    private async Task LookAsync(SiloAddress other)
    {
        try
        {
            for (int tried = 0; tried < Tries && Others().Contains(other); tried++)
            {
                Task<MembershipTableData> row = members.ReadRowAsync(other, CancellationToken.None); // meanwhile: a storage that is busy is the slowest of all
                if (!await SiloPort.RefusesAsync(other))
                {
                    return;
                }

                if (guard.IsSure && await OthersSeeItAsync(other)) // or it may be this silo's own fault
                {
                    await BuryAsync(other, row);
                    return;
                }

                await Task.Delay(BetweenTries, time); // whom it asked may have ended, too
            }
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

    /// <summary>Whether so many others see that it has ended as it takes with this one. Those that have ended as well cannot be asked.</summary>
    private async Task<bool> OthersSeeItAsync(SiloAddress ended)
    {
        SiloAddress[] others = [.. Others().Where(other => !other.Equals(ended))];
        bool[] gone = await Task.WhenAll(others.Select(SiloPort.RefusesAsync));
        SiloAddress[] left = [.. others.Where((_, i) => !gone[i])];
        List<Task<bool>> asked = [.. left.Select(other => witnesses.Of(other).Refuses(ended).WaitAsync(Patience, time))];
        int needed = Math.Min(limits.Votes - 1, left.Length);
        while (needed > 0 && asked.Count > 0)
        {
            Task<bool> first = await Task.WhenAny(asked);
            asked.Remove(first);
            needed -= first.IsCompletedSuccessfully && await first ? 1 : 0;
        }

        return needed == 0;
    }

    /// <summary>
    /// Writes its end down as if it had done so itself. By that Orleans tells one that has certainly ended from one that others
    /// have lost sight of, and that may still answer somebody until its lease is over.
    /// </summary>
    private async Task BuryAsync(SiloAddress ended, Task<MembershipTableData> row)
    {
        for (int tried = 0; tried < Tries; tried++, row = members.ReadRowAsync(ended, CancellationToken.None))
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

            await Task.Delay(BetweenTries, time);
        }

        await cluster.Refresh(default);
    }
}
