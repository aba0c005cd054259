using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Pnl.Tests.Acceptance.Streams;

/// <summary>Listens to a stream as a client does.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpResponseMessage _answer;
    private readonly IAsyncEnumerator<SseItem<string>> _events;
    private readonly CancellationTokenSource _end = new();

    private EventReader(HttpResponseMessage answer, Stream stream)
    {
        _answer = answer;
        _events = SseParser.Create(stream).EnumerateAsync(_end.Token).GetAsyncEnumerator(_end.Token);
    }

    /// <summary>The id of the last event that had one.</summary>
    public string? LastId { get; private set; }

    public static async Task<EventReader> OpenAsync(HttpClient http, string ids, string? lastId = null, string by = "tokens")
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri($"/v1/stream?{by}={ids}", UriKind.Relative));
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}");
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new(answer, await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event, of whatever type.</summary>
    public async Task<(string Type, JsonElement Data)> NextAsync()
    {
        Assert.True(await _events.MoveNextAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken), "the stream has ended");
        SseItem<string> item = _events.Current;
        LastId = item.EventId ?? LastId;
        return (item.EventType, JsonElement.Parse(item.Data));
    }

    /// <summary>The next snapshot, which must be the next event.</summary>
    public async Task<JsonElement> SnapshotAsync()
    {
        (string type, JsonElement data) = await NextAsync();
        Assert.Equal("pnl", type);
        return data;
    }

    /// <summary>Asserts that nothing more comes, and waits for the end.</summary>
    public async Task EndedAsync() => Assert.False(await _events.MoveNextAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken), "an event came");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _answer.Dispose();
        _end.Dispose();
    }
}
