using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Pnl.Tests.LocalCluster;

/// <summary>A silo, a gateway or the hub, as a process of its own. What it warns of is shown under its name.</summary>
internal sealed partial class Node
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly TaskCompletionSource<string> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Node(string name, Process process)
    {
        (Name, _process) = (name, process);
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"{name} has ended"));
    }

    public string Name { get; }

    public int Id => _process.Id;

    /// <summary>Where it listens, or how to connect to it; once it is ready.</summary>
    public string Address => _listening.Task.Result;

    /// <summary>Starts a silo or a gateway.</summary>
    public static Node Start(string name, string[] arguments) => Start(name, Program("Silo", "Orleans.Pnl.Silo.dll"), arguments);

    /// <summary>Starts Event Hubs of the tests, and waits until it listens.</summary>
    public static async Task<Node> StartHubAsync()
    {
        Node hub = Start("hub", Program("tests/EventHubs", "EventHubsServer.dll"), ["--hub", "rates:8"]);
        await hub._listening.Task;
        return hub;
    }

    private static Node Start(string name, string program, string[] arguments)
    {
        Node node = new(name, new Process
        {
            EnableRaisingEvents = true,
            StartInfo = new("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true },
        });
        node._process.Start();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Waits until it is ready to answer.</summary>
    public async Task ReadyAsync(CancellationToken cancellation)
    {
        using HttpClient http = new() { BaseAddress = new(await _listening.Task.WaitAsync(cancellation)), Timeout = TimeSpan.FromSeconds(30) };
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                if (_process.HasExited)
                {
                    throw new InvalidOperationException($"{Name} has ended");
                }
            }

            await Task.Delay(200, cancellation);
        }
    }

    /// <summary>SIGTERM, and kill -9 if it takes too long.</summary>
    public async Task EndAsync()
    {
        if (!_process.HasExited)
        {
            _ = SendSignal(_process.Id, 15);
            try
            {
                await _process.WaitForExitAsync().WaitAsync(StopLimit);
            }
            catch (TimeoutException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(match.Groups[1].Value);
        }
        else if (!line.Contains(" info: ", StringComparison.Ordinal))
        {
            Console.WriteLine($"{Name}: {line}");
        }
    }

    private static string Program(string project, string file)
    {
        // This runs in <repository>/tests/LocalCluster/bin/<configuration>/<framework>.
        DirectoryInfo output = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.GetFullPath(Path.Combine(output.FullName, "..", "..", "..", "..", "..", project, "bin", output.Parent!.Name, output.Name, file));
    }

    [GeneratedRegex(@"(?:Now listening on|Event Hubs): ((?:http://127\.0\.0\.1:\d+|Endpoint=).*)")]
    private static partial Regex Listening();

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
