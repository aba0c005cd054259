using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Streams;

/// <summary>Snapshots as they are pushed to listeners of real processes.</summary>
public sealed partial class StreamTests(QuietSilo silo)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    [Fact]
    public async Task Each_bar_and_each_correction_is_an_event_with_the_answer_of_the_token()
    {
        await silo.Http.RegisterAsync("pushed-a");
        await silo.Http.RegisterAsync("pushed-b");
        (await silo.Http.IngestAsync("pushed-a", (Start, 2m), (Start + 300, 3m))).Ok();
        await using EventReader reader = await EventReader.OpenAsync(silo.Http, "pushed-b,pushed-a");

        Assert.Equal(["pushed-a", "pushed-b"], new[] { Token(await reader.SnapshotAsync()), Token(await reader.SnapshotAsync()) }.Order(StringComparer.Ordinal));

        (await silo.Http.IngestAsync("pushed-b", (Start, 7m))).Ok();
        await AssertAnswerAsync("pushed-b", await reader.SnapshotAsync());
        (await silo.Http.IngestAsync("pushed-a", (Start + 600, 0.0000000123m))).Ok();
        await AssertAnswerAsync("pushed-a", await reader.SnapshotAsync());
        (await silo.Http.IngestAsync("pushed-a", (Start, 5m))).Ok(); // a correction
        JsonElement corrected = await reader.SnapshotAsync();
        await AssertAnswerAsync("pushed-a", corrected);
        Assert.Equal(5m, corrected.GetProperty("windows").GetProperty("inception").GetProperty("startRate").GetDecimal());
    }

    [Fact]
    public async Task A_listener_that_comes_back_gets_what_is_newer_than_the_last_event_that_it_saw_and_nothing_else()
    {
        await silo.Http.RegisterAsync("resumed-a");
        await silo.Http.RegisterAsync("resumed-b");
        (await silo.Http.IngestAsync("resumed-a", (Start, 2m))).Ok();
        string? seen;
        await using (EventReader reader = await EventReader.OpenAsync(silo.Http, "resumed-a,resumed-b"))
        {
            await reader.SnapshotAsync();
            await reader.SnapshotAsync();
            seen = reader.LastId;
        }

        for (int i = 1; i <= 3; i++)
        {
            (await silo.Http.IngestAsync("resumed-a", (Start + 300 * i, 2m + i))).Ok();
        }

        // In whatever order it names the tokens.
        await using EventReader again = await EventReader.OpenAsync(silo.Http, "resumed-b,resumed-a", seen);
        await AssertAnswerAsync("resumed-a", await again.SnapshotAsync());
        (await silo.Http.IngestAsync("resumed-b", (Start, 9m))).Ok();
        await AssertAnswerAsync("resumed-b", await again.SnapshotAsync());
    }

    /// <summary>As <see cref="PortfolioStreamTests"/> and the SDK's tests of following, for one token over HTTP.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_listener_resumes_after_kill_9_of_the_engine()
    {
        using DataFolder folder = new();
        string? seen;
        using (SiloProcess first = await SiloProcess.StartAsync(folder))
        {
            await first.Http.RegisterAsync("lives");
            (await first.Http.IngestAsync("lives", (Start, 2m))).Ok();
            await using EventReader reader = await EventReader.OpenAsync(first.Http, "lives");
            await reader.SnapshotAsync();
            seen = reader.LastId;
            (await first.Http.IngestAsync("lives", (Start + 300, 3m))).Ok();
            first.Kill();
        }

        using SiloProcess second = await SiloProcess.StartAsync(folder);
        await using EventReader again = await EventReader.OpenAsync(second.Http, "lives", seen);
        Assert.Equal(3m, (await again.SnapshotAsync()).GetProperty("rate").GetDecimal());
        (await second.Http.IngestAsync("lives", (Start + 600, 4m))).Ok();
        Assert.Equal(4m, (await again.SnapshotAsync()).GetProperty("rate").GetDecimal());

        // A silo that stops in order does not wait for its listeners.
        Assert.Equal(0, await second.TerminateAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_told_that_it_lags_and_gets_the_newest_state()
    {
        const int Tokens = 50, Rounds = 120; // some 15 MB of events: more than lies on the way to one who takes little at a time
        string[] tokens = [.. Enumerable.Range(0, Tokens).Select(i => string.Create(CultureInfo.InvariantCulture, $"lags-{i:d2}"))];
        foreach (string token in tokens)
        {
            await silo.Http.RegisterAsync(token);
        }

        using HttpClient narrow = Narrow(silo.Http.BaseAddress!);
        await using EventReader reader = await EventReader.OpenAsync(narrow, string.Join(',', tokens));
        await using EventReader other = await EventReader.OpenAsync(silo.Http, string.Join(',', tokens));
        Dictionary<string, long> last = [];
        for (int i = 0; i < Rounds; i++)
        {
            await Task.WhenAll(tokens.Select(async token => (await silo.Http.IngestAsync(token, (Start + 300 * i, 1m + i))).Ok()));
            while (last.Count < Tokens || last.Values.Any(revision => revision < i + 2))
            {
                (string type, JsonElement data) = await other.NextAsync(); // one that reads sees each round: none is told together with the next
                if (type == "pnl")
                {
                    last[Token(data)] = data.GetProperty("revision").GetInt64();
                }
            }
        }

        last.Clear();
        int skipped = 0;
        while (last.Count < Tokens || last.Values.Any(revision => revision < Rounds + 1))
        {
            (string type, JsonElement data) = await reader.NextAsync();
            if (type == "lagging")
            {
                skipped += data.GetProperty("skipped").GetInt32();
                continue;
            }

            long revision = data.GetProperty("revision").GetInt64();
            Assert.True(revision > last.GetValueOrDefault(Token(data)), $"{Token(data)} goes back to {revision}");
            last[Token(data)] = revision;
        }

        Assert.True(skipped > 0, "nothing was left out");
    }

    /// <summary>
    /// A client for whom the system keeps little that he has not read: of itself it may keep tens of megabytes, as it is set up, and
    /// lets who sends keep more the faster the other has been.
    /// </summary>
    private static HttpClient Narrow(Uri address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1 << 17 }; // before it connects: the window is agreed on then
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    }) { BaseAddress = address };

    [Fact]
    public async Task More_listeners_than_may_are_sent_away_and_those_that_leave_make_room()
    {
        using DataFolder folder = new();
        using SiloProcess small = await SiloProcess.ListeningAsync(folder, "--Pnl:Feed=none", "--Pnl:StreamListeners=2");
        await small.ReadyAsync(TimeSpan.FromMinutes(2));
        await small.Http.RegisterAsync("room");
        EventReader first = await EventReader.OpenAsync(small.Http, "room");
        await using EventReader second = await EventReader.OpenAsync(small.Http, "room");

        Answer full = await small.Http.GetAnswerAsync("/v1/stream?tokens=room");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "stream.full"), (full.Status, full["code"].GetString()));
        Assert.NotNull(full.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.NotFound, (await small.Http.GetAnswerAsync("/v1/tokens/nobody")).Status); // streams take no room from calls

        await first.DisposeAsync();
        for (int i = 0; (await small.Http.GetAnswerAsync("/v1/leaderboard")).Status == HttpStatusCode.OK; i++)
        {
            // That a client has gone reaches the server when it does.
            using HttpResponseMessage answer = await small.Http.GetAsync(new Uri("/v1/stream?tokens=room", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }

            Assert.True(i < 1000, "the listener that left still takes room");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Many_listeners_all_get_every_tick()
    {
        const int Tokens = 10, Listeners = 1000;
        using DataFolder folder = new(); // of its own: as many listeners as may be
        using SiloProcess crowded = await SiloProcess.StartAsync(folder);
        string[] tokens = [.. Enumerable.Range(0, Tokens).Select(i => string.Create(CultureInfo.InvariantCulture, $"heard-{i}"))];
        foreach (string token in tokens)
        {
            await crowded.Http.RegisterAsync(token);
        }

        EventReader[] readers = await Task.WhenAll(Enumerable.Range(0, Listeners).Select(i => EventReader.OpenAsync(crowded.Http, $"{tokens[i % Tokens]},{tokens[(i + 1) % Tokens]}")));
        await Task.WhenAll(readers.Select(async reader => (await reader.SnapshotAsync(), await reader.SnapshotAsync())));
        for (int tick = 0; tick < 3; tick++)
        {
            await Task.WhenAll(tokens.Select(async token => (await crowded.Http.IngestAsync(token, (Start + 300 * tick, 1m + tick))).Ok()));
            await Task.WhenAll(readers.Select(async reader =>
            {
                JsonElement[] told = [await reader.SnapshotAsync(), await reader.SnapshotAsync()];
                Assert.Equal(2, told.Select(Token).Distinct().Count());
                Assert.All(told, snapshot => Assert.Equal(1m + tick, snapshot.GetProperty("rate").GetDecimal()));
            }));
        }

        await Task.WhenAll(readers.Select(reader => reader.DisposeAsync().AsTask()));
    }

    private static string Token(JsonElement snapshot) => snapshot.GetProperty("token").GetString()!;

    /// <summary>Asserts that a snapshot is the token's answer, but for how old it is now.</summary>
    private async Task AssertAnswerAsync(string token, JsonElement snapshot)
    {
        Answer answer = (await silo.Http.GetAnswerAsync($"/v1/tokens/{token}/pnl")).Ok();
        Assert.Equal(Age().Replace(answer.Text, ""), Age().Replace(snapshot.GetRawText(), ""));
    }

    [GeneratedRegex("\"ageSeconds\":\\d+,")]
    private static partial Regex Age();
}
