using System.Net;

namespace Pnl.Tests.Unit.Stores;

/// <summary>
/// The way to the service, on which things go wrong: a request is answered that the service is busy before it comes there, or
/// it is carried out and its answer is lost, or a transaction is answered as one of which the service could do no part now.
/// </summary>
internal sealed class FaultyLine() : DelegatingHandler(new SocketsHttpHandler())
{
    private int _toLose, _toRefuse, _toFail, _lost, _refused, _failed;

    public int Lost => _lost;

    public int Refused => _refused;

    public int Failed => _failed;

    /// <summary>Writes are carried out and not answered.</summary>
    public void LoseNextAnswers(int count) => _toLose = count;

    public void RefuseNextRequests(int count) => _toRefuse = count;

    public void FailNextTransactions(int count) => _toFail = count;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool writes = request.Method != HttpMethod.Get;
        if (Take(ref _toRefuse))
        {
            Interlocked.Increment(ref _refused);
            return new(HttpStatusCode.ServiceUnavailable)
            {
                RequestMessage = request,
                Content = new StringContent("""{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","value":"The server is busy."}}}""", null, "application/json"),
            };
        }

        if (writes && request.RequestUri!.AbsolutePath.EndsWith("$batch", StringComparison.Ordinal) && Take(ref _toFail))
        {
            Interlocked.Increment(ref _failed);
            string error = "{\"odata.error\":{\"code\":\"OperationTimedOut\",\"message\":{\"lang\":\"en-US\",\"value\":\"0:Operation could not be completed within the specified time.\"}}}";
            string body = $"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n\r\n{error}\r\n--c--\r\n--b--\r\n";
            HttpResponseMessage answer = new(HttpStatusCode.Accepted) { RequestMessage = request, Content = new StringContent(body) };
            answer.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/mixed; boundary=b");
            return answer;
        }

        HttpResponseMessage whole = await base.SendAsync(request, cancellationToken);
        if (writes && Take(ref _toLose))
        {
            Interlocked.Increment(ref _lost);
            whole.Dispose();
            throw new HttpRequestException("the answer is lost");
        }

        return whole;
    }

    private static bool Take(ref int left)
    {
        for (int seen = Volatile.Read(ref left); seen > 0; seen = Volatile.Read(ref left))
        {
            if (Interlocked.CompareExchange(ref left, seen - 1, seen) == seen)
            {
                return true;
            }
        }

        return false;
    }
}
