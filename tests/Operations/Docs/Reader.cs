using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Docs;

/// <summary>
/// Somebody who follows a page: types in each of its commands in order, on a machine of his own. What differs from his: ports are free
/// ones, folders are his alone, the simulated market is small, exchanges are not asked, and programs are those that were built before.
/// </summary>
internal sealed partial class Reader : IDisposable
{
    private const string Alias = "alias pnl='dotnet run -c Release --project Cli --'";
    private const string Cluster = "dotnet run -c Release --project tests/LocalCluster";
    private const string Prelude = "curl() { command curl -sS --fail-with-body \"$@\"; }; pnl() { dotnet \"$PNL_DLL\" \"$@\"; }; ";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly string[] Exchanges = ["binance", "bitfinex", "bitstamp", "bybit", "coinbase", "coingecko", "kraken", "okx"];

    private readonly DataFolder _data = new(), _home = new();
    private readonly Dictionary<string, string> _exported = [];
    private SiloProcess? _server;
    private string _key = "pnl_none", _hash = "none";

    public Reader()
    {
        string candles = Directory.CreateDirectory(Path.Combine(_home.Path, "candles")).FullName;
        foreach (string token in (string[])["BTC", "ETH", "DAI"])
        {
            File.WriteAllText(Path.Combine(candles, token + "-USD.csv"), "time,rate\n" + string.Concat(Enumerable.Range(0, 600).Select(i => FormattableString.Invariant($"{1706700000 + 300 * i},{42000 + i}\n"))));
        }

        File.WriteAllText(Path.Combine(_home.Path, "trades.csv"), "id,time,kind,token,quantity,price,currency,fees,note\nt1,2024-02-01T12:00:00Z,buy,btc,2,42000,usd,,\n");
    }

    /// <summary>What a page tells to do that is not done here, and why.</summary>
    public static string? NotRun(string command) =>
        command == "dotnet test -c Release" ? "it is what runs this"
        : command == Cluster && !HasNpm ? "it takes Node.js with npm, which is not here"
        : command.StartsWith("Pnl__", StringComparison.Ordinal) ? "a run of minutes: that it names what is there is another test's"
        : command.Split(' ')[0] switch
        {
            "kubectl" => "it takes a Kubernetes cluster",
            "az" => "it takes an Azure subscription",
            "docker" => "it takes an engine of containers",
            "git" => "it fetches the repository, which is here",
            _ => null,
        };

    /// <summary>Does what a command says; fails, with what it wrote, if that does not go well.</summary>
    public async Task DoAsync(DocumentedCommand command)
    {
        if (command.Text == Alias)
        {
            return; // the function of the prelude
        }

        if (command.Text == Cluster)
        {
            await BringUpAsync();
            return;
        }

        string text = command.Text.Replace("<hash>", _hash, StringComparison.Ordinal).Replace("pnl_…", _key, StringComparison.Ordinal);
        if (Server().Match(text) is { Success: true } server)
        {
            await ServeAsync(server.Groups["settings"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        else if (Export().Match(text) is { Success: true } export)
        {
            _exported[export.Groups["name"].Value] = export.Groups["value"].Value;
        }
        else
        {
            await RunAsync(command, text);
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _data.Dispose();
        _home.Dispose();
    }

    private static bool HasNpm => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "npm")));

    /// <summary>A cluster of two silos, until it says where to ask.</summary>
    private static async Task BringUpAsync()
    {
        DirectoryInfo output = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string program = Path.Combine(Repository.Root, "tests", "LocalCluster", "bin", output.Parent!.Name, output.Name, "Pnl.Tests.LocalCluster.dll");
        TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ProgramRun run = ProgramRun.Start(program, ["--silos", "2", "--port", "0", "--Pnl:Feed=none"], line =>
        {
            if (line.Contains("the API: ask here", StringComparison.Ordinal))
            {
                up.TrySetResult();
            }
        });
        Task<int> ended = run.ExitAsync(2 * Limit);
        Assert.True(await Task.WhenAny(up.Task, ended) == up.Task, $"{Cluster} ends before it is up:\n{run.Output}");
        StartLog.AssertHealthy(run.Output);
        run.Terminate();
        Assert.True(await ended == 0, run.Output);
    }

    private async Task ServeAsync(string[] settings)
    {
        _server?.Kill();
        _server?.Dispose();
        int address = Array.IndexOf(settings, "--urls");
        _server = await SiloProcess.ListeningAsync(_data,
        [
            "--Pnl:Simulated:Tokens=1600", "--Pnl:Simulated:HistoryDays=1", $"--Pnl:Sources:files:Path={Path.Combine(_home.Path, "candles")}",
            .. Exchanges.Select(exchange => $"--Pnl:Sources:{exchange}:Address=http://127.0.0.1:9"),
            .. address < 0 ? settings : [.. settings[..address], .. settings[(address + 2)..]],
        ]);
        await _server.ReadyAsync(Limit);
        StartLog.AssertHealthy(_server.Output);
    }

    private async Task RunAsync(DocumentedCommand command, string text)
    {
        string address = _server?.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:9";
        bool isEndless = text.StartsWith("curl -N ", StringComparison.Ordinal);
        text = text.Replace("http://localhost:8080", address, StringComparison.Ordinal).Replace("localhost:8080", address, StringComparison.Ordinal).Replace("--source binance", "--source files", StringComparison.Ordinal);
        ProcessStartInfo start = new("bash", ["-c", isEndless ? "exec " + text.Replace("curl ", "curl -sS --fail-with-body ", StringComparison.Ordinal) : Prelude + text]) { WorkingDirectory = _home.Path };
        start.Environment["HOME"] = _home.Path;
        start.Environment["PNL_SERVER"] = address;
        start.Environment["PNL_DLL"] = Built.Tool;
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach ((string name, string value) in _exported)
        {
            start.Environment[name] = value;
        }

        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ProgramRun run = ProgramRun.Start(start, line =>
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                told.TrySetResult();
            }
        });
        if (isEndless)
        {
            Task ended = run.ExitAsync(Limit);
            Assert.True(await Task.WhenAny(told.Task, ended) == told.Task, $"{command}\nended before it told anything:\n{run.Output}");
            run.Kill();
            return;
        }

        int code = await run.ExitAsync(Limit);
        Assert.True(code == 0, $"{command}\nends with {code}:\n{run.Output}\n{_server?.Output}");
        if (command.Expected is { } expected)
        {
            Assert.True(Pattern(expected).IsMatch(Bare(run.Output)), $"{command}\nanswers\n{run.Output}\ninstead of\n{expected}");
        }

        if (text.StartsWith("pnl keys generate", StringComparison.Ordinal))
        {
            string[] words = run.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            (_key, _hash) = (words[1], words[3]);
        }
    }

    private static Regex Pattern(string expected) =>
        new("^" + Regex.Escape(Bare(expected)).Replace("…", ".*?", StringComparison.Ordinal) + "$", RegexOptions.Singleline | RegexOptions.CultureInvariant);

    private static string Bare(string text) => new StringBuilder().AppendJoin("", text.Where(c => !char.IsWhiteSpace(c))).ToString();

    [GeneratedRegex("^dotnet run -c Release --project Silo(?: -- (?<settings>.*))?$")]
    private static partial Regex Server();

    [GeneratedRegex("^export (?<name>[A-Z_]+)=(?<value>.*)$")]
    private static partial Regex Export();
}
