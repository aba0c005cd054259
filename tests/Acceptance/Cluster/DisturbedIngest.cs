using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Pnl.Tests.Acceptance.Durability;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>
/// Clients send bars of many tokens to a cluster and others ask for them, while something befalls it. A client that got no
/// answer sends the same again. In the end all that was acknowledged must be there, and the answers must be those of a silo
/// that nothing befell.
/// </summary>
internal sealed class DisturbedIngest
{
    private const int Writers = 3, Readers = 4;
    private const int ComparedOneOf = 5;
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(20), BetweenLists = TimeSpan.FromMilliseconds(200); // so that the clients leave most of the machine to the silos

    private readonly string _prefix;
    private readonly int _seed;
    private readonly (string Token, BarWriter Writer)[] _tokens;
    private readonly string[] _watched;
    private readonly Watermarks _watermarks = new();
    private readonly ConcurrentBag<(long Began, TimeSpan Took)> _queries = [];
    private readonly ConcurrentBag<string> _failures = [];
    private volatile bool _ending;
    private int _acknowledged, _sentAgain;

    /// <param name="name">What the ids of its tokens begin with.</param>
    /// <param name="seed">Decides what is sent and asked.</param>
    /// <param name="tokens">How many tokens it sends bars of.</param>
    /// <param name="watched">Tokens of others that it asks for, too.</param>
    public DisturbedIngest(string name, int seed, int tokens, params IReadOnlyList<string> watched)
    {
        (_prefix, _seed) = ($"{name}-{seed}-", seed);
        _tokens = [.. Enumerable.Range(0, tokens).Select(i => ($"{_prefix}{i:d3}", new BarWriter(seed, i, 0, 1)))];
        _watched = [.. _tokens.Select(token => token.Token), .. watched];
    }

    /// <summary>The bars that were acknowledged, by token and open time.</summary>
    public IEnumerable<(string Token, IReadOnlyDictionary<long, decimal> Bars)> Acknowledged => _tokens.Select(token => (token.Token, (IReadOnlyDictionary<long, decimal>)token.Writer.Acknowledged));

