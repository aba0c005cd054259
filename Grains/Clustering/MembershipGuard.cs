using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Keeps a silo from answering with old values after the others have declared it dead and loaded its tokens elsewhere.
/// <para>
/// A silo that was stopped for seconds (by a signal, by its machine, by the garbage collector) would answer the requests that wait in its
/// sockets as if nothing had happened. So after a long pause it answers nothing until the membership table says that it is a member.
/// </para>
/// <para>
/// A silo that is cut off from the table cannot read there that it is dead. So it answers only for the time of a lease after the last moment
/// at which it was certainly a member. It is certain if the table said so, or if the table did not answer but so many other silos could be
/// reached that the rest cannot have voted it dead. After the lease only the table makes it certain again.
/// </para>
/// The caller asks again, and reaches another silo.
/// </summary>
/// <param name="members">The membership table.</param>
/// <param name="cluster">The other silos, as far as this one knows.</param>
/// <param name="silo">This silo.</param>
/// <param name="limits">How long it may be certain.</param>
/// <param name="storage">Is told when the table has answered.</param>
/// <param name="time">A clock that goes on during a pause.</param>
/// <param name="log">The log.</param>
internal sealed class MembershipGuard(
    IMembershipTable members, IClusterMembershipService cluster, ILocalSiloDetails silo, MembershipLimits limits, StorageReachability storage, TimeProvider time, ILogger<MembershipGuard> log)
    : IHostedService, IIncomingGrainCallFilter, IDisposable
{
    private const long Nothing = long.MinValue, Dead = long.MaxValue;

    private readonly TimeSpan _beat = limits.Pause / 10;
    private readonly CancellationTokenSource _ending = new();
    private Task _confirming = Task.CompletedTask;
    private long _lastBeat = long.MaxValue, _confirmed = long.MaxValue; // before the start there was no pause and no doubt
    private long _doubted = Nothing; // what the table says at a later time makes it certain again

    // Orleans' own calls are not stopped. Nor are timers (calls of a grain to itself): they tell nobody anything, and would not be repeated.
    public Task Invoke(IIncomingGrainCallContext context) => context.Grain is Grain && context.SourceId != context.TargetId && !IsSure
        ? throw new SiloUnavailableException("this silo stood still, is cut off or goes, and does not know whether it is still one of the cluster")
        : context.Invoke();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _lastBeat = _confirmed = time.GetTimestamp();

        // A thread of its own: on busy processors a timer of the thread pool would be late.
        new Thread(Beat) { IsBackground = true, Name = "membership guard", Priority = ThreadPriority.AboveNormal }.Start();
        _confirming = ConfirmAsync();
        return Task.CompletedTask;
    }

    /// <summary>
    /// From here on it answers nothing. This comes before the silo tells the others that it stops: then they load its tokens at once, while it
    /// still has them.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _doubted, Dead);
        await _ending.CancelAsync();
        await _confirming;
    }

    public void Dispose() => _ending.Dispose();

    /// <summary>Whether this silo is certainly a member of the cluster.</summary>
    public bool IsSure => Interlocked.Read(ref _doubted) == Nothing
        && time.GetElapsedTime(Interlocked.Read(ref _lastBeat)) <= limits.Pause && time.GetElapsedTime(Interlocked.Read(ref _confirmed)) <= limits.Lease;

    /// <summary>Whether this silo is no member any more, for good: it stops, or was declared dead.</summary>
    public bool IsOver => Interlocked.Read(ref _doubted) == Dead;

    private void Beat()
    {
        WaitHandle ending = _ending.Token.WaitHandle;
        do
        {
            if (time.GetElapsedTime(Interlocked.Read(ref _lastBeat)) is var pause && pause > limits.Pause)
            {
                log.LogWarning("This silo stood still for {Seconds:f1} s", pause.TotalSeconds);
                Doubt();
            }

            Interlocked.Exchange(ref _lastBeat, time.GetTimestamp());
        }
        while (!ending.WaitOne(_beat));
    }

    private async Task ConfirmAsync()
    {
        bool wasMember = false;
        while (!_ending.IsCancellationRequested)
        {
            long began = time.GetTimestamp();
            SiloStatus? status = await StatusAsync();
            if (status is SiloStatus.Dead || status is SiloStatus.None && wasMember)
            {
                log.LogError("This silo was declared dead and answers nothing");
                Interlocked.Exchange(ref _doubted, Dead);
                return;
            }

            wasMember |= status is SiloStatus.Active;
            if (status is not null)
            {
                storage.Answered(began, 3 * limits.Pause);
                long doubted = Interlocked.Read(ref _doubted);
                Interlocked.Exchange(ref _confirmed, began);
                if (doubted < began)
                {
                    Interlocked.CompareExchange(ref _doubted, Nothing, doubted);
                }
            }
            else if (time.GetTimestamp() is var asked && IsSure && await CannotBeVotedDeadAsync())
            {
                Interlocked.Exchange(ref _confirmed, asked); // the time after the table was asked: that took a second, and the lease would end before the next answer
            }
            else if (!IsSure)
            {
                Doubt();
            }

            await Task.Delay(limits.Pause / 2, time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>This silo's status in the table, <see cref="SiloStatus.None"/> if it has no row; null if the table does not answer.</summary>
    private async Task<SiloStatus?> StatusAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        patience.CancelAfter(limits.Pause);
        try
        {
            return (await members.ReadRowAsync(silo.SiloAddress, patience.Token).WaitAsync(patience.Token)).Members is [({ } row, _)] ? row.Status : SiloStatus.None;
        }
        catch (Exception e)
        {
            log.LogDebug(e, "The table of members cannot be read");
            return null;
        }
    }

    /// <summary>
    /// Whether fewer silos are out of reach than it takes to declare one dead. A silo that this one can connect to can connect to this one:
    /// networks are cut both ways.
    /// </summary>
    private async Task<bool> CannotBeVotedDeadAsync()
    {
        SiloAddress[] others = [.. cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(silo.SiloAddress)).Select(member => member.SiloAddress)];
        bool[] reached = await Task.WhenAll(others.Select(ReachesAsync));
        return others.Length == 0 || reached.Count(isReached => !isReached) < Math.Min(limits.Votes, others.Length);
    }

    private async Task<bool> ReachesAsync(SiloAddress other) => await SiloReachability.ConnectAsync(other, limits.Pause / 2, _ending.Token) == SocketError.Success;

    private void Doubt()
    {
        long doubted = Interlocked.Read(ref _doubted);
        if (doubted != Dead)
        {
            Interlocked.CompareExchange(ref _doubted, time.GetTimestamp(), doubted);
        }
    }
}

/// <summary>How long a silo may be sure of itself.</summary>
/// <param name="Pause">The longest time that it may stand still: less than the others' probes take to give it up.</param>
/// <param name="Lease">How long it answers after it was last certain to be a member.</param>
/// <param name="Votes">How many of the others declare one dead.</param>
internal sealed record MembershipLimits(TimeSpan Pause, TimeSpan Lease, int Votes);
