using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Web;

namespace Pnl.Tests.Unit.Cli;

/// <summary>A gateway that keeps what it is sent in memory, without a network, and can be told to misbehave.</summary>
internal sealed class StubServer : HttpMessageHandler
{
    private readonly Lock _lock = new();

    /// <summary>Quote by token.</summary>
    public ConcurrentDictionary<string, string> Tokens { get; } = new();

    /// <summary>Rate by token and time.</summary>
    public Dictionary<(string Token, long Time), string> Bars { get; } = [];

    /// <summary>Token, rows and covered range of each call that was answered, in order.</summary>
    public List<(string Token, int Rows, long From, long To)> Calls { get; } = [];

    /// <summary>Interval and rows of each call that names one.</summary>
    public List<(string Interval, int Rows)> Intervals { get; } = [];

    /// <summary>Bars that open later than this are rejected as future ones.</summary>
    public long Now { get; init; } = long.MaxValue;

    /// <summary>Answers to give instead of the right ones, first come first served.</summary>
    public ConcurrentQueue<Func<HttpResponseMessage>> Instead { get; } = new();

    /// <summary>How many rows to leave out of each answer's counts.</summary>
    public int Forgets { get; init; }

    public static HttpResponseMessage Json(HttpStatusCode status, object body) =>
        new(status) { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        if (Instead.TryDequeue(out Func<HttpResponseMessage>? instead))
        {
            return instead();
        }

        string[] path = request.RequestUri!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string id = path[2];
        lock (_lock)
        {
            if (request.Method == HttpMethod.Put)
            {
                string quote = JsonDocument.Parse(body).RootElement.GetProperty("quote").GetString()!;
                Tokens[id] = quote;
                return Token(id, quote);
            }

            if (!Tokens.TryGetValue(id, out string? known))
            {
                return Json(HttpStatusCode.NotFound, new { title = "No such token", code = "token.unknown", detail = id });
            }

            return request.Method == HttpMethod.Post
                ? Ingest(id, body, HttpUtility.ParseQueryString(request.RequestUri.Query))
                : Token(id, known);
        }
    }

    private static HttpResponseMessage Token(string id, string quote) => Json(HttpStatusCode.OK, new { id, symbol = id, name = id, quote, bars = 0, status = "registered", sources = new { } });

    private HttpResponseMessage Ingest(string id, string body, System.Collections.Specialized.NameValueCollection query)
    {
        using JsonDocument sent = JsonDocument.Parse(body);
        long[] times = [.. sent.RootElement.GetProperty("time").EnumerateArray().Select(time => time.GetInt64())];
        string[] rates = [.. sent.RootElement.GetProperty("rate").EnumerateArray().Select(rate => rate.GetRawText())];
        Assert.Equal(times.Length, rates.Length);
        (int accepted, int unchanged, int corrected) = (-Forgets, 0, 0);
        List<object> rejected = [];
        for (int i = 0; i < times.Length; i++)
        {
            long time = times[i];
            if (time > Now)
            {
                rejected.Add(new { index = i, time = DateTimeOffset.FromUnixTimeSeconds(time), code = "time.inFuture" });
            }
            else if (!Bars.TryGetValue((id, time), out string? rate))
            {
                accepted++;
                Bars[(id, time)] = rates[i];
            }
            else if (rate == rates[i])
            {
                unchanged++;
            }
            else
            {
                corrected++;
                Bars[(id, time)] = rates[i];
            }
        }

        long Covered(string name) => long.Parse(query[name] ?? "-1", CultureInfo.InvariantCulture);
        if (query["interval"] is { } interval)
        {
            Intervals.Add((interval, times.Length));
        }

        Calls.Add((id, times.Length, Covered("coveredFrom"), Covered("coveredTo")));
        return Json(HttpStatusCode.OK, new { accepted, unchanged, corrected, rejected });
    }
}
