using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>A program of ours that runs as a process of its own; what it writes is kept, to explain a failure.</summary>
internal sealed class ProgramRun : IDisposable
{
    private const int SigTerm = 15, SigCont = 18, SigStop = 19; // the last two as Linux has them

    // A program that lives for seconds gains nothing from code that is compiled again with what was measured of it: a quarter of its processor time.
    private static readonly (string Name, string Value)[] ShortLived = [("DOTNET_TieredPGO", "0"), ("DOTNET_TC_CallCountThreshold", "1000")];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Action<string>? _onLine;

    private ProgramRun(ProcessStartInfo start, Action<string>? onLine)
    {
        _onLine = onLine;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Starts <c>dotnet program arguments</c>.</summary>
    /// <param name="program">The program's dll.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="onLine">Called with each line that it writes.</param>
    /// <param name="through">A command that runs the one behind it in a place of its own.</param>
    public static ProgramRun Start(string program, IEnumerable<string> arguments, Action<string>? onLine = null, params string[] through)
    {
        string[] command = [.. through, "dotnet", program, .. arguments];
        ProcessStartInfo start = new(command[0], command[1..]);

        // Settings of whoever runs the tests are none of the program's.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("Pnl__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in ShortLived)
        {
            start.Environment.TryAdd(name, value);
        }

        return Start(start, onLine);
    }

    /// <summary>Starts a program in another way.</summary>
    public static ProgramRun Start(ProcessStartInfo start, Action<string>? onLine)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.UseShellExecute) = (true, true, false);
        return new(start, onLine);
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> ToEndAsync(string program, TimeSpan limit, params string[] arguments)
    {
        using ProgramRun run = Start(program, arguments);
        int code = await run.ExitAsync(limit);
        return (code, run.Output);
    }

    /// <summary>All lines so far, of both outputs.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What the system knows the process by.</summary>
    public int Id => _process.Id;

    /// <summary>The exit code; fails, with the output, if the program runs on for longer than it may.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The program did not end within {limit}. It wrote:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>kill -9; done once the process is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>The processor time that it has taken.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory that it holds, and the most that it ever held.</summary>
    public (long Now, long Most) Memory
    {
        get
        {
            _process.Refresh();
            return (_process.WorkingSet64, _process.PeakWorkingSet64);
        }
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows knows no SIGTERM.");
        Assert.Equal(0, SendSignal(_process.Id, SigTerm));
    }

    /// <summary>Lets it stand still.</summary>
    public void Pause()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers of these signals are Linux's.");
        Assert.Equal(0, SendSignal(_process.Id, SigStop));
    }

    /// <summary>Lets it go on.</summary>
    public void Resume() => Assert.Equal(0, SendSignal(_process.Id, SigCont));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        _onLine?.Invoke(line);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
