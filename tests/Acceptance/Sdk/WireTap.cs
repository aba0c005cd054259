using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>A way to a server on which what goes each way is kept.</summary>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly StringBuilder _sent = new(), _received = new();
    private readonly Task _work;

    public WireTap(Uri server)
    {
        _listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _work = AcceptAsync(server);
    }

    public Uri Address { get; }

    /// <summary>What clients sent.</summary>
    public string Sent => Read(_sent);

    /// <summary>What the server answered.</summary>
    public string Received => Read(_received);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _work.ContinueWith(static _ => { }, TaskScheduler.Default); // however it ended
        _end.Dispose();
    }

    private async Task AcceptAsync(Uri server)
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token), to = new();
            try
            {
                await to.ConnectAsync(server.Host, server.Port, _end.Token);
            }
            catch (SocketException)
            {
                client.Dispose(); // nobody is there
                to.Dispose();
                continue;
            }

            _ = Task.WhenAll(PassAsync(client, to, _sent), PassAsync(to, client, _received)).ContinueWith(
                passed =>
                {
                    _ = passed.Exception;
                    client.Dispose();
                    to.Dispose();
                },
                TaskScheduler.Default);
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, StringBuilder kept)
    {
        byte[] bytes = new byte[4096];
        for (int count = await from.GetStream().ReadAsync(bytes, _end.Token); count > 0; count = await from.GetStream().ReadAsync(bytes, _end.Token))
        {
            lock (kept)
            {
                kept.Append(Encoding.Latin1.GetString(bytes, 0, count));
            }

            await to.GetStream().WriteAsync(bytes.AsMemory(0, count), _end.Token);
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }

    private static string Read(StringBuilder kept)
    {
        lock (kept)
        {
            return kept.ToString();
        }
    }
}
