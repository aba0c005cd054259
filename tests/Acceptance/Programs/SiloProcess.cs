using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>A silo with its gateway as users run it: a process on a free port of the loopback address.</summary>
internal sealed partial class SiloProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(50);

    private readonly ProgramRun _run;
    private readonly long _began;

    private SiloProcess(ProgramRun run, Uri address, long began, NetworkHost? host)
    {
        (_run, _began) = (run, began);
        Http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, UseCookies = false, ConnectCallback = host is null ? null : host.ConnectAsync })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    public HttpClient Http { get; }

    public string Output => _run.Output;

    public bool HasExited => _run.HasExited;

    /// <summary>What the system knows the process by.</summary>
    public int Id => _run.Id;

    /// <summary>The processor time that it has taken.</summary>
    public TimeSpan ProcessorTime => _run.ProcessorTime;

    /// <summary>Bytes of memory that it holds, and the most that it ever held.</summary>
    public (long Now, long Most) Memory => _run.Memory;

    public TimeSpan SinceStart => Stopwatch.GetElapsedTime(_began);

    /// <summary>Starts a silo without a feed and waits until it is ready.</summary>
    public static async Task<SiloProcess> StartAsync(DataFolder folder, params string[] settings)
    {
        SiloProcess silo = await ListeningAsync(folder, ["--Pnl:Feed=none", .. settings]);
        await silo.ReadyAsync(StartLimit);
        return silo;
    }

    /// <summary>Starts a silo and waits until it listens, which is before it is ready.</summary>
    public static Task<SiloProcess> ListeningAsync(DataFolder folder, params string[] settings) => ListeningAsync(Built.Silo, folder, null, settings);

    /// <summary>The same of another build of the program.</summary>
    public static Task<SiloProcess> ListeningAsync(string program, DataFolder folder, string[] settings) => ListeningAsync(program, folder, null, settings);

    /// <summary>The same on a host of a network of its own.</summary>
    public static Task<SiloProcess> ListeningAsync(DataFolder folder, NetworkHost? host, params string[] settings) => ListeningAsync(Built.Silo, folder, host, settings);

    private static async Task<SiloProcess> ListeningAsync(string program, DataFolder folder, NetworkHost? host, string[] settings)
    {
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long began = Stopwatch.GetTimestamp();
        ProgramRun run = Launch(program, folder, host, line =>
        {
            if (Listening().Match(line) is { Success: true } match)
            {
                listening.TrySetResult(new(match.Groups[1].Value));
            }
        }, settings);
        while (!listening.Task.IsCompleted)
        {
            if (run.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit)
            {
                string output = run.Output;
                run.Dispose();
                Assert.Fail($"The silo does not listen. It wrote:\n{output}");
            }

            await Task.WhenAny(listening.Task, Task.Delay(BetweenProbes)); // the end of a process that failed has no line of its own
        }

        return new(run, await listening.Task, began, host);
    }

    /// <summary>Starts a silo of which it is not known whether it will come up.</summary>
    public static ProgramRun Launch(DataFolder folder, Action<string>? onLine, params string[] settings) => Launch(Built.Silo, folder, null, onLine, settings);

    private static ProgramRun Launch(string program, DataFolder folder, NetworkHost? host, Action<string>? onLine, string[] settings) =>
        ProgramRun.Start(program, ["--urls", "http://127.0.0.1:0", "--Pnl:DataDirectory", folder.Path, .. settings], onLine, host?.Through ?? []);

    /// <summary>Waits until it is ready; fails with the output if that takes longer than it may.</summary>
    public async Task ReadyAsync(TimeSpan limit)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync())
        {
            Assert.False(_run.HasExited, $"The silo has ended. It wrote:\n{Output}");
            Assert.True(Stopwatch.GetElapsedTime(began) < limit, $"The silo is not ready after {limit}. It wrote:\n{Output}");
            await Task.Delay(BetweenProbes, TestContext.Current.CancellationToken); // readiness can only be asked for
        }
    }

    public void Kill() => _run.Kill();

    /// <summary>SIGSTOP: it stands still.</summary>
    public void Pause() => _run.Pause();

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void Resume() => _run.Resume();

    /// <summary>SIGTERM, and the exit code.</summary>
    public Task<int> TerminateAsync(TimeSpan limit)
    {
        _run.Terminate();
        return _run.ExitAsync(limit);
    }

    public void Dispose()
    {
        Http.Dispose();
        _run.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using HttpResponseMessage answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // the process is going down; the caller looks
        }
    }

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
