using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Pnl.Rates;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Pnl.Tests.Unit.Sources;

/// <summary>An exchange on loopback that answers what it is told, one answer after the other, and the sources that ask it.</summary>
internal sealed class FakeExchange : IAsyncDisposable
{
    private readonly WireMockServer _server = WireMockServer.Start();
    private readonly ServiceProvider _services;
    private int _states;

    public FakeExchange(Action<CandleSourcesOptions>? configure = null, TimeProvider? time = null)
    {
        Quota = new(time ?? Time);
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(time ?? Time);
        services.AddSingleton<IRequestQuota>(Quota);
        services.AddCandleSources(o =>
        {
            foreach (string name in (string[])["binance", "bitfinex", "bitstamp", "bybit", "coinbase", "coingecko", "kraken", "okx"])
            {
                o.Sources[name] = new() { Address = new Uri(_server.Url + "/") };
            }

            o.TryTimeout = TimeSpan.FromMinutes(30); // the time of the test runs fast
            o.Jitter = () => 0.5;
            configure?.Invoke(o);
        });
        _services = services.BuildServiceProvider(validateScopes: true);
    }

    /// <summary>13 March 2024, 12:00:10; the clock of the server, which writes its answers, is later than that.</summary>
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2024, 3, 13, 12, 0, 10, TimeSpan.Zero));

    public RecordingQuota Quota { get; }

    /// <summary>Paths and queries that were asked, in order.</summary>
    public IReadOnlyList<string> Asked => [.. _server.LogEntries.Select(e => e.RequestMessage!.Url![_server.Url!.Length..])];

    /// <summary>A header of the last request.</summary>
    public string? Header(string name) => _server.LogEntries[^1].RequestMessage!.Headers![name].FirstOrDefault();

    public static IResponseBuilder Json(string body, int status = 200) => Response.Create()
        .WithStatusCode(status).WithHeader("Content-Type", "application/json").WithBody(body);

    /// <summary>A candle of Binance for each slot, its rate the number of the slot.</summary>
    public static IResponseBuilder Klines(params IEnumerable<int> slots) => Json($"[{string.Join(',', slots.Select(Kline))}]");

    public static string Kline(int slot) =>
        string.Create(CultureInfo.InvariantCulture, $$"""[{{slot * 300_000L}},"{{slot}}","{{slot}}","{{slot}}","{{slot}}","1",0]""");

    public ICandleSource Source(string name) =>
        _services.GetRequiredService<CandleSources>().TryGet(name, out ICandleSource? source) ? source : throw new ArgumentException(name);

    /// <summary>Answers these in turn, and the last one ever after.</summary>
    public void Answers(params IResponseBuilder[] answers)
    {
        string scenario = $"scenario {_states++}";
        for (int i = 0; i < answers.Length; i++)
        {
            var given = _server.Given(WireMock.RequestBuilders.Request.Create().UsingAnyMethod()).InScenario(scenario);
            if (i > 0)
            {
                given = given.WhenStateIs($"{i}");
            }

            if (i < answers.Length - 1)
            {
                given = given.WillSetStateTo($"{i + 1}");
            }

            given.RespondWith(answers[i]);
        }
    }

    /// <summary>Lets time run fast, some hundred times as fast as ours, until the work is done.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> work)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        Task<T> running = work(limit.Token).AsTask();
        while (!running.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(running, Task.Delay(1, limit.Token));
        }

        return await running;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Quota.Dispose();
        _server.Stop();
        _server.Dispose();
    }
}
