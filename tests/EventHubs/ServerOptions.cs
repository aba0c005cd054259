using System.Globalization;

namespace Pnl.Tests.EventHubs;

/// <summary>What the server is told at its start.</summary>
internal sealed record ServerOptions
{
    public const string Usage = """
        EventHubsServer [--hub name:partitions]… [--port n] [--control-port n] [--folder path]
          --hub           a hub and its number of partitions, 1 to 128; rates:8 if none is named
          --port          where AMQP listens on the loopback address; 0, the default, picks a free one
          --control-port  where faults are asked for by HTTP; 0, the default, picks a free one
          --folder        where events are kept, so that they survive the server; in memory if it is not given
        """;

    public IReadOnlyDictionary<string, int> Hubs { get; private init; } = new Dictionary<string, int> { ["rates"] = 8 };

    public int Port { get; private init; }

    public int ControlPort { get; private init; }

    public string? Folder { get; private init; }

    /// <exception cref="ArgumentException">An argument is unknown or not what it may be.</exception>
    public static ServerOptions Read(IReadOnlyList<string> args)
    {
        ServerOptions options = new();
        Dictionary<string, int> hubs = [];
        for (int i = 0; i < args.Count; i += 2)
        {
            string value = i + 1 < args.Count ? args[i + 1] : throw new ArgumentException($"{args[i]} has no value");
            switch (args[i])
            {
                case "--hub":
                    string[] parts = value.Split(':');
                    hubs[parts[0]] = parts.Length == 2 ? Number(args[i], parts[1], 1, 128) : throw new ArgumentException($"--hub {value} is not name:partitions");
                    break;
                case "--port":
                    options = options with { Port = Number(args[i], value, 0, 65535) };
                    break;
                case "--control-port":
                    options = options with { ControlPort = Number(args[i], value, 0, 65535) };
                    break;
                case "--folder":
                    options = options with { Folder = value };
                    break;
                default:
                    throw new ArgumentException($"{args[i]} is unknown");
            }
        }

        return hubs.Count == 0 ? options : options with { Hubs = hubs };
    }

    private static int Number(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new ArgumentException($"{name} {text} is not a whole number from {least} to {most}");
}
