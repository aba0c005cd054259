// Publishes bars to a hub: of a CSV on the standard input, token,time,rate a line, or made up ones of the tokens named.
//   EVENTHUBS_CONNECTION=… dotnet run --project samples/Producer -- rates btc eth
//   EVENTHUBS_CONNECTION=… dotnet run --project samples/Producer -- rates < bars.csv
using System.Globalization;
using Azure.Messaging.EventHubs.Producer;
using Producer;

if (Environment.GetEnvironmentVariable("EVENTHUBS_CONNECTION") is not { Length: > 0 } connection || args is not [var hub, .. var tokens])
{
    Console.Error.WriteLine("usage: EVENTHUBS_CONNECTION=<connection string> Producer <hub> [token…]; without tokens, lines token,time,rate are read from the standard input");
    return 1;
}

await using EventHubProducerClient client = new(connection, hub);
BarsPublisher publisher = new(client);
if (tokens.Length == 0)
{
    TokenBar[] bars;
    try
    {
        bars = [.. Lines(Console.In).Select(Parse)];
    }
    catch (FormatException e)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }

    await publisher.PublishAsync(bars);
    Console.WriteLine($"published {bars.Length} bars");
    return 0;
}

using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
Dictionary<string, decimal> rates = tokens.Distinct().ToDictionary(token => token, _ => 100m);
try
{
    while (true)
    {
        // The bar that has just closed: its rate is the last one that was seen in it.
        long open = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 300 * 300 - 300;
        foreach (string token in rates.Keys)
        {
            rates[token] = Math.Round(rates[token] * (1 + (decimal)(Random.Shared.NextDouble() - 0.5) / 100), 4);
        }

        await publisher.PublishAsync(rates.Select(rate => new TokenBar(rate.Key, open, rate.Value)), stop.Token);
        Console.WriteLine($"published {rates.Count} bars of {DateTimeOffset.FromUnixTimeSeconds(open):u}");
        await Task.Delay(DateTimeOffset.FromUnixTimeSeconds(open + 600) - DateTimeOffset.UtcNow, stop.Token);
    }
}
catch (OperationCanceledException)
{
    return 0;
}

static IEnumerable<string> Lines(TextReader reader)
{
    while (reader.ReadLine() is { } line)
    {
        if (line.Length > 0)
        {
            yield return line;
        }
    }
}

static TokenBar Parse(string line) =>
    line.Split(',') is [var token, var time, var rate]
        && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out long open)
        && decimal.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value)
        ? new(token, open, value)
        : throw new FormatException($"'{line}' is not token,time,rate");
