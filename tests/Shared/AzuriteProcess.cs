using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
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
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentDictionary<string, string> _addresses = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    /// <summary>The connection string of the account.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={_key};" + string.Join(';', _addresses.Select(at => $"{at.Key}Endpoint={at.Value}/{Account}"));

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="location">Where it keeps what it is given; null for in memory.</param>
    /// <param name="accessLog">Whether it writes a line for each request.</param>
    /// <exception cref="Win32Exception">There is no Node.js, or no npm.</exception>
    /// <exception cref="InvalidOperationException">It does not come up; the message tells what it wrote.</exception>
    public static async Task<AzuriteProcess> StartAsync(string? location = null, bool accessLog = false)
    {
        AzuriteProcess azurite = new();
        await azurite.RunAsync(location, accessLog);
        return azurite;
    }

    private async Task RunAsync(string? location, bool accessLog)
    {
        string folder = Path.Combine(Repository(), "tests", "Azurite");
        string[] kept = [.. location is null ? ["--inMemoryPersistence"] : (string[])["--location", location], .. accessLog ? [] : (string[])["--silent"]];
        ProcessStartInfo start = Start(
            "node", folder, ["run.js", "--skipApiVersionCheck", "--disableTelemetry", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0", .. kept]);
        start.RedirectStandardInput = true;
        start.Environment["AZURITE_ACCOUNTS"] = $"{Account}:{_key}";
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException("Azurite has ended"));
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
            await _listening.Task.WaitAsync(StartLimit);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await DisposeAsync();
            throw new InvalidOperationException($"Azurite does not listen ({e.Message}). It wrote:\n{Output}", e);
        }
    }

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
            if (_addresses.Count == 3)
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
