using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Pnl.Cli;
using Pnl.Cli.CommandLine;
using Pnl.Rates;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Cli;

namespace Pnl.Tests.Acceptance.Tools;

/// <summary>Each example of the tool's help does what it says, against a server as users run it.</summary>
public sealed class ToolExampleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>What has to be there before the next can be asked for.</summary>
    private static readonly string[] Order =
    [
        "import", "backfill start", "backfill list", "backfill show", "backfill pause", "backfill resume", "backfill cancel", "show", "top", "tokens", "portfolio put", "portfolio add", "portfolio import", "portfolio show",
        "deadletters list", "deadletters replay", "portfolio lots", "portfolio list", "portfolio export", "portfolio delete", "keys generate", "keys create", "keys list", "keys revoke", "token put", "backup", "restore", "check", "repair", "completion", "token delete",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_example_of_the_help_does_what_it_says()
    {
        using DataFolder store = new(), home = new();
        string candles = Directory.CreateDirectory(Path.Combine(home.Path, "candles")).FullName, before = Environment.CurrentDirectory;
        WriteFiles(home.Path, candles);
        string letter = await PutAsideAsync(store.Path, "btc"), refused = await PutAsideAsync(store.Path, "nobody");
        string admin = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));
        using SiloProcess silo = await SiloProcess.StartAsync(
            store, "--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(admin), $"--Pnl:Sources:files:Path={candles}");
        try
        {
            Environment.CurrentDirectory = home.Path;
            Environment.SetEnvironmentVariable("PNL_SERVER", silo.Http.BaseAddress!.OriginalString);
            Environment.SetEnvironmentVariable("PNL_KEY", admin);
            string backfill = "", key = "";
            foreach (ToolCommand command in ToolCommands.All.OrderBy(command => Array.IndexOf(Order, command.Name) is var place && place >= 0 ? place : throw new InvalidOperationException($"{command.Name} has no place in the order")))
            {
                foreach (string example in command.Examples.OrderByDescending(example => example.Contains("--from", StringComparison.Ordinal)))
                {
                    string typed = example.Replace("--source binance", "--source files", StringComparison.Ordinal).Replace("01JDZ5", backfill, StringComparison.Ordinal).Replace("0123456789ab", key, StringComparison.Ordinal).Replace("replay 17", $"replay {letter}", StringComparison.Ordinal);
                    string told = await RunAsync(typed);
                    backfill = typed.StartsWith("backfill", StringComparison.Ordinal) && backfill.Length == 0 ? told.Split("completed")[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[^1] : backfill;
                    key = typed.StartsWith("keys create", StringComparison.Ordinal) ? told.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[2] : key;
                }
            }

            // One whose reason is not gone is kept, and it is told whose it is.
            using StringWriter answer = new();
            Assert.Equal(ExitCode.Rejected, await Tool.RunAsync(["deadletters", "replay", refused], Consoles.Of(answer, 200), answer, Cancellation));
            Assert.Contains("nobody does not take it: token.unknown", answer.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Environment.SetEnvironmentVariable("PNL_SERVER", null);
            Environment.SetEnvironmentVariable("PNL_KEY", null);
        }
    }

    /// <summary>Puts a bar aside that came before anybody registered its token; its id.</summary>
    private static async Task<string> PutAsideAsync(string folder, string token)
    {
        await using SqliteSegmentStore store = SqliteSegmentStore.Open(folder);
        await store.WriteDeadLetterAsync(new(DateTimeOffset.UtcNow, token, "token.unknown", """{"time":1714521600,"rate":60000.5,"coveredFrom":null,"source":null}"""));
        return (await store.DeadLettersAsync(null, 1, Cancellation)).Single().Id;
    }

    /// <summary>Runs an example; what it wrote.</summary>
    private static async Task<string> RunAsync(string example)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(Limit);
        bool isEndless = example.Contains("--follow", StringComparison.Ordinal);
        if (example.StartsWith("check ./backup", StringComparison.Ordinal))
        {
            Directory.CreateDirectory("backup");
            foreach (string file in Directory.GetFiles("data"))
            {
                File.Copy(file, Path.Combine("backup", Path.GetFileName(file)));
            }
        }

        using Watched text = new(isEndless ? "total" : null, stop.Cancel);
        using StringWriter errors = new();
        int code = await Tool.RunAsync(ShellWords.Of(example), Consoles.Of(text, 200), errors, stop.Token);
        string told = text.ToString();
        Assert.True(code == (isEndless ? ExitCode.Stopped : ExitCode.Ok), $"pnl {example}\nends with {code}:\n{told}\n{errors}");
        Assert.NotEmpty(told);
        if (example.Contains("json", StringComparison.Ordinal))
        {
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(told).ValueKind);
        }

        return told;
    }

    private static void WriteFiles(string home, string candles)
    {
        const long Start = 1706698800; // 2024-01-31T11:00:00Z
        string Rows(int seconds, int count) => "time,rate\n" + string.Concat(Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"{Start + seconds * i},{42000 + i}\n")));
        foreach (string token in (string[])["BTC", "ETH"])
        {
            File.WriteAllText(Path.Combine(candles, token + "-USD.csv"), Rows(300, 600));
        }

        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(home, "rates")).FullName, "ETH-USD.csv"), Rows(300, 300));
        using (StreamWriter zipped = new(new GZipStream(File.Create(Path.Combine(home, "BTC-USD.csv.gz")), CompressionLevel.Fastest)))
        {
            zipped.Write(Rows(300, 300));
        }

        File.WriteAllText(Path.Combine(home, "XBTUSD_60.csv"), Rows(3600, 48));
        File.WriteAllText(Path.Combine(home, "trades.csv"), "id,time,kind,token,quantity,price,currency,fees,note\nt-2,2024-02-01T12:00:00Z,buy,btc,2,42000,usd,,\n");
        Directory.CreateDirectory(Path.Combine(home, "data"));
    }

    /// <summary>A text that tells when a word has come.</summary>
    private sealed class Watched(string? word, Action come) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (word is not null && value?.Contains(word, StringComparison.Ordinal) == true)
            {
                come();
            }
        }
    }
}
