using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>
/// An exchange that speaks as Binance does, on a free port of the loopback address: candles of the simulated market, a hard
/// limit, and answers that go wrong by seed. It keeps account of all that is asked of it.
/// </summary>
internal sealed class FakeBinance : IAsyncDisposable
{
    private const int ListWeight = 20, PageWeight = 2, PriceWeight = 2, AllPricesWeight = 4;

    private readonly WebApplication _app;
    private readonly Dictionary<string, TradedPair> _pairs;
    private readonly Faults _faults;
    private readonly ConcurrentDictionary<string, int> _tries = new();
    private readonly ConcurrentDictionary<(string Symbol, int FirstSlot), int> _served = new();
    private readonly int[] _met = new int[Enum.GetValues<Fault>().Length];
    private readonly ConcurrentQueue<(int Pages, TaskCompletionSource Reached)> _waiting = new();
    private volatile TaskCompletionSource _open = Opened();
    private int _pages, _requests;

    private FakeBinance(IEnumerable<TradedPair> pairs, WeightLimit limit, Faults faults)
    {
        _pairs = pairs.ToDictionary(pair => pair.Symbol);
        (Limit, _faults) = (limit, faults);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public WeightLimit Limit { get; }

    public string Address => _app.Urls.Single() + "/";

    public IReadOnlyCollection<TradedPair> Pairs => _pairs.Values;

    /// <summary>Requests so far, of any kind.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Pages of candles that were answered rightly and whole.</summary>
    public int Pages => Volatile.Read(ref _pages);

    /// <summary>When the first page of candles was answered since <see cref="Release"/>, as a timestamp of the stopwatch; 0 before.</summary>
    public long FirstPageAt { get; private set; }

    /// <summary>How often each page was answered rightly and whole.</summary>
    public IReadOnlyDictionary<(string Symbol, int FirstSlot), int> Served => _served;

    /// <summary>How often each fault was met.</summary>
    public IReadOnlyDictionary<Fault, int> Met => Enum.GetValues<Fault>().Where(fault => fault != Fault.None).ToDictionary(fault => fault, fault => Volatile.Read(ref _met[(int)fault]));

    public static async Task<FakeBinance> StartAsync(IEnumerable<TradedPair> pairs, WeightLimit limit, Faults faults)
    {
        FakeBinance exchange = new(pairs, limit, faults);
        await exchange._app.StartAsync();
        return exchange;
    }

    /// <summary>Ends once so many pages are served.</summary>
    public Task PagesAsync(int pages)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((pages, reached));
        Tell(Pages);
        return reached.Task;
    }

    /// <summary>Answers no candles until <see cref="Release"/>; requests for them wait.</summary>
    public void Hold()
    {
        _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FirstPageAt = 0;
    }

    /// <summary>Answers candles again.</summary>
    public void Release() => _open.TrySetResult();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static TaskCompletionSource Opened()
    {
        TaskCompletionSource open = new();
        open.SetResult();
        return open;
    }

    private static Task ProblemAsync(HttpContext http, int status, int code, string message) =>
        WriteAsync(http, status, "application/json", Encoding.UTF8.GetBytes($$"""{"code":{{code}},"msg":"{{message}}"}"""));

