using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pnl.Bench.Data;
using Pnl.Bench.Reporting;
using StackExchange.Redis;

namespace Pnl.Bench.Peers;

/// <summary>
/// A tick in Redis: a list of rates a token, to which a bar is pushed and of which the rates at the starts of the windows are
/// read, so the PnL of each window and none of its other figures; with every write flushed to disk before it is answered.
/// </summary>
internal static class RedisTick
{
    private const string Program = "/usr/bin/redis-server";

    // The rate at the start of each window that lies within the list, and the newest.
    private const string Script = """
        local answers = {}
        for i = 1, #KEYS do
          redis.call('RPUSH', KEYS[i], ARGV[1])
          for _, back in ipairs({2, 13, 289, 2017, 8641}) do answers[#answers + 1] = redis.call('LINDEX', KEYS[i], -back) or redis.call('LINDEX', KEYS[i], 0) end
        end
        return #answers
        """;

    public static string Measure(BenchRun run, TokenBars[] tokens, int count)
    {
        if (!File.Exists(Program))
        {
            return "Redis is not installed";
        }

        int port = FreePort();
        DirectoryInfo folder = Directory.CreateDirectory(run.NewPath("-redis"));
        using Process server = Process.Start(new ProcessStartInfo(Program,
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", folder.FullName, "--appendonly", "yes", "--appendfsync", "always", "--save", ""])
        {
            RedirectStandardOutput = true,
        })!;
        server.BeginOutputReadLine();
        try
        {
            using ConnectionMultiplexer connection = ConnectionMultiplexer.Connect(new ConfigurationOptions
            {
                EndPoints = { { IPAddress.Loopback, port } }, AbortOnConnectFail = false, ConnectRetry = 20, SyncTimeout = 600_000, AsyncTimeout = 600_000,
            });
            IDatabase database = connection.GetDatabase();
            foreach (TokenBars token in tokens)
            {
                database.ListRightPush(token.Id, Array.ConvertAll([.. Enumerable.Range(0, token.Count)], i => (RedisValue)token.Rate(i)));
            }

            run.Explain("tick.10k, Redis", Script);
            RedisKey[] keys = Array.ConvertAll(tokens, token => (RedisKey)token.Id);
            double seconds = Timing.Median(() => database.ScriptEvaluate(Script, keys, [1.5]), 11) * count / tokens.Length;
            string version = connection.GetServers()[0].Version.ToString();
            return $"Redis {version} pushes and reads the rates at the windows' starts, no other figure, in {Significant.Text(seconds * 1e3)} ({tokens.Length} tokens, times {count / tokens.Length})";
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
