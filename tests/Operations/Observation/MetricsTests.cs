using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Operations.Observation;

/// <summary>What real processes tell of what they do.</summary>
public sealed class MetricsTests
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task What_came_and_what_was_asked_is_counted()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.StartAsync(folder);
        await silo.Http.RegisterAsync("counted");
        (await silo.Http.IngestAsync("counted", (Start, 2m), (Start + 300, 3m))).Ok();
        (await silo.Http.IngestAsync("counted", (Start, 2m), (Start + 300, 4m), (Start + 600, 0m))).Ok();
        for (int i = 0; i < 3; i++)
        {
            (await silo.Http.GetAnswerAsync("/v1/tokens/counted/pnl")).Ok();
        }

        Scrape seen = await Scrape.OfAsync(silo.Http);
        Assert.Equal(
            new() { ["accepted"] = 2, ["corrected"] = 1, ["unchanged"] = 1, ["rejected"] = 0 },
            seen.By("outcome", "pnl_bars_ingested_total", ("way", "call")));
        Assert.Equal(1, seen.By("code", "pnl_bars_refused_total")["rate.zero"]); // it never came to the token
        Assert.Equal(0, seen.Sum("pnl_bars_ingested_total", ("way", "stream")) + seen.Sum("pnl_bars_ingested_total", ("way", "history")));
        Assert.Equal(new() { ["durable"] = 3 }, seen.By("outcome", "pnl_store_write_duration_seconds_count")); // registered, and two requests
        Assert.Equal(new() { ["fresh"] = 0, ["stale"] = 1, ["empty"] = 0, ["delisted"] = 0 }, seen.By("state", "pnl_tokens"));
        Assert.Equal(0, seen.Sum("pnl_gaps_open"));
        Assert.Equal(1, seen.By("grain_type", "orleans_grains")["token"]);
        Assert.Equal(3, seen.Sum("http_server_request_duration_seconds_count", ("http_route", "/v1/tokens/{id}/pnl"), ("http_response_status_code", "200")));

        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/tokens/counted", Requests.Json("""{"delisted":"2022-01-01T00:00:00Z"}"""))).Ok();
        Assert.Equal(1, (await Scrape.OfAsync(silo.Http)).By("state", "pnl_tokens")["delisted"]);
    }

    [Fact]
    public async Task What_comes_by_streams_is_counted_by_partition_with_its_watermark()
    {
        const int Bars = 40;
        using DataFolder folder = new(), files = new();
        foreach (string symbol in (string[])["AAA", "BBB", "CCC"])
        {
            await File.WriteAllLinesAsync(
                Path.Combine(files.Path, $"{symbol}-USD.csv"),
                ["time,rate", .. Enumerable.Range(0, Bars).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Start + 300 * i},{1 + i}.5"))],
                TestContext.Current.CancellationToken);
        }

        using SiloProcess silo = await SiloProcess.ListeningAsync(folder, "--Pnl:Feed=replay", $"--Pnl:Replay:Path={files.Path}", "--Pnl:Replay:Speed=max");
        await silo.ReadyAsync(Limit);
        Scrape seen = await UntilAsync(silo.Http, scrape => scrape.Sum("pnl_bars_ingested_total", ("way", "stream")) == 3 * Bars);
        Assert.Equal(3 * Bars, seen.Sum("pnl_bars_ingested_total", ("way", "stream"), ("outcome", "accepted")));

        // The last event is counted when all of its bars are durable.
        seen = await UntilAsync(silo.Http, scrape => scrape.Sum("pnl_stream_bars_total") == 3 * Bars);
        Dictionary<string, double> marks = seen.By("stream", "pnl_stream_watermark_timestamp_seconds");
        Assert.NotEmpty(marks);
        Assert.All(marks.Values, close => Assert.Equal(Start + 300 * Bars, close));
        Assert.Equal(marks.Keys.Order(), seen.By("stream", "pnl_stream_bars_total").Keys.Order());
        Assert.Equal(marks.Keys.Order(), seen.By("stream", "pnl_stream_lag_seconds_count").Keys.Order());
        Assert.DoesNotContain("pnl_feed_watermark_timestamp_seconds", seen.Names); // the past is played: how far behind it is says nothing
    }

    [Fact]
    public async Task A_live_feed_tells_how_far_it_is_and_a_backfill_too()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.ListeningAsync(folder, "--Pnl:Simulated:Tokens=12", "--Pnl:Simulated:HistoryDays=2");
        await silo.ReadyAsync(Limit);
        Scrape seen = await UntilAsync(silo.Http, scrape => scrape.Names.Contains("pnl_feed_watermark_timestamp_seconds"));
        double mark = seen.By("source", "pnl_feed_watermark_timestamp_seconds")["simulated"];
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - mark, 0, 900);
        Assert.Equal(0, mark % 300);
        Assert.Equal(0, seen.By("source", "pnl_feed_failures_total")["simulated"]);
        Assert.True(seen.Sum("pnl_segments_written_total") > 0 && seen.Sum("pnl_segments_written_size_bytes_total") > 0);

        string token = (await silo.Http.GetAnswerAsync("/v1/tokens?limit=1")).Ok()["items"][0].GetProperty("id").GetString()!;
        string from = DateTimeOffset.FromUnixTimeSeconds((long)mark).AddDays(-9).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        Answer begun = (await silo.Http.SendAsync(HttpMethod.Post, "/v1/backfills", Requests.Json($$"""{"tokens":["{{token}}"],"source":"simulated","from":"{{from}}"}""")));
        string path = $"/v1/backfills/{begun["id"].GetString()}";
        Answer status = begun;
        while (status["status"].GetString() == "running")
        {
            await Task.Delay(50, TestContext.Current.CancellationToken); // how far it is can only be asked for
            status = (await silo.Http.GetAnswerAsync(path)).Ok();
        }

        Assert.Equal("completed", status["status"].GetString());
        seen = await Scrape.OfAsync(silo.Http);
        double landed = status["bars"].GetProperty("landed").GetDouble();
        Assert.True(landed > 1000, status.Text);
        Assert.Equal(landed, seen.Sum("pnl_backfill_bars_total", ("source", "simulated"), ("kind", "Backfill")));
        Assert.Equal(landed, seen.Sum("pnl_bars_ingested_total", ("way", "history"), ("outcome", "accepted")));
        Assert.Equal(["done", "failed", "remaining"], seen.By("state", "pnl_backfill_tokens", ("source", "simulated")).Keys.Order());
        Assert.Equal(0, seen.Sum("pnl_backfill_tokens")); // none runs any more

        using HttpResponseMessage listener = await silo.Http.GetAsync(new Uri($"/v1/stream?tokens={token}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(1, (await Scrape.OfAsync(silo.Http)).Sum("pnl_stream_listeners"));
    }

    [Fact]
    public async Task Where_metrics_have_a_port_of_their_own_they_are_not_beside_the_API()
    {
        int port = FreePort();
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.ListeningAsync(folder, "--Pnl:Feed=none", $"--Pnl:MetricsPort={port}");
        await silo.ReadyAsync(Limit);
        string host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAnswerAsync("/metrics")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAnswerAsync("/metrics", ("Host", host))).Status); // whatever a client says
        using HttpClient http = new() { BaseAddress = new($"http://{host}") };
        Assert.Contains("pnl_tokens", (await Scrape.OfAsync(http)).Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_a_cluster_they_are_on_their_own_port_or_nowhere(bool hasPort)
    {
        int port = FreePort();
        using DataFolder folder = new();

        // A gateway lives though it reaches neither storage nor silo, and can be watched.
        using SiloProcess gateway = await SiloProcess.ListeningAsync(
            folder,
            ["--Pnl:Profile=cluster", "--Pnl:Role=gateway",
            "--Pnl:AzureStorage:ConnectionString=DefaultEndpointsProtocol=http;AccountName=none;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/none;TableEndpoint=http://127.0.0.1:1/none;",
            .. hasPort ? (string[])[string.Create(CultureInfo.InvariantCulture, $"--Pnl:MetricsPort={port}")] : []]);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAnswerAsync("/health/live")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.GetAnswerAsync("/metrics")).Status);
        if (hasPort)
        {
            using HttpClient http = new() { BaseAddress = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
            Assert.Contains("pnl_stream_listeners", (await Scrape.OfAsync(http)).Names);
        }
    }

    [Theory]
    [InlineData("--Pnl:MetricsPort=none", "Pnl:MetricsPort")]
    [InlineData("--Pnl:Otlp=collector:4317", "Pnl:Otlp")]
    public async Task A_wrong_setting_is_named(string argument, string name)
    {
        using DataFolder folder = new();
        using ProgramRun run = SiloProcess.Launch(folder, null, argument);
        Assert.Equal(1, await run.ExitAsync(Limit));
        Assert.Contains(name, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meters_traces_and_logs_go_to_a_collector()
    {
        await using Collector collector = Collector.Start(FreePort());
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.ListeningAsync(
            folder, "--Pnl:Feed=none", $"--Pnl:Otlp={collector.Address}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_METRIC_EXPORT_INTERVAL=200", "--OTEL_BSP_SCHEDULE_DELAY=200",
            "--OTEL_BLRP_SCHEDULE_DELAY=200", "--OTEL_TRACES_SAMPLER=always_on");
        await silo.ReadyAsync(Limit);
        await silo.Http.RegisterAsync("traced");
        (await silo.Http.GetAnswerAsync("/v1/tokens/traced/pnl")).Ok();
        await collector.HasAsync("/v1/metrics", "pnl.bars.ingested");
        await collector.HasAsync("/v1/metrics", "orleans-pnl-silo");
        await collector.HasAsync("/v1/traces", "/v1/tokens/traced/pnl");
        await collector.HasAsync("/v1/traces", "GetPnl"); // the grain's call, in the same trace
        await collector.HasAsync("/v1/logs", "Application started");
    }

    private static async Task<Scrape> UntilAsync(HttpClient http, Func<Scrape, bool> holds)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Limit);
        while (true)
        {
            Scrape seen = await Scrape.OfAsync(http);
            if (holds(seen))
            {
                return seen;
            }

            await Task.Delay(100, late.Token); // metrics can only be asked for
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A collector that keeps what it is sent, as bytes: names in it are UTF-8.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Dictionary<string, string> _bodies = [];
        private readonly List<(string Path, string Text, TaskCompletionSource Done)> _waiting = [];
        private readonly Task _work;

        private Collector(int port)
        {
            Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _work = TakeAsync();
        }

        public string Address { get; }

        public static Collector Start(int port) => new(port);

        public async Task HasAsync(string path, string text)
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_bodies)
            {
                if (_bodies.TryGetValue(path, out string? all) && all.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                _waiting.Add((path, text, done));
            }

            try
            {
                await done.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{path} was not sent '{text}'");
            }
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _work;
        }

        private async Task TakeAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    using MemoryStream body = new();
                    await context.Request.InputStream.CopyToAsync(body);
                    string path = context.Request.Url!.AbsolutePath;
                    lock (_bodies)
                    {
                        string all = _bodies[path] = _bodies.GetValueOrDefault(path, "") + Encoding.UTF8.GetString(body.ToArray());
                        foreach ((_, _, TaskCompletionSource done) in _waiting.Where(waiting => waiting.Path == path && all.Contains(waiting.Text, StringComparison.Ordinal)))
                        {
                            done.TrySetResult();
                        }
                    }

                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    // The end, or a sender that went.
                }
            }
        }
    }
}
