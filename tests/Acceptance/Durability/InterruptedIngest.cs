using System.Text.Json.Nodes;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>
/// Several clients send bars of several tokens while others read, until the silo is interrupted; then all that was
/// acknowledged must be there, and everything sent again must lead to the answers of a silo that was never interrupted.
/// </summary>
internal sealed class InterruptedIngest
{
    private const int Tokens = 5;
    private const int WritersAToken = 2;

    private readonly string _prefix;
    private readonly int _interruptAfter;
    private readonly (string Token, BarWriter Writer)[] _writers;
    private readonly Watermarks _watermarks = new();
    private readonly TaskCompletionSource _moment = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _interrupted;
    private int _acknowledged;

    public InterruptedIngest(string name, int seed)
    {
        _prefix = $"{name}-{seed}-";
        _interruptAfter = new Random(seed).Next(1, 150);
        _writers = [.. Enumerable.Range(0, Tokens * WritersAToken).Select(i => (_prefix + i / WritersAToken, new BarWriter(seed, i / WritersAToken, i % WritersAToken, WritersAToken)))];
    }

    /// <summary>What came of it, for the log.</summary>
    public string Outcome { get; private set; } = "";

    private IEnumerable<IGrouping<string, BarWriter>> ByToken => _writers.GroupBy(w => w.Token, w => w.Writer);

    /// <summary>Sends and reads until the seeded number of calls is acknowledged, and interrupts the silo then.</summary>
    public async Task RunAsync(SiloProcess silo, Func<SiloProcess, Task> interrupt)
    {
        foreach (string token in ByToken.Select(t => t.Key))
        {
            await silo.Http.RegisterAsync(token);
        }

        Task[] clients =
        [
            .. _writers.Select(w => WriteAsync(silo.Http, w.Token, w.Writer)),
            .. ByToken.Select(token => ReadAsync(() => _watermarks.ReadPnlAsync(silo.Http, token.Key))),
            ReadAsync(() => _watermarks.ReadListAsync(silo.Http, _prefix)),
        ];
        Task firstFailure = Task.WhenAny(clients).Unwrap(); // clients end only by the interruption or by a failure
        await await Task.WhenAny(_moment.Task, firstFailure);
        _interrupted = true;
        await interrupt(silo);
        await Task.WhenAll(clients);
        Outcome = $"{_acknowledged} calls acknowledged, {_writers.Sum(w => w.Writer.Acknowledged.Count)} bars; {_writers.Count(w => w.Writer.InFlight.Count > 0)} calls in flight with {_writers.Sum(w => w.Writer.InFlight.Count)} bars";
    }

    /// <summary>Checks a silo that was started anew over the same folder, and brings it up to what was sent.</summary>
    public async Task CheckAndResumeAsync(SiloProcess silo)
    {
        await _watermarks.ReadListAsync(silo.Http, _prefix);
        foreach (IGrouping<string, BarWriter> token in ByToken)
        {
            await _watermarks.ReadPnlAsync(silo.Http, token.Key);
            Dictionary<long, decimal> held = await BarsAsync(silo.Http, token.Key);
            foreach (BarWriter writer in token)
            {
                foreach ((long time, decimal rate) in writer.Acknowledged)
                {
                    Assert.True(held.TryGetValue(time, out decimal found), $"the acknowledged bar {time} of {token.Key} is lost");
                    Assert.True(found == rate || (writer.InFlight.TryGetValue(time, out decimal sent) && found == sent), $"the bar {time} of {token.Key} is {found}; {rate} was acknowledged");
                }
            }

            Assert.All(held, bar => Assert.Contains(token, writer =>
                (writer.Acknowledged.TryGetValue(bar.Key, out decimal rate) && rate == bar.Value) || (writer.InFlight.TryGetValue(bar.Key, out rate) && rate == bar.Value)));

            // Whoever got no answer sends all of it again: only what was not there is new.
            (long, decimal)[] all = [.. Final(token)];
            Answer answer = await IngestAsync(silo.Http, token.Key, all);
            Assert.Equal(BarWriter.Outcome(all, held), Counts(answer));
            Answer again = await IngestAsync(silo.Http, token.Key, all);
            Assert.Equal((0, all.Length, 0), Counts(again));
            Assert.Equal(answer["revision"].GetInt64(), again["revision"].GetInt64());
            await _watermarks.ReadPnlAsync(silo.Http, token.Key);
        }

        foreach ((string _, BarWriter writer) in _writers)
        {
            writer.Acknowledge();
        }
    }

