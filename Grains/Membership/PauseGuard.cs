using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Keeps a silo that stood still from answering out of the past. One that was stopped for seconds, by a signal, its machine
/// or the collector, may have been declared dead meanwhile, its tokens live elsewhere and have gone on; what waits in its
/// sockets it would answer as if nothing had happened. So after a pause that is long enough for that it answers nothing
/// until the table of members says that it is one of them; whoever asked asks again.
/// </summary>
/// <param name="members">The table.</param>
/// <param name="silo">This silo.</param>
/// <param name="longest">The longest pause after which the others cannot have given the silo up: less than their probes take.</param>
/// <param name="time">A clock that goes on through a pause.</param>
/// <param name="log">The log.</param>
internal sealed class PauseGuard(IMembershipTable members, ILocalSiloDetails silo, PauseLimit longest, TimeProvider time, ILogger<PauseGuard> log) : IHostedService, IIncomingGrainCallFilter, IDisposable
{
    private readonly TimeSpan _beat = longest.Longest / 10;
    private readonly ManualResetEventSlim _ending = new();
    private long _lastBeat = long.MaxValue; // it never was still before it began
    private volatile bool _isUnsure;

    public Task Invoke(IIncomingGrainCallContext context) => context.Grain is Grain && (_isUnsure || Pause > longest.Longest) // what Orleans says to itself is its own
        ? throw new SiloUnavailableException("this silo stood still and does not know yet whether it is still one of the cluster")
        : context.Invoke();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: where others keep the processors busy, a timer of the pool's would come late.
        new Thread(Beat) { IsBackground = true, Name = "pause guard", Priority = ThreadPriority.AboveNormal }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ending.Set();
        return Task.CompletedTask;
    }

    public void Dispose() => _ending.Dispose();

    private TimeSpan Pause => time.GetElapsedTime(Interlocked.Read(ref _lastBeat));

    private void Beat()
    {
        Interlocked.Exchange(ref _lastBeat, time.GetTimestamp());
        while (!_ending.Wait(_beat))
        {
            if (Pause is var pause && pause > longest.Longest)
            {
                _isUnsure = true;
                log.LogWarning("This silo stood still for {Seconds:f1} s", pause.TotalSeconds);
            }

            Interlocked.Exchange(ref _lastBeat, time.GetTimestamp());
            if (_isUnsure)
            {
                _isUnsure = !IsMember();
            }
        }
    }

    private bool IsMember()
    {
        try
        {
            return members.ReadRowAsync(silo.SiloAddress, CancellationToken.None).GetAwaiter().GetResult().Members is [({ Status: SiloStatus.Active }, _)];
        }
        catch (Exception e)
        {
            log.LogWarning(e, "The table of members cannot be read");
            return false;
        }
    }
}

/// <summary>How long a silo may stand still and be sure of itself.</summary>
internal sealed record PauseLimit(TimeSpan Longest);

/// <summary>Adds the guard to silos of a cluster.</summary>
public static class PauseGuardServices
{
    /// <param name="silo">The silo.</param>
    /// <param name="longest">The longest pause after which the others cannot have given it up.</param>
    public static ISiloBuilder AddPauseGuard(this ISiloBuilder silo, TimeSpan longest)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.AddSingleton(new PauseLimit(longest));
        silo.Services.AddSingleton<PauseGuard>();
        silo.Services.AddHostedService(services => services.GetRequiredService<PauseGuard>());
        silo.Services.AddSingleton<IIncomingGrainCallFilter>(services => services.GetRequiredService<PauseGuard>());
        return silo;
    }
}
