using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Callers;

/// <summary>What one caller takes up is his share; another is answered beside him.</summary>
public sealed class CallerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_caller_has_his_share_of_the_streams_and_another_still_gets_one()
    {
        await using SharedSilo silo = await SharedSilo.StartAsync("--Pnl:StreamListeners=8");
        List<HttpResponseMessage> listening = [];
        for (int i = 0; i < 2; i++)
        {
            listening.Add(await silo.ListenAsync(silo.Greedy));
            Assert.Equal(HttpStatusCode.OK, listening[^1].StatusCode);
        }

        Answer third = await silo.Http.GetAnswerAsync($"/v1/stream?tokens={SharedSilo.Token}", silo.Greedy);
        Assert.Equal((HttpStatusCode.TooManyRequests, "stream.tooMany"), (third.Status, third["code"].GetString()));
        Assert.NotNull(third.Headers.RetryAfter);
        using HttpResponseMessage other = await silo.ListenAsync(silo.Modest);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Contains("pnl_requests_refused_total{code=\"stream.tooMany\"} 1", (await silo.Http.GetAnswerAsync("/metrics", silo.Admin)).Ok().Text, StringComparison.Ordinal);
        Assert.DoesNotContain("stream.tooMany", silo.Output, StringComparison.Ordinal); // counted, not logged
        Assert.DoesNotContain("   at Pnl.", silo.Output, StringComparison.Ordinal);
        listening.ForEach(answer => answer.Dispose());
    }

    [Fact]
    public async Task Bodies_that_do_not_end_take_ones_own_heavy_requests_and_nobody_elses()
    {
        await using SharedSilo silo = await SharedSilo.StartAsync();
        List<TcpClient> slow = [];
        try
        {
            for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
            {
                slow.Add(await silo.BeginAsync($"POST /v1/tokens/{SharedSilo.Token}/rates", silo.Greedy, "Content-Type: text/csv\r\nContent-Length: 16000000\r\n\r\ntime,rate\r\n"));
            }

            foreach (string path in (string[])["pnl/series", "rates", "pnl"])
            {
                (await silo.Http.GetAnswerAsync($"/v1/tokens/{SharedSilo.Token}/{path}", silo.Modest)).Ok();
            }

            (await silo.Http.GetAnswerAsync($"/v1/tokens/{SharedSilo.Token}/pnl", silo.Greedy)).Ok(); // what costs little is not held up
        }
        finally
        {
            slow.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Connections_are_bounded_and_those_that_do_nothing_give_way_to_who_comes()
    {
        const int Connections = 40;
        await using SharedSilo silo = await SharedSilo.StartAsync($"--Pnl:Connections={Connections}");
        List<TcpClient> idle = [];
        try
        {
            for (int i = 0; i < 5 * Connections; i++)
            {
                idle.Add(await silo.BeginAsync("GET /v1/tokens", silo.Greedy, "")); // headers that do not end
                if (i % 10 == 0)
                {
                    using HttpClient newcomer = new() { BaseAddress = silo.Http.BaseAddress, Timeout = Limit };
                    (await newcomer.GetAnswerAsync("/v1/tokens", silo.Modest)).Ok();
                }
            }

            int left = 0;
            foreach (TcpClient client in idle)
            {
                left += client.Client.Poll(0, SelectMode.SelectRead) ? 0 : 1; // readable is one that was ended
            }

            Assert.InRange(left, 1, Connections);
            (await silo.Http.GetAnswerAsync("/health/ready")).Ok();
        }
        finally
        {
            idle.ForEach(client => client.Dispose());
        }
    }

    /// <summary>Bodies that come by drops or not on, answers that are not read or slowly, a stream that is not left, headers that do not end, connections kept that do nothing.</summary>
    [Fact]
    public async Task Whoever_stops_waits_for_no_client()
    {
        await using SharedSilo silo = await SharedSilo.StartAsync();
        using HttpResponseMessage stream = await silo.ListenAsync(silo.Modest);
        using TcpClient body = await silo.BeginAsync($"POST /v1/tokens/{SharedSilo.Token}/rates", silo.Greedy, "Content-Type: text/csv\r\nContent-Length: 16000000\r\n\r\ntime,rate\r\n");
        using TcpClient headers = await silo.BeginAsync("GET /v1/tokens", silo.Greedy, "X-Begun:");
        using TcpClient unread = await silo.BeginAsync($"GET /v1/tokens/{SharedSilo.Token}/rates", silo.Modest, "\r\n");
        using TcpClient half = await silo.BeginAsync($"POST /v1/tokens/{SharedSilo.Token}/rates", silo.Modest, "Content-Type: text/csv\r\nContent-Length: 16000000\r\n\r\ntime,rate\r\n");
        using TcpClient slow = await silo.BeginAsync($"GET /v1/tokens/{SharedSilo.Token}/rates", silo.Greedy, "\r\n");
        using TcpClient unreadStream = await silo.BeginAsync($"GET /v1/stream?tokens={SharedSilo.Token}", silo.Greedy, "\r\n");
        List<TcpClient> kept = [];
        for (int i = 0; i < 20; i++)
        {
            kept.Add(await silo.BeginAsync("GET /health/live", silo.Modest, "\r\n"));
            Assert.True(await kept[^1].GetStream().ReadAsync(new byte[100], Cancellation) > 0); // answered, and not closed
        }

        using CancellationTokenSource stopped = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task drops = Task.WhenAll(DripAsync(body, stopped.Token), SipAsync(slow, stopped.Token));
        long began = Environment.TickCount64;

        Assert.Equal(0, await silo.TerminateAsync(Limit));

        double seconds = (Environment.TickCount64 - began) / 1000.0;
        await stopped.CancelAsync();
        await drops;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended after {seconds:0.0} s"));
        kept.ForEach(client => client.Dispose());
        Assert.InRange(seconds, 0, 10); // it was 30 and more
    }

    /// <summary>Reads 20 KB a second, which is just fast enough not to be ended for it.</summary>
    private static async Task SipAsync(TcpClient client, CancellationToken cancellation)
    {
        try
        {
            byte[] sip = new byte[1000];
            using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
            while (await timer.WaitForNextTickAsync(cancellation) && await client.GetStream().ReadAsync(sip, cancellation) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server has gone.
        }
    }

    private static async Task DripAsync(TcpClient client, CancellationToken cancellation)
    {
        try
        {
            byte[] row = Encoding.ASCII.GetBytes("1621427700,1\r\n");
            using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                await client.GetStream().WriteAsync(row, cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server has gone.
        }
    }
}