    /// <summary>Sends some more, now that the silo is back.</summary>
    public async Task GoOnAsync(SiloProcess silo)
    {
        foreach ((string token, BarWriter writer) in _writers)
        {
            for (int i = 0; i < 5; i++)
            {
                await SendNextAsync(silo.Http, token, writer);
            }

            await _watermarks.ReadPnlAsync(silo.Http, token);
        }
    }

    /// <summary>Feeds a silo that nothing befell with the final bars in order, and compares all answers, digit for digit.</summary>
    public async Task CompareAsync(SiloProcess interrupted, HttpClient untouched)
    {
        foreach (IGrouping<string, BarWriter> token in ByToken)
        {
            (long Time, decimal Rate)[] bars = [.. Final(token).OrderBy(bar => bar.Time)];
            await untouched.RegisterAsync(token.Key);
            Answer fed = await IngestAsync(untouched, token.Key, bars);
            Assert.Equal((bars.Length, 0, 0), Counts(fed));
            (long from, long to) = (bars[bars.Length / 3].Time, bars[bars.Length * 2 / 3].Time);
            foreach (string call in (string[])["pnl", $"pnl?from={from}&to={to}", "pnl/series", "pnl/series?interval=1h", "pnl/series?interval=1d&quantity=3", "rates?interval=1w"])
            {
                string path = $"/v1/tokens/{token.Key}/{call}";
                Assert.Equal(Stripped(await untouched.GetAnswerAsync(path)), Stripped(await interrupted.Http.GetAnswerAsync(path)));
            }
        }
    }

    private static string Stripped(Answer answer)
    {
        // The way to the same bars may have taken more revisions, and the clock goes on.
        JsonObject json = JsonNode.Parse(answer.Ok().Text)!.AsObject();
        json.Remove("revision");
        json.Remove("ageSeconds");
        return json.ToJsonString();
    }

    private static IEnumerable<(long Time, decimal Rate)> Final(IEnumerable<BarWriter> writers) =>
        writers.SelectMany(writer => writer.Acknowledged.Where(bar => !writer.InFlight.ContainsKey(bar.Key)).Concat(writer.InFlight)).Select(bar => (bar.Key, bar.Value));

    private static async Task<Dictionary<long, decimal>> BarsAsync(HttpClient http, string token)
    {
        Answer rates = (await http.GetAnswerAsync($"/v1/tokens/{token}/rates")).Ok();
        return rates.Times().Zip(rates.Decimals("close")).ToDictionary(bar => bar.First, bar => bar.Second);
    }

    private static (int, int, int) Counts(Answer answer)
    {
        Assert.Empty(answer["rejected"].EnumerateArray());
        return (answer["accepted"].GetInt32(), answer["unchanged"].GetInt32(), answer["corrected"].GetInt32());
    }

    private static async Task<Answer> IngestAsync(HttpClient http, string token, IReadOnlyCollection<(long, decimal)> bars) =>
        (await http.IngestAsync(token, bars)).Ok();

    private async Task WriteAsync(HttpClient http, string token, BarWriter writer)
    {
        try
        {
            while (!_interrupted)
            {
                await SendNextAsync(http, token, writer);
                if (Interlocked.Increment(ref _acknowledged) == _interruptAfter)
                {
                    _moment.TrySetResult();
                }
            }
        }
        catch (HttpRequestException) when (_interrupted)
        {
            // What is in flight stays so.
        }
    }

    private async Task SendNextAsync(HttpClient http, string token, BarWriter writer)
    {
        IReadOnlyList<(long, decimal)> batch = writer.Next();
        Answer answer = await IngestAsync(http, token, batch);
        Assert.Equal(BarWriter.Outcome(batch, writer.Acknowledged), Counts(answer));
        writer.Acknowledge();
        _watermarks.Acknowledged(token, answer["revision"].GetInt64());
    }

    private async Task ReadAsync(Func<Task> read)
    {
        try
        {
            while (!_interrupted)
            {
                await read();
            }
        }
        catch (HttpRequestException) when (_interrupted)
        {
            // Nobody is there any more.
        }
    }
}
