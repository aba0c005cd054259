using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>An answer of the gateway, read whole.</summary>
internal sealed record Answer(HttpStatusCode Status, string? ContentType, string Text, HttpResponseHeaders Headers)
{
    private JsonElement? _json;

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => _json ??= JsonElement.Parse(Text);

    public JsonElement this[string property] => Json.GetProperty(property);

    public string? ETag => Headers.ETag?.ToString();

    /// <summary>This answer, or a failure that shows it.</summary>
    public Answer Ok()
    {
        Assert.True(Status is HttpStatusCode.OK or HttpStatusCode.Created, $"{(int)Status}: {Text}");
        return this;
    }

    /// <summary>A column of rates or money, exactly.</summary>
    public decimal[] Decimals(string column) => [.. this[column].EnumerateArray().Select(e => e.GetDecimal())];

    /// <summary>A column of times as Unix seconds.</summary>
    public long[] Times(string column = "time") => [.. this[column].EnumerateArray().Select(Seconds)];

    public static long Seconds(JsonElement time)
    {
        Assert.EndsWith("Z", time.GetString(), StringComparison.Ordinal);
        return DateTimeOffset.Parse(time.GetString()!, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
    }
}

/// <summary>Requests to a gateway.</summary>
internal static class Requests
{
    public static async Task<Answer> SendAsync(this HttpClient http, HttpMethod method, string path, HttpContent? body = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative)) { Content = body };
        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, text, answer.Headers);
    }

    public static Task<Answer> GetAnswerAsync(this HttpClient http, string path, params (string Name, string Value)[] headers) =>
        http.SendAsync(HttpMethod.Get, path, null, headers);

    public static async Task<Answer> RegisterAsync(this HttpClient http, string token, string details = "{}") =>
        (await http.SendAsync(HttpMethod.Put, $"/v1/tokens/{token}", Json(details))).Ok();

    public static Task<Answer> IngestAsync(this HttpClient http, string token, params IReadOnlyCollection<(long Time, decimal Rate)> bars) =>
        http.SendAsync(HttpMethod.Post, $"/v1/tokens/{token}/rates", Json(Columns(bars)));

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static StringContent Csv(string text) => new(text, Encoding.UTF8, "text/csv");

    private static string Columns(IReadOnlyCollection<(long Time, decimal Rate)> bars) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"time":[{{string.Join(',', bars.Select(bar => bar.Time))}}],"rate":[{{string.Join(',', bars.Select(bar => bar.Rate.ToString(CultureInfo.InvariantCulture)))}}]}""");
}
