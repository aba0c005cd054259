using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Callers;

/// <summary>
/// One caller tries to starve another, in each way that worked once, for so many seconds each: <c>Pnl__Stress__Seconds</c>, 60 by default.
/// All on this machine, with bounds in number and time. Tells how long another's calls took and what memory the server held.
/// </summary>
public sealed class StarvingTests
{
    private const double MostMilliseconds = 250;
    private const long MostMemory = 1536L << 20;
    private const int CallsASecond = 20;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("Pnl__Stress__Seconds"), CultureInfo.InvariantCulture, out int seconds) ? seconds : 60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData("nothing")]
    [InlineData("slow posts")]
    [InlineData("large posts")]
    [InlineData("connections")]
    [InlineData("series")]
    [InlineData("unread answers")]
    [InlineData("streams")]
    public async Task Another_callers_GET_takes_less_than_a_quarter_of_a_second(string attack)
    {
        await using SharedSilo silo = await SharedSilo.StartAsync("--Pnl:Access:RequestsASecond=1000");
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await MeasureAsync(silo, TimeSpan.FromSeconds(2)); // what is compiled at the first calls
        over.CancelAfter(Long);
        Task<int> attacking = Task.Run(() => AttackAsync(silo, attack, over.Token), Cancellation);

        (double[] took, int failed, long memory) = await MeasureAsync(silo, Long);

        int tried = await attacking;
        string told = string.Create(
            CultureInfo.InvariantCulture,
            $"{attack}: {tried} tried in {Long.TotalSeconds:0} s; another's {took.Length} calls: p50 {At(took, 0.5):0.0} ms, p99 {At(took, 0.99):0.0} ms, at most {took[^1]:0.0} ms, {failed} failed; memory at most {memory >> 20} MiB");
        TestContext.Current.TestOutputHelper!.WriteLine(told);
        Assert.True(failed == 0 && At(took, 0.99) < MostMilliseconds && memory < MostMemory, told);
        (await silo.Http.GetAnswerAsync("/health/ready")).Ok();
        (await silo.Http.GetAnswerAsync("/v1/portfolios", silo.Modest)).Ok();
    }

    /// <summary>Asks as another caller at a steady rate, each time on a connection of its own every tenth time.</summary>
    private static async Task<(double[] Took, int Failed, long Memory)> MeasureAsync(SharedSilo silo, TimeSpan time)
    {
        ConcurrentBag<double> took = [];
        int failed = 0;
        long memory = 0, began = Stopwatch.GetTimestamp();
        List<Task> calls = [];
        using HttpClient kept = new() { BaseAddress = silo.Http.BaseAddress, Timeout = TimeSpan.FromSeconds(20) };
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1.0 / CallsASecond));
        for (int i = 0; Stopwatch.GetElapsedTime(began) < time; i++)
        {
            memory = Math.Max(memory, silo.Memory.Now);
            calls.Add(CallAsync(isNew: i % 10 == 0));
            await timer.WaitForNextTickAsync(Cancellation);
        }

        await Task.WhenAll(calls);
        return ([.. took.Order()], failed, memory);

        async Task CallAsync(bool isNew)
        {
            using HttpClient? own = isNew ? new() { BaseAddress = silo.Http.BaseAddress, Timeout = TimeSpan.FromSeconds(20) } : null;
            long asked = Stopwatch.GetTimestamp();
            try
            {
                Answer answer = await (own ?? kept).GetAnswerAsync($"/v1/tokens/{SharedSilo.Token}/pnl", silo.Modest);
                Interlocked.Add(ref failed, answer.Status == System.Net.HttpStatusCode.OK ? 0 : 1);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                Interlocked.Increment(ref failed);
            }

            took.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }
    }

    private static double At(double[] sorted, double part) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];

    private static async Task<int> AttackAsync(SharedSilo silo, string attack, CancellationToken over)
    {
        string rates = $"/v1/tokens/{SharedSilo.Token}/rates";
        string large = "time,rate\n" + string.Concat(Enumerable.Repeat("1577836800,1000.00000000\n", 90_000));
        return attack switch
        {
            "slow posts" => await BeganAsync(95, "POST " + rates, "Content-Type: text/csv\r\nContent-Length: 16000000\r\n\r\ntime,rate\r\n"),
            "connections" => await BeganAsync(500, "GET /v1/tokens", ""),
            "unread answers" => await BeganAsync(50, $"GET {rates}?limit=100000", "\r\n"),
            "streams" => await BeganAsync(100, $"GET /v1/stream?tokens={SharedSilo.Token}", "\r\n"),
            "series" => await AskedAsync(64, http => http.GetAnswerAsync($"/v1/tokens/{SharedSilo.Token}/pnl/series?limit=100000", silo.Greedy)),
            "large posts" => await AskedAsync(32, http => http.SendAsync(HttpMethod.Post, rates, Requests.Csv(large), silo.Greedy)),
            _ => 0,
        };

        // So many connections a second, each with the beginning of a request that is never gone on with; the newest 5,000 are kept.
        async Task<int> BeganAsync(int aSecond, string line, string rest)
        {
            Queue<TcpClient> begun = [];
            int tried = 0;
            try
            {
                using PeriodicTimer timer = new(TimeSpan.FromSeconds(1.0 / aSecond));
                while (await timer.WaitForNextTickAsync(over))
                {
                    tried++;
                    try
                    {
                        begun.Enqueue(await silo.BeginAsync(line, silo.Greedy, rest));
                    }
                    catch (Exception e) when (e is SocketException or IOException)
                    {
                        // Sent away.
                    }

                    if (begun.Count > 5000)
                    {
                        begun.Dequeue().Dispose();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Over.
            }

            foreach (TcpClient client in begun)
            {
                client.Dispose();
            }

            return tried;
        }

        async Task<int> AskedAsync(int atOnce, Func<HttpClient, Task<Answer>> ask)
        {
            int tried = 0;
            using HttpClient http = new() { BaseAddress = silo.Http.BaseAddress, Timeout = TimeSpan.FromMinutes(1) };
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
            {
                while (!over.IsCancellationRequested)
                {
                    Interlocked.Increment(ref tried);
                    try
                    {
                        Answer answer = await ask(http);
                        if (answer.Status == System.Net.HttpStatusCode.TooManyRequests)
                        {
                            await Task.Delay(10, CancellationToken.None); // it does not wait as long as it is told to
                        }
                    }
                    catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                    {
                        // Sent away.
                    }
                }
            }));
            return tried;
        }
    }
}
