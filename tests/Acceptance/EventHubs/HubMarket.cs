using System.Text.Json;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Pnl.Tests.Acceptance.Cluster;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;
using Producer;

namespace Pnl.Tests.Acceptance.EventHubs;

/// <summary>
/// Bars of some tokens by seed, a hub to publish them to with what the sample producer is made of, and a silo that takes them from there.
/// </summary>
internal sealed class HubMarket : IDisposable
{
    public const int Partitions = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), BetweenLooks = TimeSpan.FromMilliseconds(50);

    // As a producer of the world has them, but for the pauses between tries.
    private static readonly EventHubsRetryOptions Retries = new() { MaximumRetries = 50, Delay = TimeSpan.FromMilliseconds(50), MaximumDelay = TimeSpan.FromSeconds(1), TryTimeout = TimeSpan.FromSeconds(10) };

    private readonly DataFolder _events, _data = new();
    private readonly string[] _settings;
    private ClusterProcesses? _cluster;

    private HubMarket(Azurite azurite, EventHubsProcess hub, DataFolder events, string prefix, string[] tokens, TokenBar[][] boundaries)
    {
        (Hub, _events, Table, Tokens, Boundaries) = (hub, events, prefix + "checkpoints", tokens, boundaries);
        _settings =
        [
            "--Pnl:Feed=none", $"--Pnl:EventHubs:ConnectionString={hub.ConnectionString}", $"--Pnl:EventHubs:Hub={EventHubsProcess.Hub}", "--Pnl:EventHubs:CheckpointSeconds=1",
            $"--Pnl:AzureStorage:ConnectionString={azurite.ConnectionString}", $"--Pnl:AzureStorage:Prefix={prefix}",
        ];
    }

    public EventHubsProcess Hub { get; }

    /// <summary>The table of the checkpoints.</summary>
    public string Table { get; }

    public string[] Tokens { get; }

    /// <summary>The bars of all tokens, boundary by boundary.</summary>
    public TokenBar[][] Boundaries { get; }

    /// <summary>The silo, if it is one and no cluster.</summary>
    public SiloProcess Silo { get; private set; } = null!;

    /// <summary>Where it is asked.</summary>
    public HttpClient Http => _cluster?.Http ?? Silo.Http;

    private string Output => _cluster is null ? Silo.Output : string.Join('\n', _cluster.Silos.Select(silo => silo.Output));

    /// <summary>Where the silo keeps what it has.</summary>
    public DataFolder Data => _data;

    private static async Task<HubMarket> OpenAsync(Azurite azurite, int seed, int tokens, int boundaries)
    {
        string run = $"{Guid.NewGuid():n}"[..8];
        string[] ids = [.. Enumerable.Range(0, tokens).Select(i => $"hub{run}-{i}")];
        Random random = new(seed);
        decimal[] rates = [.. ids.Select(_ => random.Next(1, 1_000_000) / 100m)];
        int end = BarTime.SlotAt(DateTimeOffset.UtcNow) - 1;
        TokenBar[][] bars =
        [
            .. Enumerable.Range(end - boundaries, boundaries).Select(slot => ids.Select((id, i) =>
            {
                rates[i] = Math.Max(0.01m, Math.Round(rates[i] * (1 + random.Next(-500, 500) / 100_000m), 4));
                return new TokenBar(id, BarTime.OpenSeconds(slot), rates[i]);
            }).ToArray()),
        ];
        DataFolder events = new();
        return new(azurite, await EventHubsProcess.StartAsync(Partitions, events), events, $"hub{run}", ids, bars);
    }

    /// <summary>The same with one silo over a folder.</summary>
    public static async Task<HubMarket> StartAsync(Azurite azurite, int seed, int tokens, int boundaries)
    {
        HubMarket market = await OpenAsync(azurite, seed, tokens, boundaries);
        await market.StartSiloAsync();
        await market.RegisterAsync();
        return market;
    }

    /// <summary>The same with silos and a gateway over Azure's storage.</summary>
    public static async Task<(HubMarket Market, ClusterProcesses Cluster)> StartClusterAsync(Azurite azurite, int seed, int tokens, int boundaries)
    {
        HubMarket market = await OpenAsync(azurite, seed, tokens, boundaries);
        market._cluster = await ClusterProcesses.StartAsync(azurite.ConnectionString, silos: 3, settings: market._settings);
        await market.RegisterAsync();
        return (market, market._cluster);
    }

    public async Task StartSiloAsync()
    {
        Silo?.Dispose();
        Silo = await SiloProcess.ListeningAsync(_data, _settings);
        await Silo.ReadyAsync(TimeSpan.FromMinutes(2));
    }

    public EventHubProducerClient Producer() => new(Hub.ConnectionString, EventHubsProcess.Hub, new EventHubProducerClientOptions { RetryOptions = Retries });

    /// <summary>Publishes some boundaries, each by itself, in events of few bars.</summary>
    public async Task PublishAsync(Range boundaries)
    {
        await using EventHubProducerClient producer = Producer();
        BarsPublisher publisher = new(producer, barsAnEvent: 7);
        foreach (TokenBar[] bars in Boundaries[boundaries])
        {
            await publisher.PublishAsync(bars, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until each token has a number of bars.</summary>
    public async Task TakenAsync(int bars)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        foreach (string token in Tokens)
        {
            long had = -1;
            while ((had = await BarsAsync(token)) != bars)
            {
                if (patience.IsCancellationRequested)
                {
                    Assert.Fail($"{token} has {had} of {bars} bars. The silo wrote:\n{Output}");
                }

                await Task.Delay(BetweenLooks, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Asserts that every answer is that of a silo which was handed all bars at once.</summary>
    public async Task AssertEqualToBatchAsync(HttpClient batch)
    {
        foreach (string token in Tokens)
        {
            await batch.RegisterAsync(token);
            (await batch.IngestAsync(token, [.. Boundaries.SelectMany(bars => bars).Where(bar => bar.Token == token).Select(bar => (bar.OpenTime, bar.Rate))])).Ok();
            foreach (string question in (string[])["", "/pnl", "/pnl/series?interval=5m", "/rates?interval=1h"])
            {
                Assert.Equal(await AskAsync(batch, token, question), await AskAsync(Http, token, question));
            }
        }
    }

    public void Dispose()
    {
        Silo?.Dispose();
        _cluster?.Dispose();
        Hub.Dispose();
        _events.Dispose();
        _data.Dispose();
    }

    private async Task RegisterAsync()
    {
        foreach (string id in Tokens)
        {
            await Http.RegisterAsync(id);
        }
    }

    private async Task<long> BarsAsync(string token) => (await Http.GetAnswerAsync($"/v1/tokens/{token}")).Ok()["bars"].GetInt64();

    private static async Task<string> AskAsync(HttpClient http, string token, string question)
    {
        Answer answer = (await http.GetAnswerAsync($"/v1/tokens/{token}{question}")).Ok();
        Dictionary<string, JsonElement> parts = answer.Json.EnumerateObject().Where(part => part.Name is not ("revision" or "ageSeconds")).ToDictionary(part => part.Name, part => part.Value);
        return JsonSerializer.Serialize(parts);
    }
}
