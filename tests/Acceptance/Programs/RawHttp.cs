using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>Requests as they are written, over a socket: an HTTP client would put the address right before it sends it.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request on a connection of its own, and reads the answer to the end of the connection.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="line">Method and target, such as <c>GET /v1/tokens</c>.</param>
    /// <param name="headers">Headers beside Host, Connection and Content-Length; one named Host stands in place of ours.</param>
    /// <param name="body">The body; none if null.</param>
    public static async Task<(int Status, string Code, string Text)> SendAsync(Uri server, string line, string? body = null, params (string Name, string Value)[] headers)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using TcpClient client = new();
        await client.ConnectAsync(server.Host, server.Port, cancellation);
        await using NetworkStream stream = client.GetStream();
        StringBuilder request = new($"{line} HTTP/1.1\r\nConnection: close\r\n");
        if (!headers.Any(header => header.Name == "Host"))
        {
            request.Append(CultureInfo.InvariantCulture, $"Host: {server.Authority}\r\n");
        }

        if (body is not null)
        {
            request.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        }

        foreach ((string name, string value) in headers)
        {
            request.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{request}\r\n{body}"), cancellation);
        using StreamReader reader = new(stream, Encoding.Latin1); // a character a byte, as the lengths of pieces count
        string answer = await reader.ReadToEndAsync(cancellation);
        int end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string content = end < 0 ? "" : answer[(end + 4)..];
        content = answer[..Math.Max(0, end)].Contains("chunked", StringComparison.OrdinalIgnoreCase) ? Unchunked(content) : content;
        string text = content.StartsWith('{') ? Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(content)) : "";
        return (int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture), text.Length > 0 && JsonElement.Parse(text).TryGetProperty("code", out JsonElement code) ? code.GetString()! : "", text);
    }

    /// <summary>A body that came in pieces, each behind its length in hexadecimal digits.</summary>
    private static string Unchunked(string pieces)
    {
        StringBuilder whole = new();
        for (int at = 0; pieces.IndexOf("\r\n", at, StringComparison.Ordinal) is >= 0 and int line;)
        {
            int length = int.Parse(pieces.AsSpan(at, line - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                break;
            }

            whole.Append(pieces, line + 2, length);
            at = line + 2 + length + 2;
        }

        return whole.ToString();
    }
}