    /// <summary>Queries that were not answered with 200.</summary>
    public IReadOnlyCollection<string> FailedQueries => _failures;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Sends and asks until the disturbance is over and <paramref name="after"/> more calls are acknowledged.</summary>
    /// <param name="http">The gateway.</param>
    /// <param name="askedToo">Silos that are asked as well as the gateway.</param>
    /// <param name="before">Calls that are acknowledged before it.</param>
    /// <param name="disturb">What befalls it.</param>
    /// <param name="after">Calls that are acknowledged after it.</param>
    /// <returns>What came of it, for the log.</returns>
    public async Task<string> RunAsync(HttpClient http, IReadOnlyList<SiloProcess> askedToo, int before, Func<Task> disturb, int after)
    {
        await Parallel.ForEachAsync(_tokens, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation }, async (token, _) => await http.RegisterAsync(token.Token));
        HttpClient[] asked = [http, .. askedToo.Select(silo => silo.Http)];
        Task[] clients =
        [
            .. Enumerable.Range(0, Writers).Select(i => WriteAsync(http, i)),
            .. Enumerable.Range(0, Readers).Select(i => ReadAsync(asked[i % asked.Length], i)),
            ListAsync(asked[^1]),
        ];
        Task all = Task.WhenAll(clients);
        Task failed = Task.WhenAny(clients).Unwrap(); // none ends by itself but by a failure
        await ReachAsync(before, failed);
        long moment = Stopwatch.GetTimestamp();
        await await Task.WhenAny(disturb(), failed);
        TimeSpan lasted = Stopwatch.GetElapsedTime(moment);
        await ReachAsync(Volatile.Read(ref _acknowledged) + after, failed);
        _ending = true;
        await all;
        return $"{_acknowledged} calls acknowledged, {_tokens.Sum(token => token.Writer.Acknowledged.Count)} bars, {_sentAgain} calls sent again, {_queries.Count} queries, {_failures.Count} failed; " +
            $"the disturbance took {lasted.TotalSeconds:f1} s; {QueriesAt(moment)}";
    }

    /// <summary>How long the queries took that were at work at a moment or began within 3 s of it.</summary>
    public string QueriesAt(params IReadOnlyCollection<long> moments)
    {
        TimeSpan[] affected =
        [
            .. _queries.Where(query => moments.Any(moment =>
                query.Began + query.Took.Ticks * (Stopwatch.Frequency / (double)TimeSpan.TicksPerSecond) > moment && query.Began < moment + Stopwatch.Frequency * 3)).Select(query => query.Took).Order(),
        ];
        return $"of {affected.Length} queries at work within 3 s of its begin p50 {At(affected, 0.5):f2} s, p95 {At(affected, 0.95):f2} s, longest {At(affected, 1):f2} s";
    }

    /// <summary>Asks a silo of which it is not known whether it answers: if it does, nothing may have gone back.</summary>
    /// <returns>How many of the questions it answered.</returns>
    public async Task<int> AskAsync(HttpClient http, int questions)
    {
        int answered = 0;
        await Task.WhenAll(Enumerable.Range(0, questions).Select(async i =>
        {
            try
            {
                await _watermarks.ReadPnlAsync(http, _watched[i % _watched.Length]);
                Interlocked.Increment(ref answered);
            }
            catch (Exception e) when (e is NotAnsweredException or HttpRequestException)
            {
                // which is no wrong answer
            }
        }));
        return answered;
    }

    /// <summary>Checks every bar of every token, and all answers beside those of a silo that got the same bars in order.</summary>
    public async Task CheckAsync(HttpClient http, HttpClient untouched)
    {
        await Parallel.ForEachAsync(_tokens, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (token, _) =>
        {
            await _watermarks.ReadPnlAsync(http, token.Token);
            Answer rates = (await http.GetAnswerAsync($"/v1/tokens/{token.Token}/rates")).Ok();
            Dictionary<long, decimal> held = rates.Times().Zip(rates.Decimals("close")).ToDictionary(bar => bar.First, bar => bar.Second);
            Assert.Empty(token.Writer.InFlight);
            Assert.Equal(token.Writer.Acknowledged.OrderBy(bar => bar.Key), held.OrderBy(bar => bar.Key));
            (long Time, decimal Rate)[] bars = [.. held.OrderBy(bar => bar.Key).Select(bar => (bar.Key, bar.Value))];
            if (Array.IndexOf(_tokens, token) % ComparedOneOf != 0)
            {
                return;
            }

            await untouched.RegisterAsync(token.Token);
            if (bars.Length > 0)
            {
                (await untouched.IngestAsync(token.Token, bars)).Ok();
            }

            foreach (string call in (string[])["pnl", "pnl/series", "pnl/series?interval=1d&quantity=3", "rates?interval=1w"])
            {
                string path = $"/v1/tokens/{token.Token}/{call}";
                Assert.Equal(Stripped(await untouched.GetAnswerAsync(path)), Stripped(await http.GetAnswerAsync(path)));
            }
        });
        await _watermarks.ReadListAsync(http, _prefix);
    }

    private static double At(TimeSpan[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))].TotalSeconds;

    private static string Stripped(Answer answer)
    {
        // The way to the same bars may have taken more revisions, and the clock goes on.
        JsonObject json = JsonNode.Parse(answer.Ok().Text)!.AsObject();
        json.Remove("revision");
        json.Remove("ageSeconds");
        return json.ToJsonString();
    }

    private async Task ReachAsync(int acknowledged, Task failed)
    {
        while (Volatile.Read(ref _acknowledged) < acknowledged)
        {
            await await Task.WhenAny(Task.Delay(20, Cancellation), failed); // progress is counted by many
        }
    }

    private async Task WriteAsync(HttpClient http, int writer)
    {
        Random random = new(_seed * 100 + writer);
        (string Token, BarWriter Writer)[] own = [.. _tokens.Where((_, i) => i % Writers == writer)];
        while (!_ending)
        {
            (string token, BarWriter bars) = own[random.Next(own.Length)];
            IReadOnlyList<(long, decimal)> batch = bars.Next();
            Answer answer;
            while ((answer = await http.IngestAsync(token, batch)).Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            {
                Interlocked.Increment(ref _sentAgain);
            }

            Assert.Equal(batch.Count, answer.Ok()["accepted"].GetInt32() + answer["unchanged"].GetInt32() + answer["corrected"].GetInt32());
            bars.Acknowledge();
            _watermarks.Acknowledged(token, answer["revision"].GetInt64());
            Interlocked.Increment(ref _acknowledged);
            await Task.Delay(BetweenCalls, Cancellation);
        }
    }

    private async Task ReadAsync(HttpClient http, int reader)
    {
        Random random = new(_seed * 100 + 50 + reader);
        while (!_ending)
        {
            await AskAsync(() => _watermarks.ReadPnlAsync(http, _watched[random.Next(_watched.Length)]));
            await Task.Delay(BetweenCalls, Cancellation);
        }
    }

    private async Task ListAsync(HttpClient http)
    {
        while (!_ending)
        {
            await AskAsync(() => _watermarks.ReadListAsync(http, _prefix));
            await Task.Delay(BetweenLists, Cancellation);
        }
    }

    private async Task AskAsync(Func<Task> ask)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            await ask();
        }
        catch (NotAnsweredException e)
        {
            _failures.Add(e.Message);
        }

        _queries.Add((began, Stopwatch.GetElapsedTime(began)));
    }
}
