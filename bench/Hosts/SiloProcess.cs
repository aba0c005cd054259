using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Pnl.Bench.Hosts;

/// <summary>The silo as users run it: the built program in a process of its own.</summary>
internal sealed partial class SiloProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _began = Stopwatch.GetTimestamp();

    private SiloProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where its gateway listens.</summary>
    public Uri Address => _listening.Task.Result;

    /// <summary>How long it took from the start of the process until it was ready to answer.</summary>
    public TimeSpan UntilReady { get; private set; }

    /// <summary>What the processors spent on it until then.</summary>
    public TimeSpan ProcessorTimeUntilReady { get; private set; }

    /// <summary>What the processors have spent on it.</summary>
    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    /// <summary>Memory resident now.</summary>
    public double ResidentMiB => Status("VmRSS:");

    /// <summary>The most memory that was ever resident.</summary>
    public double PeakMiB => Status("VmHWM:");

    /// <summary>Starts a silo and waits until it is ready.</summary>
    /// <param name="folder">Its data folder.</param>
    /// <param name="settings">As on the command line.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<SiloProcess> ReadyAsync(string folder, IEnumerable<string> settings, CancellationToken cancel)
    {
        // The build lays the program beside this one.
        string program = Path.Combine(AppContext.BaseDirectory, "Orleans.Pnl.Silo.dll");
        SiloProcess silo = new(new("dotnet", [program, "--urls", "http://127.0.0.1:0", "--Pnl:DataDirectory", folder, .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        try
        {
            await silo._listening.Task.WaitAsync(StartLimit, cancel);
            using HttpClient http = silo.NewClient();
            while (!await IsReadyAsync(http, cancel))
            {
                if (silo._process.HasExited || Stopwatch.GetElapsedTime(silo._began) > StartLimit)
                {
                    throw new InvalidOperationException($"the silo does not become ready; it wrote:\n{silo.Output}");
                }

                await Task.Delay(BetweenProbes, cancel);
            }

            silo.UntilReady = Stopwatch.GetElapsedTime(silo._began);
            silo.ProcessorTimeUntilReady = silo._process.TotalProcessorTime;
            return silo;
        }
        catch
        {
            silo.Dispose();
            throw;
        }
    }

    /// <summary>A client that keeps its connections.</summary>
    public HttpClient NewClient() => new() { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>kill -9; done once the process is gone.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            // The end of an output: if it never listened, it never will.
            _listening.TrySetException(new InvalidOperationException($"the silo ended; it wrote:\n{Output}"));
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new(match.Groups[1].Value));
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancel);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private double Status(string name)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) / 1024;
    }

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
