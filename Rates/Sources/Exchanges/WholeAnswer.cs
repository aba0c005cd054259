using System.Buffers;
using System.Net;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Turns what comes over the wire into either a whole JSON body or a <see cref="SourceException"/> that says whether
/// trying again may help. It stands inside the retries and the time limit of a try: a body that stops half-way, a page of
/// HTML behind status 200 or an error behind status 200 is a failed try like any other.
/// </summary>
internal sealed class WholeAnswer(ExchangeDialect dialect, SourceLimits limits, long maxBodyBytes, TimeProvider time) : DelegatingHandler
{
    private const int ImATeapot = 418; // what Binance answers to the banned

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
        try
        {
            byte[] body = await ReadAsync(answer, cancellationToken);
            bool isJson = IsOneValue(body);
            int status = (int)answer.StatusCode;
            if (Failure(answer, status, isJson ? body : [], isJson) is { } failure)
            {
                throw failure;
            }

            answer.Content.Dispose();
            answer.Content = new ByteArrayContent(body);
            return answer;
        }
        catch (InvalidOperationException e)
        {
            // Half of a character, written as an escape, is found when the text is asked for, and not before.
            answer.Dispose();
            throw new SourceException("source.malformed", $"The answer cannot be read: {e.Message}", isTransient: true, e);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private static bool IsOneValue(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        try
        {
            bool any = false;
            while (reader.Read())
            {
                any = true;
            }

            return any;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        long? length = answer.Content.Headers.ContentLength;
        if (length > maxBodyBytes)
        {
            throw TooLarge();
        }

        await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellation);
        using MemoryStream body = new((int)Math.Min(length ?? 0, 1 << 20));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
            {
                if (body.Length + read > maxBodyBytes)
                {
                    throw TooLarge();
                }

                body.Write(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or HttpRequestException)
        {
            throw new SourceException("source.malformed", $"The answer broke off after {body.Length} bytes: {e.Message}", isTransient: true, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return body.ToArray();
    }

    private SourceException TooLarge() =>
        new("source.malformed", $"The answer is larger than {maxBodyBytes} bytes.", isTransient: false);

    private SourceException? Failure(HttpResponseMessage answer, int status, ReadOnlyMemory<byte> body, bool isJson)
    {
        string said = $"status {status}, {(isJson ? "with JSON" : "without JSON")}";
        if (status is (int)HttpStatusCode.TooManyRequests or ImATeapot)
        {
            return Refused(said, answer, body);
        }

        if (dialect.Complaint(status, body) is { } complaint)
        {
            return complaint.Code == "source.refused" && complaint.RetryAfter is null
                ? Refused(complaint.Message, answer, body)
                : complaint;
        }

        return status switch
        {
            >= 200 and < 300 when isJson => null,
            >= 200 and < 300 => new("source.malformed", "The answer is not one whole JSON value.", isTransient: true),
            408 or >= 500 => new("source.unavailable", $"The source cannot answer: {said}.", isTransient: true, null, RetryAfter(answer)),
            _ => new("source.rejected", $"The source rejects the request: {said}.", isTransient: false),
        };
    }

    private SourceException Refused(string said, HttpResponseMessage answer, ReadOnlyMemory<byte> body) => new(
        "source.refused",
        $"The source was asked too often: {said}.",
        isTransient: true,
        inner: null,
        // A source that says nothing has a new budget after a whole window at the latest.
        RetryAfter(answer) ?? dialect.BannedFor(body, time.GetUtcNow()) ?? limits.Window);

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        TimeSpan? wait = answer.Headers.RetryAfter is not { } header ? null
            : header.Delta ?? (header.Date - time.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
