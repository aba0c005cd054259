using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Keeps a silo from answering out of the past once the others have given it up, and its tokens live elsewhere and have gone on.
/// <para>
/// One that was stopped for seconds, by a signal, its machine or the collector, would answer what waits in its sockets as if
/// nothing had happened. So after a pause that is long enough for that it answers nothing until the table of members says that
/// it is one of them.
/// </para>
/// <para>
/// One that is cut off from the table cannot read there that it is dead. So it answers for no longer than a lease from the last
/// moment at which it was certainly a member: the table said so, or it could not be asked but so many of the others could be
/// reached that the rest cannot have voted it dead. Once that is over, the table alone makes it sure again.
/// </para>
/// Whoever asked asks again, and elsewhere.
/// </summary>
/// <param name="members">The table.</param>
/// <param name="cluster">Who the others are, as far as this silo knows.</param>
/// <param name="silo">This silo.</param>
/// <param name="limits">How long it may be sure of itself.</param>
/// <param name="reach">Who is told that the table has answered.</param>
/// <param name="time">A clock that goes on through a pause.</param>
/// <param name="log">The log.</param>
internal sealed class MembershipGuard(
    IMembershipTable members, IClusterMembershipService cluster, ILocalSiloDetails silo, MembershipLimits limits, StorageReach reach, TimeProvider time, ILogger<MembershipGuard> log)
    : IHostedService, IIncomingGrainCallFilter, IDisposable
{
    private const long Nothing = long.MinValue, Dead = long.MaxValue;

    private readonly TimeSpan _beat = limits.Pause / 10;
    private readonly CancellationTokenSource _ending = new();
    private Task _confirming = Task.CompletedTask;
    private long _lastBeat = long.MaxValue, _confirmed = long.MaxValue; // it never was still, nor unsure, before it began
    private long _doubted = Nothing; // what the table says of a time after this makes it sure again

    // What Orleans says to itself is its own. A timer, which is a call of a grain to itself, tells nobody anything, and would never tick again.
    public Task Invoke(IIncomingGrainCallContext context) => context.Grain is Grain && context.SourceId != context.TargetId && !IsSure
        ? throw new SiloUnavailableException("this silo stood still, is cut off or goes, and does not know whether it is still one of the cluster")
        : context.Invoke();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _lastBeat = _confirmed = time.GetTimestamp();

        // A thread of its own: where others keep the processors busy, a timer of the pool's would come late.
        new Thread(Beat) { IsBackground = true, Name = "membership guard", Priority = ThreadPriority.AboveNormal }.Start();
        _confirming = ConfirmAsync();
        return Task.CompletedTask;
    }

    /// <summary>
    /// From here on it answers nothing: before the silo, which stops after this, tells the others that it goes. Then they give its
    /// tokens new places at once, while it still has them.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _doubted, Dead);
        await _ending.CancelAsync();
        await _confirming;
    }

    public void Dispose() => _ending.Dispose();

    /// <summary>Whether it is certainly one of the cluster.</summary>
    public bool IsSure => Interlocked.Read(ref _doubted) == Nothing
        && time.GetElapsedTime(Interlocked.Read(ref _lastBeat)) <= limits.Pause && time.GetElapsedTime(Interlocked.Read(ref _confirmed)) <= limits.Lease;

    /// <summary>Whether it is none of the cluster any more, for good: it goes, or was declared dead.</summary>
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
                reach.Answered(began, 3 * limits.Pause);
                long doubted = Interlocked.Read(ref _doubted);
                Interlocked.Exchange(ref _confirmed, began);
                if (doubted < began)
                {
                    Interlocked.CompareExchange(ref _doubted, Nothing, doubted);
                }
            }
            else if (time.GetTimestamp() is var asked && IsSure && await CannotBeVotedDeadAsync())
            {
                Interlocked.Exchange(ref _confirmed, asked); // not before the table: that took its second, and the lease would be over with the next
            }
            else if (!IsSure)
            {
                Doubt();
            }

            await Task.Delay(limits.Pause / 2, time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What the table says of this silo, <see cref="SiloStatus.None"/> if nothing; null if it does not answer.</summary>
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
    /// Whether fewer silos are out of reach than it takes to declare one dead. A silo that can be connected to can connect, too: what is
    /// cut, is cut both ways.
    /// </summary>
    private async Task<bool> CannotBeVotedDeadAsync()
    {
        SiloAddress[] others = [.. cluster.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(silo.SiloAddress)).Select(member => member.SiloAddress)];
        bool[] reached = await Task.WhenAll(others.Select(ReachesAsync));
        return others.Length == 0 || reached.Count(isReached => !isReached) < Math.Min(limits.Votes, others.Length);
    }

    private async Task<bool> ReachesAsync(SiloAddress other) => await SiloPort.ConnectAsync(other, limits.Pause / 2, _ending.Token) == SocketError.Success;

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

/// <summary>Adds the guard, and the undertaker, to silos of a cluster; before TLS, if they have any.</summary>
public static class MembershipGuardServices
{
    /// <param name="silo">The silo.</param>
    /// <param name="pause">The longest pause after which the others cannot have given it up.</param>
    /// <param name="lease">How long it answers after it was last certain to be a member.</param>
    /// <param name="votes">How many of the others declare one dead.</param>
    public static ISiloBuilder AddMembershipGuard(this ISiloBuilder silo, TimeSpan pause, TimeSpan lease, int votes)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddSingleton(new MembershipLimits(pause, lease, votes));
        silo.Services.AddSingleton<MembershipGuard>();
        silo.Services.AddHostedService(services => services.GetRequiredService<MembershipGuard>());
        silo.Services.AddSingleton<IIncomingGrainCallFilter>(services => services.GetRequiredService<MembershipGuard>());
        silo.AddGrainService<Witness>();
        silo.Services.AddSingleton<Witnesses>();
        silo.Services.AddSingleton<Undertaker>();
        silo.Configure<SiloConnectionOptions>(options => options.ConfigureSiloInboundConnection(ConnectionEnds.EndLooks));
        silo.Services.PostConfigure<SiloConnectionOptions>(options => // within TLS, so that nobody without a certificate has silos look at each other
        {
            options.ConfigureSiloOutboundConnection(ConnectionEnds.TellOfOwn);
            options.ConfigureSiloInboundConnection(ConnectionEnds.TellOfOthers);
        });
        return silo;
    }
}
