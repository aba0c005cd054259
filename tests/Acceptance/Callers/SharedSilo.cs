using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Callers;

/// <summary>A silo that asks for keys, with two callers, and a token with some history.</summary>
internal sealed class SharedSilo : IAsyncDisposable
{
    public const string Token = "shared";
    private const long Start = 1577836800; // 2020-01-01T00:00:00Z
    private const int Batches = 3, BatchBars = 50_000;

    private readonly DataFolder _folder = new();
    private readonly string _admin = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));
    private SiloProcess? _silo;

    private SharedSilo()
    {
    }

    public HttpClient Http => _silo!.Http;

    /// <summary>What the system knows the process by.</summary>
    public int Id => _silo!.Id;

    public string Output => _silo!.Output;

    public (long Now, long Most) Memory => _silo!.Memory;

    public (string, string) Admin => ("X-Api-Key", _admin);

    /// <summary>Shows the key of who takes what he can get.</summary>
    public (string, string) Greedy { get; private set; }

    /// <summary>Shows the key of who wants an answer.</summary>
    public (string, string) Modest { get; private set; }

    public static async Task<SharedSilo> StartAsync(params string[] settings)
    {
        SharedSilo silo = new();
        silo._silo = await SiloProcess.StartAsync(silo._folder, ["--Pnl:Access=required", "--Pnl:Access:AdminKeyHash", ApiKey.Hash(silo._admin), .. settings]);
        (silo.Greedy, silo.Modest) = (await silo.KeyAsync("greedy"), await silo.KeyAsync("modest"));
        (await silo.Http.SendAsync(HttpMethod.Put, $"/v1/tokens/{Token}", Requests.Json("{}"), silo.Admin)).Ok();
        for (int batch = 0; batch < Batches; batch++)
        {
            StringBuilder csv = new("time,rate\n");
            for (int i = batch * BatchBars; i < (batch + 1) * BatchBars; i++)
            {
                csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Start + (300L * i)},{1000 + (i % 977)}.{i % 89}\n");
            }

            (await silo.Http.SendAsync(HttpMethod.Post, $"/v1/tokens/{Token}/rates", Requests.Csv(csv.ToString()), silo.Admin)).Ok();
        }

        return silo;
    }

    /// <summary>Opens a stream.</summary>
    public async Task<HttpResponseMessage> ListenAsync((string Name, string Value) key)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/v1/stream?tokens={Token}");
        request.Headers.Add(key.Name, key.Value);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends the beginning of a request on a connection of its own.</summary>
    /// <param name="line">Method and target.</param>
    /// <param name="key">Whose it is.</param>
    /// <param name="rest">What follows the first headers.</param>
    public async Task<TcpClient> BeginAsync(string line, (string Name, string Value) key, string rest)
    {
        TcpClient client = new();
        await client.ConnectAsync(Http.BaseAddress!.Host, Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: localhost\r\n{key.Name}: {key.Value}\r\n{rest}"), TestContext.Current.CancellationToken);
        return client;
    }

    public Task<int> TerminateAsync(TimeSpan limit) => _silo!.TerminateAsync(limit);

    public ValueTask DisposeAsync()
    {
        _silo?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<(string, string)> KeyAsync(string name)
    {
        Answer made = (await Http.SendAsync(HttpMethod.Post, "/v1/keys", Requests.Json(JsonSerializer.Serialize(new { name, owner = name, scopes = new[] { "read", "ingest", "portfolio" } })), Admin)).Ok();
        return ("X-Api-Key", made["key"].GetString()!);
    }
}
