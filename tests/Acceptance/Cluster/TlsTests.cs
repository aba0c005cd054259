using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Azure.Data.Tables;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>Silos and a gateway that know each other by certificates, and those who have none.</summary>
public sealed class TlsTests(Azurite azurite) : IClassFixture<Azurite>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One cluster for all of it: it takes five processes.</summary>
    [Fact]
    public async Task A_cluster_of_TLS_sees_without_a_probe_that_a_process_has_ended_and_talks_to_nobody_without_its_certificate()
    {
        using DataFolder folder = new();
        using TestAuthority ours = new(folder.Path, "ours"), foreign = new(folder.Path, "foreign");
        using ClusterProcesses cluster = await ClusterProcesses.StartAsync(
            azurite.ConnectionString, silos: 3, withGateway: true, [.. ours.Settings("pnl"), "--Pnl:Cluster:ProbeMilliseconds=60000"]); // dead by probes after three minutes
        await cluster.Http.RegisterAsync("btc");
        (await cluster.Http.IngestAsync("btc", (1_764_086_400, 1.5m))).Ok();
        await AssertTokensOutliveAsync(cluster);
        await AssertGuardedAsync(cluster, ours, foreign);

        string[] withoutAny = ["--Pnl:Tls:Certificate=", "--Pnl:Tls:Key=", "--Pnl:Tls:Authority=", "--Pnl:Tls:Name="];
        foreach (string[] settings in (string[][])[foreign.Settings("pnl"), withoutAny])
        {
            TaskCompletionSource refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using ProgramRun stranger = cluster.Launch(line => Look(line, refused), settings);
            await Task.WhenAny(refused.Task, stranger.ExitAsync(Limit)).Unwrap();
            Assert.True(refused.Task.IsCompletedSuccessfully, $"It ended before it was refused. It wrote:\n{stranger.Output}");
            Assert.DoesNotContain("Now listening", stranger.Output, StringComparison.Ordinal);
            stranger.Kill();
        }

        Assert.Equal(1.5m, (await cluster.Http.GetAnswerAsync("/v1/tokens/btc/pnl")).Ok()["rate"].GetDecimal());
        foreach (SiloProcess silo in cluster.Silos)
        {
            await silo.ReadyAsync(Limit);
        }
    }

    /// <summary>One of three silos is killed, and the others see it without a warning of their looks at one another.</summary>
    private static async Task AssertTokensOutliveAsync(ClusterProcesses cluster)
    {
        string[] tokens = [.. Enumerable.Range(0, 30).Select(i => $"ended-{i}")];
        await Task.WhenAll(tokens.Select(token => cluster.Http.RegisterAsync(token)));
        cluster.Kill(cluster.Silos[0]);
        foreach (Answer answer in await Task.WhenAll(tokens.Select(token => cluster.Http.GetAnswerAsync($"/v1/tokens/{token}"))))
        {
            answer.Ok();
        }

        Assert.Contains(cluster.Silos, silo => silo.Output.Contains("has ended", StringComparison.Ordinal));
        Assert.All(cluster.Silos, silo => Assert.DoesNotContain("TlsServerConnectionMiddleware", silo.Output, StringComparison.Ordinal));
    }

    /// <summary>A silo that is about to join asks all members, and joins only when they answer.</summary>
    private static void Look(string line, TaskCompletionSource refused)
    {
        if (line.Contains("Failed to get ping responses from 2 of 2 active silos", StringComparison.Ordinal))
        {
            refused.TrySetResult();
        }
    }

    /// <summary>Both ports of a silo, for silos and for clients, take a certificate of the authority and nothing else.</summary>
    private async Task AssertGuardedAsync(ClusterProcesses cluster, TestAuthority ours, TestAuthority foreign)
    {
        List<int> ports = [];
        await foreach (TableEntity row in new TableClient(azurite.ConnectionString, cluster.Prefix + "members").QueryAsync<TableEntity>(cancellationToken: Cancellation))
        {
            if (row.GetString("Status") == "Active")
            {
                ports.AddRange([int.Parse(row.GetString("Port"), System.Globalization.CultureInfo.InvariantCulture), int.Parse(row.GetString("ProxyPort"), System.Globalization.CultureInfo.InvariantCulture)]);
            }
        }

        Assert.Equal(4, ports.Count);
        using X509Certificate2 own = Certificate(ours), other = Certificate(foreign);
        foreach (int port in ports)
        {
            using (TcpClient plain = await ConnectAsync(port))
            {
                await plain.GetStream().WriteAsync(new byte[64], Cancellation);
                Assert.True(await IsClosedAsync(plain.GetStream()), "plain text was talked to");
            }

            Assert.True(await IsRefusedAsync(port, null), "somebody without a certificate was talked to");
            Assert.True(await IsRefusedAsync(port, other), "somebody with a certificate of another authority was talked to");
            using TcpClient member = await ConnectAsync(port);
            using SslStream tls = await ShakeHandsAsync(member, own);
            Assert.True(tls.IsMutuallyAuthenticated);
        }
    }

    private static X509Certificate2 Certificate(TestAuthority authority)
    {
        (string certificate, string key) = authority.Issue("caller", TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        return X509Certificate2.CreateFromPemFile(certificate, key);
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        TcpClient client = new();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, port, Cancellation);
        return client;
    }

    private static async Task<SslStream> ShakeHandsAsync(TcpClient client, X509Certificate2? certificate)
    {
        SslStream tls = new(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "pnl", ClientCertificates = certificate is null ? null : [certificate], RemoteCertificateValidationCallback = (_, server, _, _) => server?.Subject == "CN=pnl" }, Cancellation);
        return tls;
    }

    /// <summary>With TLS 1.3 a client learns only by what comes after its own part of the handshake that it was refused.</summary>
    private static async Task<bool> IsRefusedAsync(int port, X509Certificate2? certificate)
    {
        using TcpClient client = await ConnectAsync(port);
        try
        {
            using SslStream tls = await ShakeHandsAsync(client, certificate);
            return await IsClosedAsync(tls);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return true;
        }
    }

    private static async Task<bool> IsClosedAsync(Stream stream)
    {
        try
        {
            while (true)
            {
                byte[] read = new byte[256];
                int got = await stream.ReadAsync(read, Cancellation).AsTask().WaitAsync(Limit, Cancellation);
                if (got == 0)
                {
                    return true;
                }

                // An alert of TLS in plain text says why it is closed.
                if (stream is SslStream || read[0] != 21)
                {
                    return false;
                }
            }
        }
        catch (IOException)
        {
            return true;
        }
    }
}
