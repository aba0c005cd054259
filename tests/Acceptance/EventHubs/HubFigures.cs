using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;
using Producer;

namespace Pnl.Tests.Acceptance.EventHubs;

/// <summary>
/// How long a boundary of 10,000 tokens takes from its publishing to a hub until the last token answers <c>GET pnl</c> as of it:
/// many bars in an event, and an event a token. A command, not part of the tests: see docs/operations.md.
/// </summary>
public sealed class HubFigures(Azurite azurite) : IClassFixture<Azurite>
{
    private const int Ticks = 11, AtOnce = 16, Singles = 1000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task A_boundary_of_10_000_tokens()
    {
        int tokens = int.Parse(Environment.GetEnvironmentVariable("Pnl__Stress__Tokens") ?? "10000", CultureInfo.InvariantCulture);
        using HubMarket market = await HubMarket.StartAsync(azurite, seed: 1, tokens, boundaries: 2 * Ticks);
        await using EventHubProducerClient producer = market.Producer();
        foreach ((string name, int barsAnEvent, TokenBar[][] boundaries) in new[]
        {
            ("many bars an event", BarsPublisher.MostBars, market.Boundaries[..Ticks]), ("an event a token", 1, market.Boundaries[Ticks..]),
        })
        {
            BarsPublisher publisher = new(producer, barsAnEvent);
            List<double> sent = [], answered = [];
            foreach (TokenBar[] bars in boundaries)
            {
                long start = Stopwatch.GetTimestamp();
                await publisher.PublishAsync(bars, Cancellation);
                sent.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                await AnsweredAsync(market, BarTime.CloseSeconds(BarTime.SlotAtSeconds(bars[0].OpenTime)));
                answered.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            // The first one activates, or warms up.
            double[] warm = [.. answered.Skip(1).Order()], published = [.. sent.Skip(1).Order()];
            Tell($"{tokens} tokens, {name}: published in {published[published.Length / 2]:f3} s, answered after p50 {warm[warm.Length / 2]:f2} s, most {warm[^1]:f2} s, first {answered[0]:f2} s; {Load()}");
        }

        market.Silo.Kill(); // what follows is no bars
        await EventsASecondAsync(producer);
    }

    private static async Task EventsASecondAsync(EventHubProducerClient producer)
    {
        EventData kilobyte = new(new byte[1000]);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Singles; i++)
        {
            await producer.SendAsync([kilobyte], Cancellation);
        }

        Tell($"the server of the tests, events of 1 KB: {Singles / Stopwatch.GetElapsedTime(start).TotalSeconds:f0}/s each by itself");
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Singles; i++)
        {
            await producer.SendAsync(Enumerable.Repeat(kilobyte, 100), Cancellation);
        }

        Tell($"the server of the tests, events of 1 KB: {100 * Singles / Stopwatch.GetElapsedTime(start).TotalSeconds:f0}/s by 100; {Load()}");
    }

    private static Task AnsweredAsync(HubMarket market, long asOf)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < market.Tokens.Length)
            {
                while ((await market.Silo.Http.GetAnswerAsync($"/v1/tokens/{market.Tokens[i]}/pnl")) is var answer && (answer.Status != System.Net.HttpStatusCode.OK || AsOf(answer) < asOf))
                {
                    await Task.Delay(2, Cancellation); // on its way; there is nothing to wait for but the answer
                }
            }
        }));
    }

    private static long AsOf(Answer answer) => answer["asOf"].ValueKind == System.Text.Json.JsonValueKind.String ? Answer.Seconds(answer["asOf"]) : 0;

    private static string Load() => $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}";

    private static void Tell(string line)
    {
        TestContext.Current.SendDiagnosticMessage(line);
        TestContext.Current.TestOutputHelper!.WriteLine(line);
    }
}
