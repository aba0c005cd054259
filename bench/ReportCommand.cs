using System.Text.Json;
using Pnl.Bench.Reporting;
using Pnl.Bench.Rows;

namespace Pnl.Bench;

/// <summary><c>report</c>: runs the rows and prints the table.</summary>
internal static class ReportCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    private static readonly IRow[] Rows =
    [
        new CodecBytes("codec.bytes.synthetic"), new CodecBytes("codec.bytes.synthetic.quiet"), new CodecBytes("codec.bytes.real"), new CodecSpeed(),
        new WindowsBatch(), new WindowsCore(), new ChartLife(), new IngestAppend(),
        new WindowsServed(), new ListingsReorder(), new ChartServed(), new BackfillCsv(), new BackfillFiles(".parquet", 1000, 100, 100), new BackfillFiles(".csv.gz", 200, 100, 50), new BackfillBeside(), new Tick(), new Live("live", 10_000, 30, 0, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)), new Boards(), new Portfolios(), new Start(),
    ];

    /// <summary>
    /// <c>backfill</c>: the rows of backfills at any size; by default 10,000 tokens over a year from Parquet, a billion bars:
    /// minutes, and 6 GB of temporary files.
    /// </summary>
    public static Task<int> BackfillAsync(string[] args)
    {
        (string extension, int tokens, int days) = (".parquet", 10_000, 365);
        for (int i = 0; i < args.Length; i += 2)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            bool understood = args[i] switch
            {
                "--files" => (extension = value is "csv.gz" or "parquet" ? "." + value : "") != "",
                "--tokens" => int.TryParse(value, out tokens) && tokens > 0,
                "--days" => int.TryParse(value, out days) && days > 0,
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine($"{args[i]} {value} is not understood: wanted --files parquet|csv.gz, --tokens N, --days N");
                return Task.FromResult(2);
            }
        }

        return RunAsync([new BackfillFiles(extension, tokens, days, Math.Max(1, tokens / 20))], json: null, explain: false);
    }

    /// <summary>
    /// <c>live</c>: the speed side at any size; by default 100,000 tokens with two days of bars, 10 ticks, no load.
    /// </summary>
    public static Task<int> LiveAsync(string[] args)
    {
        (int tokens, int days, int ticks, int sustained, int asked) = (100_000, 2, 10, 0, 0);
        for (int i = 0; i < args.Length; i += 2)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            bool understood = args[i] switch
            {
                "--tokens" => int.TryParse(value, out tokens) && tokens > 0,
                "--days" => int.TryParse(value, out days) && days > 0,
                "--ticks" => int.TryParse(value, out ticks) && ticks >= 0,
                "--sustained" => int.TryParse(value, out sustained) && sustained >= 0,
                "--asked" => int.TryParse(value, out asked) && asked >= 0,
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine($"{args[i]} {value} is not understood: wanted --tokens N, --days N, --ticks N, --sustained SECONDS, --asked SECONDS");
                return Task.FromResult(2);
            }
        }

        return RunAsync([new Live("live", tokens, days, ticks, TimeSpan.FromSeconds(sustained), TimeSpan.FromSeconds(asked))], json: null, explain: false);
    }

    public static async Task<int> RunAsync(string[] args)
    {
        List<string> only = [];
        string? json = null;
        bool explain = false;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--only":
                    while (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                    {
                        only.Add(args[++i]);
                    }

                    break;
                case "--json" when i + 1 < args.Length:
                    json = args[++i];
                    break;
                case "--explain":
                    explain = true;
                    break;
                default:
                    Console.Error.WriteLine($"unknown option {args[i]}");
                    return 2;
            }
        }

        IRow[] rows = [.. Rows.Where(row => only.Count == 0 || row.Names.Any(name => only.Any(asked => IsWithin(name, asked) || IsWithin(asked, name))))];
        if (rows.Length == 0)
        {
            Console.Error.WriteLine($"no such row; there are {string.Join(", ", Rows.SelectMany(row => row.Names))}");
            return 2;
        }

        return await RunAsync(rows, json, explain);
    }

    private static async Task<int> RunAsync(IRow[] rows, string? json, bool explain)
    {
        using CancellationTokenSource stop = new();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        using BenchRun run = new();
        List<Figure> figures = [];
        foreach (IRow row in rows)
        {
            BenchRun.Log(string.Join(", ", row.Names));
            figures.AddRange(await row.MeasureAsync(run, stop.Token));
        }

        Console.WriteLine(Machine.Describe());
        Console.WriteLine();
        Console.Write(MarkdownTable.Of(figures));
        if (explain)
        {
            foreach ((string title, string text) in run.Explained)
            {
                Console.WriteLine($"\n{title}\n```\n{text}\n```");
            }
        }

        if (json is not null)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(figures, Json) + "\n", stop.Token);
        }

        return 0;
    }

    /// <summary>Whether a name is another or lies below it: codec.decode below codec.</summary>
    private static bool IsWithin(string name, string of) =>
        name == of || (name.StartsWith(of, StringComparison.Ordinal) && name[of.Length] == '.');
}
