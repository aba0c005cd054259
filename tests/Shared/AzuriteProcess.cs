using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Pnl.Tests.Shared;

/// <summary>
/// Azure's storage (blobs, queues, tables): Azurite as a process of its own, in memory or in a folder, on ports that it finds
/// free itself, with an account of its own.
/// </summary>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    private const string Account = "pnltests";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3); // beside much else, Node.js takes its time

    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentDictionary<string, string> _addresses = new();
    private readonly string[] _kept;
    private readonly string _host;
    private readonly string[] _through;
    private TaskCompletionSource _listening = new();
    private int _services;
    private Process? _process;

    private AzuriteProcess(string? location, bool accessLog, string host, string[] through) => (_kept, _host, _through) =
        ([.. location is null ? ["--inMemoryPersistence"] : (string[])["--location", location], .. accessLog ? [] : (string[])["--silent"]], host, through);

    /// <summary>The connection string of the account; the same after it was started again.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={_key};" + string.Join(';', _addresses.Select(at => $"{at.Key}Endpoint={at.Value}/{Account}"));

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="location">Where it keeps what it is given; null for in memory. What it has answered is there, should it be killed.</param>
    /// <param name="accessLog">Whether it writes a line for each request.</param>
    /// <param name="host">The address at which it listens.</param>
    /// <param name="through">A command that runs the one behind it in a place of its own.</param>
    /// <exception cref="Win32Exception">There is no Node.js, or no npm.</exception>
    /// <exception cref="InvalidOperationException">It does not come up; the message tells what it wrote.</exception>
    public static async Task<AzuriteProcess> StartAsync(string? location = null, bool accessLog = false, string host = "127.0.0.1", params string[] through)
    {
        AzuriteProcess azurite = new(location, accessLog, host, through);
        await azurite.RunAsync();
        return azurite;
    }

    /// <summary>kill -9.</summary>
    public ValueTask KillAsync() => DisposeAsync();

    /// <summary>Starts it again after it was killed, on the same ports, with what its folder has.</summary>
    public Task RestartAsync() => RunAsync();

    private async Task RunAsync()
    {
        string folder = Path.Combine(Repository(), "tests", "Azurite");
        string[] services = [.. ((string[])["blob", "queue", "table"]).SelectMany(service => (string[])[$"--{service}Host", _host, $"--{service}Port", PortOf(service)])];
        string[] command = [.. _through, "node", "run.js", "--skipApiVersionCheck", "--disableTelemetry", .. services, .. _kept];
        ProcessStartInfo start = Start(command[0], folder, command[1..]);
        start.RedirectStandardInput = true;
        start.Environment["AZURITE_ACCOUNTS"] = $"{Account}:{_key}";
        TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (_listening, _services) = (listening, 0);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("Azurite has ended"));
        try
        {
            await Task.Run(() => Install(folder));
            _process.Start();
        }
        catch (Win32Exception)
        {
            _process = null;
            throw;
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await listening.Task.WaitAsync(StartLimit);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await DisposeAsync();
            throw new InvalidOperationException($"Azurite does not listen ({e.Message}). It wrote:\n{Output}", e);
        }
    }

    /// <summary>The port of a service, once it has one.</summary>
    private string PortOf(string service) =>
        _addresses.FirstOrDefault(at => at.Key.Equals(service, StringComparison.OrdinalIgnoreCase)).Value is { } address ? new Uri(address).Port.ToString(CultureInfo.InvariantCulture) : "0";

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
        {
            _addresses[match.Groups[1].Value] = match.Groups[2].Value;
            if (Interlocked.Increment(ref _services) == 3)
            {
                _listening.TrySetResult();
            }
        }
    }

    /// <summary>Installs it, once for whichever of the test programs comes first.</summary>
    /// <exception cref="Win32Exception">There is no npm.</exception>
    private static void Install(string folder)
    {
        using Mutex one = new(initiallyOwned: false, @"Global\orleans-pnl-azurite");
        one.WaitOne();
        try
        {
            if (File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"))) // npm writes it last
            {
                return;
            }

            using Process npm = Process.Start(Start("npm", folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund"))!;
            Task<string> errors = npm.StandardError.ReadToEndAsync();
            string output = npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
            if (npm.ExitCode != 0)
            {
                throw new InvalidOperationException($"npm did not install Azurite:\n{output}\n{errors.Result}");
            }
        }
        finally
        {
            one.ReleaseMutex();
        }
    }

    private static ProcessStartInfo Start(string program, string folder, params string[] arguments) => new(program, arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Orleans.Pnl.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in the repository");
        }

        return folder;
    }

    [GeneratedRegex(@"^Azurite (\w+) service is successfully listening at (http://\S+)$")]
    private static partial Regex Listening();
}
