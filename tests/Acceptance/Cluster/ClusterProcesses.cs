using System.Diagnostics;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>A cluster as it is run: silos and a gateway as processes of their own, over Azure's storage.</summary>
internal sealed class ClusterProcesses : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly DataFolder _folder = new(); // which nothing is written to
    private readonly string[] _settings;
    private readonly List<SiloProcess> _silos = [];
    private string _program = Built.Silo;
    private SiloProcess? _gateway;

    private ClusterProcesses(string connection, string[] settings) => _settings =
    [
        "--Pnl:Profile=cluster", $"--Pnl:AzureStorage:ConnectionString={connection}", $"--Pnl:AzureStorage:Prefix={Prefix}", "--Pnl:Feed=none", "--Pnl:DrainSeconds=0", .. settings,
    ];

    /// <summary>What the names of its tables begin with.</summary>
    public string Prefix { get; } = $"t{Guid.NewGuid():n}"[..12];

    /// <summary>The processor time that all silos have taken.</summary>
    public TimeSpan ProcessorTime => _silos.Aggregate(TimeSpan.Zero, (sum, silo) => sum + silo.ProcessorTime);

    /// <summary>The silos that run.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    public SiloProcess Gateway => _gateway!;

    /// <summary>Where clients ask.</summary>
    public HttpClient Http => Gateway.Http;

    /// <summary>Starts silos and a gateway, and waits until all are ready.</summary>
    public static Task<ClusterProcesses> StartAsync(string connection, int silos = 3, bool withGateway = true, params string[] settings) =>
        BeginAsync(new(connection, settings), silos, withGateway);

    /// <summary>The same of another build of the program.</summary>
    public static Task<ClusterProcesses> StartAsync(string connection, string program, int silos, params string[] settings) => BeginAsync(new(connection, settings) { _program = program }, silos, withGateway: true);

    private static async Task<ClusterProcesses> BeginAsync(ClusterProcesses cluster, int silos, bool withGateway)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => cluster.AddSiloAsync()));
            if (!withGateway)
            {
                return cluster;
            }

            cluster._gateway = await SiloProcess.ListeningAsync(cluster._program, cluster._folder, [.. cluster._settings, "--Pnl:Role=gateway"]);
            if (silos > 0)
            {
                await cluster._gateway.ReadyAsync(StartLimit);
            }

            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Starts one more silo and waits until it is ready.</summary>
    public Task AddSiloAsync() => AddSiloAsync(_program);

    /// <summary>The same of another build of the program.</summary>
    public async Task<SiloProcess> AddSiloAsync(string program)
    {
        SiloProcess silo = await SiloProcess.ListeningAsync(program, _folder, _settings);
        await silo.ReadyAsync(StartLimit);
        lock (_silos)
        {
            _silos.Add(silo);
        }

        return silo;
    }

    /// <summary>Starts a process that has the cluster's settings but for some, and does not wait for anything.</summary>
    public ProgramRun Launch(Action<string>? onLine, params string[] settings) => SiloProcess.Launch(_folder, onLine, [.. _settings, .. settings]);

    /// <summary>kill -9.</summary>
    public void Kill(SiloProcess silo)
    {
        Trace.Assert(_silos.Remove(silo));
        silo.Kill();
        silo.Dispose();
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> TerminateAsync(SiloProcess silo)
    {
        Trace.Assert(_silos.Remove(silo));
        int code = await silo.TerminateAsync(TimeSpan.FromMinutes(2));
        silo.Dispose();
        return code;
    }

    public void Dispose()
    {
        _gateway?.Dispose();
        foreach (SiloProcess silo in _silos)
        {
            silo.Dispose();
        }

        _folder.Dispose();
    }
}
