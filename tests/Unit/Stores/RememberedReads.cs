using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Pnl.Tests.Unit.Stores;

/// <summary>
/// The way to the service, which remembers what was read until that is written: a test that reads a store again and again after
/// small changes asks the service for those alone. The client and all behind it read as ever.
/// </summary>
internal sealed partial class RememberedReads() : DelegatingHandler(new SocketsHttpHandler())
{
    private const string Request = "x-ms-client-request-id"; // by which a client knows that an answer is to what it asked

    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string address = Uri.UnescapeDataString(request.RequestUri!.AbsoluteUri);
        bool makesTable = request.Method == HttpMethod.Post && request.RequestUri.AbsolutePath.EndsWith("/Tables", StringComparison.Ordinal);
        if (request.Method != HttpMethod.Get && !makesTable)
        {
            HttpResponseMessage written = await base.SendAsync(request, cancellationToken);
            Forget(request.RequestUri.AbsolutePath.Split('/', '(')[2] is var name && name == "$batch" ? "" : name, null);
            return written;
        }

        string asked = makesTable ? address + await request.Content!.ReadAsStringAsync(cancellationToken) : address;
        if (!_answers.TryGetValue(asked, out Answer? answer))
        {
            using HttpResponseMessage read = await base.SendAsync(request, cancellationToken);
            answer = new(read.StatusCode, read.Headers, await read.Content.ReadAsByteArrayAsync(cancellationToken), read.Content.Headers);
            _answers[asked] = answer;
        }

        return answer.Message(request);
    }

    /// <summary>Forgets what was read of a table or container.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="partitions">The only partitions of which something has changed; null for all.</param>
    public void Forget(string name, string[]? partitions)
    {
        foreach (string asked in _answers.Keys.Where(asked => asked.Contains($"/{name}", StringComparison.Ordinal)))
        {
            Match partition = Partition().Match(asked);
            if (partitions is null || !partition.Success || asked.Contains(" lt ", StringComparison.Ordinal) || partitions.Contains(partition.Groups[1].Value))
            {
                _answers.TryRemove(asked, out _);
            }
        }
    }

    [GeneratedRegex("PartitionKey(?: eq |=)'([^']*)'")]
    private static partial Regex Partition();

    private sealed record Answer(System.Net.HttpStatusCode Status, HttpResponseHeaders Headers, byte[] Content, HttpContentHeaders ContentHeaders)
    {
        public HttpResponseMessage Message(HttpRequestMessage request)
        {
            HttpResponseMessage message = new(Status) { RequestMessage = request, Content = new ByteArrayContent(Content) };
            foreach ((string name, IEnumerable<string> values) in Headers)
            {
                message.Headers.TryAddWithoutValidation(name, name == Request && request.Headers.TryGetValues(Request, out IEnumerable<string>? own) ? own : values);
            }

            foreach ((string name, IEnumerable<string> values) in ContentHeaders)
            {
                message.Content.Headers.TryAddWithoutValidation(name, values);
            }

            return message;
        }
    }
}
