using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Has a silo whose process ended without a word taken off the list of members at once, where probes and a lease would take
/// seconds: nobody has to wait for what cannot answer any more. That it ended its machine says: a connection with it was
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
    private const int Glances = 5; // at one that takes connections: 0.75 s with the pauses between them
    private const int Writes = 20; // others write to the table, too

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250), Patience = TimeSpan.FromSeconds(2); // with whom is asked

    private readonly ConcurrentDictionary<SiloAddress, int> _suspected = new(); // how often since the look at it began

    /// <summary>A connection that this silo made to another has ended.</summary>
    public void Ended(EndPoint? endpoint)
    {
        foreach (SiloAddress other in Others().Where(other => other.Endpoint.Equals(endpoint)))
        {
            Suspect(other);
        }
    }

    /// <summary>
    /// A connection that another silo made to this one has ended. Its own end does not say whose it was, so all are looked at.
    /// It may have been the only one with that silo: Orleans talks both ways over one, whoever made it.
    /// </summary>
    public void Ended()
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
            _ = LookAsync(other);
        }
    }

    private async Task LookAsync(SiloAddress other)
    {
        int times;
        do
        {
            times = _suspected[other];
            await LookUntilClearAsync(other);
        }
        while (!_suspected.TryRemove(new(other, times))); // suspected anew: what was seen may be of before that
    }

    /// <summary>
    /// Until it is a member no more, or takes connections. Of a process that ends, the system closes one after the other, so that
    /// it may listen for a moment after its connections have ended; and whom this one asks may end as well.
    /// </summary>
    private async Task LookUntilClearAsync(SiloAddress other)
    {
        TimeSpan pause = FirstPause;
        for (int glances = 0; glances < Glances && !guard.IsOver && Others().Contains(other); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                if (!await SiloPort.RefusesAsync(other))
                {
                    glances++;
                }
                else if (IsMember() && guard.IsSure) // or it may be this silo's own fault
                {
                    Task<MembershipTableData> row = members.ReadRowAsync(other, CancellationToken.None); // meanwhile: a storage that is busy is the slowest of all
                    if (await OthersSeeItAsync(other))
                    {
                        await BuryAsync(other, row);
                    }
                }
            }
            catch (Exception e)
            {
                log.LogWarning(e, "The end of {Silo} could not be written down; it is left to the probes, or to the next try", other);
            }

            await Task.Delay(pause, time);
        }
    }

    /// <summary>Whether it has joined: one that has not yet shown that it reaches the others takes none of them off.</summary>
    private bool IsMember() => cluster.CurrentSnapshot.GetSiloStatus(silo.SiloAddress) == SiloStatus.Active;

    /// <summary>Whether so many others see that it has ended as it takes with this one. Those that have ended as well cannot be asked.</summary>
    private async Task<bool> OthersSeeItAsync(SiloAddress ended)
    {
        List<Task<Opinion>> asked = [.. Others().Where(other => !other.Equals(ended)).Select(other => AskAsync(other, ended))];
        int left = asked.Count, agreed = 0;
        while (agreed < Math.Min(limits.Votes - 1, left) && asked.Count > 0)
        {
            Task<Opinion> first = await Task.WhenAny(asked);
            asked.Remove(first);
            switch (await first)
            {
                case Opinion.SeesIt:
                    agreed++;
                    break;
                case Opinion.HasEnded:
                    left--;
                    break;
                default:
                    break;
            }
        }

        return agreed >= Math.Min(limits.Votes - 1, left);
    }

    /// <summary>What another says of one. It may end before it answers, which no answer would tell.</summary>
    private async Task<Opinion> AskAsync(SiloAddress other, SiloAddress ended)
    {
        if (await SiloPort.RefusesAsync(other))
        {
            return Opinion.HasEnded;
        }

        Task<bool> answer = witnesses.Of(other).Refuses(ended);
        answer.Ignore();
        for (long began = time.GetTimestamp(); time.GetElapsedTime(began) < Patience;)
        {
            if (await Task.WhenAny(answer, Task.Delay(BetweenLooks, time)) == answer)
            {
                return answer.IsCompletedSuccessfully && await answer ? Opinion.SeesIt : Opinion.None;
            }

            if (await SiloPort.RefusesAsync(other))
            {
                return Opinion.HasEnded;
            }
        }

        return Opinion.None;
    }

    /// <summary>
    /// Writes its end down as if it had done so itself. By that Orleans tells one that has certainly ended from one that others
    /// have lost sight of, and that may still answer somebody until its lease is over.
    /// </summary>
    private async Task BuryAsync(SiloAddress ended, Task<MembershipTableData> row)
    {
        for (int tried = 0; tried < Writes; tried++, row = members.ReadRowAsync(ended, CancellationToken.None))
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
        None,
        SeesIt,
        HasEnded,
    }
}
