using System.Net.Sockets;

namespace Pnl.Client.Http;

/// <summary>Whether anything has ever answered at an address, and how long it is tried until then.</summary>
/// <param name="address">The address.</param>
/// <param name="within">For how long a call is tried where nothing has answered yet.</param>
/// <param name="time">The clock.</param>
internal sealed class GatewayReach(Uri address, TimeSpan within, TimeProvider time)
{
    private static readonly HttpRequestOptionsKey<long> Begun = new("Pnl.Begun");
    private static readonly HttpRequestOptionsKey<bool> Once = new("Pnl.Once");
    private static readonly TimeSpan ShortestConnect = TimeSpan.FromSeconds(2);

    private volatile bool _hasAnswered;

    /// <summary>Marks a request that does something else each time, and is not made again.</summary>
    public static void MarkOnce(HttpRequestMessage request) => request.Options.Set(Once, true);

    /// <summary>The handler within the one that makes calls again.</summary>
    public DelegatingHandler Handler() => new Tries(this);

    /// <summary>Connects; gives up where a machine says nothing.</summary>
    /// <exception cref="SocketException">It cannot be connected to.</exception>
    public async Task ConnectAsync(Socket socket, System.Net.DnsEndPoint place, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = new(within < ShortestConnect ? ShortestConnect : within, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await socket.ConnectAsync(place, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    private sealed class Tries(GatewayReach reach) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool once = request.Options.TryGetValue(Once, out _);
            bool isAgain = request.Options.TryGetValue(Begun, out long begun);
            if (once && isAgain)
            {
                throw new PnlUnavailableException($"the gateway at {reach.Address} did not answer in time; whether it did what it was asked for is not known, and it is not asked again");
            }

            if (!isAgain)
            {
                request.Options.Set(Begun, begun = reach.Now);
            }

            try
            {
                HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
                reach.HasAnswered();
                return once && !answer.IsSuccessStatusCode ? throw await Problem.ExceptionAsync(answer, "", cancellationToken) : answer;
            }
            catch (HttpRequestException e) when (once || reach.IsGivenUp(begun))
            {
                throw new PnlUnavailableException($"no gateway answers at {reach.Address}: {e.Message}", e);
            }
        }
    }

    private Uri Address => address;

    private long Now => time.GetTimestamp();

    private void HasAnswered() => _hasAnswered = true;

    private bool IsGivenUp(long begun) => !_hasAnswered && time.GetElapsedTime(begun) >= within;
}