    private static async Task WriteAsync(HttpContext http, int status, string type, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _requests);
        string path = http.Request.Path;
        IQueryCollection query = http.Request.Query;
        string symbol = query["symbol"].ToString();
        int weight = path switch
        {
            "/api/v3/exchangeInfo" => ListWeight,
            "/api/v3/klines" => PageWeight,
            "/api/v3/ticker/price" => symbol.Length > 0 ? PriceWeight : AllPricesWeight,
            _ => 1,
        };
        (int status, TimeSpan retryAfter) = Limit.Take(weight, out int used);
        http.Response.Headers["X-MBX-USED-WEIGHT-1M"] = http.Response.Headers["X-MBX-USED-WEIGHT"] = used.ToString(CultureInfo.InvariantCulture);
        if (status != 200)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await ProblemAsync(http, status, -1003, "Too much request weight used; please use WebSocket Streams for live updates to avoid polling the API.");
            return;
        }

        switch (path)
        {
            case "/api/v3/exchangeInfo":
                await WithFaultsAsync(http, path, () => Encoding.UTF8.GetBytes(List()));
                break;
            case "/api/v3/ticker/price":
                await WithFaultsAsync(http, path, () => Encoding.UTF8.GetBytes(Prices(symbol)));
                break;
            case "/api/v3/klines" when !_pairs.ContainsKey(symbol):
                await ProblemAsync(http, 400, -1121, "Invalid symbol.");
                break;
            case "/api/v3/klines" when query["interval"] != "5m" || query["limit"] != "1000" || !long.TryParse(query["startTime"], out _) || !long.TryParse(query["endTime"], out _):
                await ProblemAsync(http, 400, -1102, "A mandatory parameter was not sent, was empty/null, or malformed.");
                break;
            case "/api/v3/klines":
                await PageAsync(http, _pairs[symbol], Slot(query["startTime"]!, up: true), Slot(query["endTime"]!, up: false) + 1);
                break;
            default:
                http.Response.StatusCode = 404;
                break;
        }
    }

    private static int Slot(string milliseconds, bool up) =>
        (int)((long.Parse(milliseconds, CultureInfo.InvariantCulture) + (up ? 299_999 : 0)) / 300_000);

    private async Task PageAsync(HttpContext http, TradedPair pair, int from, int to)
    {
        await _open.Task.WaitAsync(http.RequestAborted);
        if (await WithFaultsAsync(http, $"{pair.Symbol}@{from}", () => KlineJson.Of(pair.Page(from, Math.Min(to, BarTime.SlotAt(TimeProvider.System.GetUtcNow()) + 1)), pair.Scale)))
        {
            FirstPageAt = FirstPageAt == 0 ? Stopwatch.GetTimestamp() : FirstPageAt;
            _served.AddOrUpdate((pair.Symbol, from), 1, (_, times) => times + 1);
            Tell(Interlocked.Increment(ref _pages));
        }
    }

    /// <summary>Answers rightly, or as the fate of this try is; whether the client has the right answer whole.</summary>
    private async Task<bool> WithFaultsAsync(HttpContext http, string what, Func<byte[]> right)
    {
        int tried = _tries.AddOrUpdate(what, 0, (_, tries) => tries + 1);
        Fault fault = _faults.Of(what, tried);
        byte[] body = fault is Fault.None or Fault.Slow or Fault.CutOff or Fault.HalfJson or Fault.EmptyPage ? right() : [];
        if (fault == Fault.EmptyPage && body is [(byte)'[', (byte)']'])
        {
            fault = Fault.None; // the truth
        }

        Interlocked.Increment(ref _met[(int)fault]);
        switch (fault)
        {
            case Fault.InternalError:
                await ProblemAsync(http, 500, -1000, "An unknown error occurred while processing the request.");
                return false;
            case Fault.Unavailable:
                await WriteAsync(http, 503, "text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>"u8.ToArray());
                return false;
            case Fault.Slow:
                await Task.Delay(_faults.Delay(what), http.RequestAborted);
                break;
            case Fault.CutOff:
                http.Response.ContentLength = body.Length;
                await http.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
                await http.Response.Body.FlushAsync();
                http.Abort();
                return false;
            case Fault.HalfJson:
                await WriteAsync(http, 200, "application/json", body.AsMemory(0, body.Length / 2));
                return false;
            case Fault.OtherJson:
                await WriteAsync(http, 200, "application/json", """{"result":null}"""u8.ToArray());
                return false;
            case Fault.Html:
                await WriteAsync(http, 200, "text/html", "<html><body>Please check your browser</body></html>"u8.ToArray());
                return false;
            case Fault.Reset:
                http.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
                return false;
            case Fault.NoBody:
                await WriteAsync(http, 200, "application/json", ReadOnlyMemory<byte>.Empty);
                return false;
            case Fault.EmptyPage:
                await WriteAsync(http, 200, "application/json", "[]"u8.ToArray());
                return false;
        }

        await WriteAsync(http, 200, "application/json", body);
        return !http.RequestAborted.IsCancellationRequested;
    }

    private void Tell(int pages)
    {
        foreach ((int wanted, TaskCompletionSource reached) in _waiting)
        {
            if (pages >= wanted)
            {
                reached.TrySetResult();
            }
        }
    }

    private string List() => JsonSerializer.Serialize(new
    {
        timezone = "UTC",
        serverTime = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        rateLimits = new[] { new { rateLimitType = "REQUEST_WEIGHT", interval = "SECOND", intervalNum = (int)Limit.Window.TotalSeconds, limit = Limit.Allowed } },
        symbols = _pairs.Values.Select(pair => new { symbol = pair.Symbol, status = "TRADING", baseAsset = pair.Base, quoteAsset = "USDT" }),
    });

    private string Prices(string symbol)
    {
        int now = BarTime.SlotAt(TimeProvider.System.GetUtcNow());
        var prices = _pairs.Values.Where(pair => symbol.Length == 0 || pair.Symbol == symbol)
            .SelectMany(pair => pair.Closes(now - 12, now).Ticks.TakeLast(1).Select(ticks => new { symbol = pair.Symbol, price = (ticks / (decimal)Math.Pow(10, pair.Scale)).ToString(CultureInfo.InvariantCulture) }));
        return symbol.Length == 0 ? JsonSerializer.Serialize(prices) : JsonSerializer.Serialize(prices.Single());
    }
}
