using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using NpgsqlTypes;
using Pnl.Bench.Data;

namespace Pnl.Bench.Peers;

/// <summary>
/// A PostgreSQL server of its own on a free port of the loopback address, with memory and workers for two cores; gone with this.
/// </summary>
internal sealed class Postgres : IDisposable
{
    // PostgreSQL refuses to run as root; its package brings this user.
    private const string Unprivileged = "postgres";

    private readonly string _programs, _folder;
    private readonly NpgsqlConnection _connection;

    private Postgres(string programs, string folder, NpgsqlConnection connection) => (_programs, _folder, _connection) = (programs, folder, connection);

    public string Name => $"PostgreSQL {_connection.ServerVersion.Split(' ')[0]}";

    /// <summary>Starts a server; null if PostgreSQL is not installed.</summary>
    public static Postgres? Start()
    {
        const string Root = "/usr/lib/postgresql";
        string? programs = Directory.Exists(Root)
            ? Directory.EnumerateDirectories(Root).Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
            : null;
        if (programs is null)
        {
            return null;
        }

        string folder = Run("mktemp", "-d", "-t", "pnl-bench-postgres-XXXXXX").Trim();
        int port = FreePort();
        Run(Path.Combine(programs, "initdb"), "-D", folder, "-U", Unprivileged, "-A", "trust", "--no-sync");
        Run(
            Path.Combine(programs, "pg_ctl"), "-D", folder, "-w", "-l", Path.Combine(folder, "log"), "-o",
            $"-p {port.ToString(CultureInfo.InvariantCulture)} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=1GB -c work_mem=512MB"
            + " -c max_parallel_workers_per_gather=2 -c max_wal_size=8GB",
            "start");
        NpgsqlConnection connection = new($"Host=127.0.0.1;Port={port.ToString(CultureInfo.InvariantCulture)};Username={Unprivileged};Database=postgres;Command Timeout=600");
        Postgres server = new(programs, folder, connection);
        try
        {
            connection.Open();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Loads bars as <c>bars(token, slot, close)</c>, close as a double, with their key in an index.</summary>
    public void LoadBars(IReadOnlyList<TokenBars> tokens)
    {
        Execute("CREATE TABLE bars (token INT NOT NULL, slot INT NOT NULL, close FLOAT8 NOT NULL)");
        using (NpgsqlBinaryImporter import = _connection.BeginBinaryImport("COPY bars FROM STDIN (FORMAT BINARY)"))
        {
            for (int t = 0; t < tokens.Count; t++)
            {
                for (int i = 0; i < tokens[t].Count; i++)
                {
                    import.StartRow();
                    import.Write(t, NpgsqlDbType.Integer);
                    import.Write(tokens[t].Slots[i], NpgsqlDbType.Integer);
                    import.Write(tokens[t].Rate(i), NpgsqlDbType.Double);
                }
            }

            import.Complete();
        }

        Execute("ALTER TABLE bars ADD PRIMARY KEY (token, slot)");
        Execute("VACUUM ANALYZE bars");
    }

    /// <summary>Appends a bar of each token, durable when it returns.</summary>
    public void Append(int slot, int tokens)
    {
        using NpgsqlBinaryImporter import = _connection.BeginBinaryImport("COPY bars FROM STDIN (FORMAT BINARY)");
        for (int token = 0; token < tokens; token++)
        {
            import.StartRow();
            import.Write(token, NpgsqlDbType.Integer);
            import.Write(slot, NpgsqlDbType.Integer);
            import.Write(1.0, NpgsqlDbType.Double);
        }

        import.Complete();
    }

    public void Execute(string sql)
    {
        using NpgsqlCommand command = new(sql, _connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Runs a query and takes all of its rows, as numbers; NULL is NaN.</summary>
    public List<double[]> Rows(string sql)
    {
        using NpgsqlCommand command = new(sql, _connection);
        using NpgsqlDataReader reader = command.ExecuteReader();
        List<double[]> rows = [];
        while (reader.Read())
        {
            double[] row = new double[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? double.NaN : Convert.ToDouble(reader.GetValue(i), CultureInfo.InvariantCulture);
            }

            rows.Add(row);
        }

        return rows;
    }

    public void Dispose()
    {
        _connection.Dispose();
        Run(Path.Combine(_programs, "pg_ctl"), "-D", _folder, "-m", "immediate", "stop");
        Run("rm", "-rf", _folder);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = Environment.IsPrivilegedProcess
            ? new("runuser", ["-u", Unprivileged, "--", program, .. arguments])
            : new(program, arguments);
        start.WorkingDirectory = Path.GetTempPath(); // one that the other user may enter
        start.RedirectStandardOutput = true; // the report is on ours; the server itself writes into its log
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }
}
