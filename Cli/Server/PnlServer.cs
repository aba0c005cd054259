using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Pnl.Cli.Server;

/// <summary>
/// The server's HTTP API, as far as the tool needs it. Every call is idempotent, so a server that is busy or away for a
/// moment (429, 503, a connection that breaks) is asked again; one that never answered at all is not.
/// </summary>
internal sealed class PnlServer : IDisposable
{
    private const int MaxAttempts = 8;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private volatile bool _hasAnswered;

    public PnlServer(Uri address, HttpMessageHandler? handler = null, TimeProvider? time = null, string? key = null)
    {
        string root = address.AbsoluteUri;
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All })
        {
            BaseAddress = new Uri(root.EndsWith('/') ? root : root + "/"),
            Timeout = TimeSpan.FromMinutes(5),
        };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _time = time ?? TimeProvider.System;
    }

    /// <summary>A token, or null if it is not registered.</summary>
    public async Task<TokenAnswer?> FindTokenAsync(string id, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, TokenPath(id), null, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync<TokenAnswer>(answer, cancel);
    }

    public async Task RegisterTokenAsync(string id, TokenRequest token, CancellationToken cancel)
    {
        using HttpResponseMessage answer =
            await SendAsync(HttpMethod.Put, TokenPath(id), () => JsonContent.Create(token, options: Json), cancel);
        await EnsureSuccessAsync(answer, cancel);
    }

    /// <summary>Registers a token or changes it, and answers what is registered then.</summary>
    public async Task<TokenAnswer> PutTokenAsync(string id, TokenBody token, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Put, TokenPath(id), () => JsonContent.Create(token, options: Json), cancel);
        return await ReadAsync<TokenAnswer>(answer, cancel);
    }

    /// <summary>Sends rows <c>time,rate</c> of an interval, with the range for which they are all that there is.</summary>
    public async Task<IngestAnswer> IngestAsync(
        string id, ReadOnlyMemory<byte> csv, Interval interval, (long From, long To)? covered, CancellationToken cancel)
    {
        List<string> query = [];
        if (interval != Interval.FiveMinutes)
        {
            query.Add($"interval={interval.Name()}"); // servers before 1.1 take 5 minutes alone
        }

        if (covered is var (from, to))
        {
            query.Add(string.Create(CultureInfo.InvariantCulture, $"coveredFrom={from}&coveredTo={to}"));
        }

        string path = $"{TokenPath(id)}/rates{(query.Count > 0 ? "?" : "")}{string.Join('&', query)}";

        HttpContent Body() => new ReadOnlyMemoryContent(csv) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, path, Body, cancel);
        return await ReadAsync<IngestAnswer>(answer, cancel);
    }

    /// <summary>Deletes a token, or its bars of a time.</summary>
    public async Task<RemovalAnswer> DeleteTokenAsync(string id, string? from, string? to, bool force, CancellationToken cancel)
    {
        string confirmed = $"confirm={Uri.EscapeDataString(id)}";
        string path = from is null || to is null ? $"{TokenPath(id)}?{confirmed}{(force ? "&force=true" : "")}" : $"{TokenPath(id)}/rates?from={Uri.EscapeDataString(from)}&to={Uri.EscapeDataString(to)}&{confirmed}";
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Delete, path, null, cancel);
        return await ReadAsync<RemovalAnswer>(answer, cancel);
    }

    public async Task<PnlAnswer> PnlAsync(string id, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, TokenPath(id) + "/pnl", null, cancel);
        return await ReadAsync<PnlAnswer>(answer, cancel);
    }

    /// <summary>The life of a token, drawn with so many points at most.</summary>
    public async Task<SeriesAnswer> SeriesAsync(string id, int maxPoints, CancellationToken cancel)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"{TokenPath(id)}/pnl/series?maxPoints={maxPoints}");
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, null, cancel);
        return await ReadAsync<SeriesAnswer>(answer, cancel);
    }

    public async Task<TokensAnswer> TokensAsync(string? search, int limit, string? cursor, CancellationToken cancel)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"v1/tokens?limit={limit}");
        path += search is null ? "" : $"&search={Uri.EscapeDataString(search)}";
        path += cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, null, cancel);
        return await ReadAsync<TokensAnswer>(answer, cancel);
    }

    /// <summary>The first places of all tokens.</summary>
    public async Task<LeaderboardAnswer> LeaderboardAsync(string window, string by, bool ascending, int limit, bool all, CancellationToken cancel)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"v1/leaderboard?window={Uri.EscapeDataString(window)}&by={Uri.EscapeDataString(by)}&limit={limit}");
        path += (ascending ? "&order=asc" : "") + (all ? "&include=all" : "");
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, null, cancel);
        return await ReadAsync<LeaderboardAnswer>(answer, cancel);
    }

    /// <summary>Starts a backfill, or finds the one at work on the same request.</summary>
    public async Task<BackfillAnswer> StartBackfillAsync(BackfillRequest backfill, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "v1/backfills", () => JsonContent.Create(backfill, options: Json), cancel);
        return await ReadAsync<BackfillAnswer>(answer, cancel);
    }

    public async Task<BackfillAnswer> BackfillAsync(string id, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, $"v1/backfills/{Uri.EscapeDataString(id)}", null, cancel);
        return await ReadAsync<BackfillAnswer>(answer, cancel);
    }

    public async Task<PortfolioAnswer> PutPortfolioAsync(string id, PortfolioTermsBody terms, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Put, PortfolioPath(id), () => JsonContent.Create(terms, options: Json), cancel);
        return await ReadAsync<PortfolioAnswer>(answer, cancel);
    }

    /// <summary>All portfolios, page by page.</summary>
    public async IAsyncEnumerable<PortfolioTermsAnswer> PortfoliosAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, $"v1/portfolios?limit=1000{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}", null, cancel);
            PortfoliosAnswer page = await ReadAsync<PortfoliosAnswer>(answer, cancel);
            foreach (PortfolioTermsAnswer portfolio in page.Items)
            {
                yield return portfolio;
            }

            cursor = page.NextCursor;
        }
    }

    public async Task DeletePortfolioAsync(string id, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Delete, PortfolioPath(id), null, cancel);
        await EnsureSuccessAsync(answer, cancel);
    }

    /// <summary>How a portfolio stands, now and after each change, until it is deleted; over whatever interrupts the stream.</summary>
    public async IAsyncEnumerable<PortfolioPnlAnswer> FollowPortfolioAsync(string id, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? seen = null; ;)
        {
            List<(string, string)> headers = seen is null ? [] : [("Last-Event-ID", seen)];
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, $"v1/stream?portfolio={Uri.EscapeDataString(id)}", null, cancel, HttpCompletionOption.ResponseHeadersRead, headers);
            await EnsureSuccessAsync(answer, cancel);
            await using IAsyncEnumerator<SseItem<string>> events =
                SseParser.Create(await answer.Content.ReadAsStreamAsync(cancel)).EnumerateAsync(cancel).GetAsyncEnumerator(cancel);
            while (await MoveNextAsync(events))
            {
                seen = events.Current.EventId ?? seen;
                if (events.Current.EventType == "pnl")
                {
                    yield return JsonSerializer.Deserialize<PortfolioPnlAnswer>(events.Current.Data, Json) ?? throw new ServerException("The stream told nothing.");
                }
            }
        }

        static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<SseItem<string>> events)
        {
            try
            {
                return await events.MoveNextAsync();
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                return false; // the server went: to be asked again from what was seen last
            }
        }
    }

    /// <summary>Adds entries, all or none.</summary>
    public async Task<LedgerAnswer> PostEntriesAsync(string id, IReadOnlyList<EntryBody> entries, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, PortfolioPath(id) + "/entries", () => JsonContent.Create(new EntriesBody(entries), options: Json), cancel);
        return await ReadAsync<LedgerAnswer>(answer, cancel);
    }

    /// <summary>The whole ledger, page by page.</summary>
    public async IAsyncEnumerable<EntryBody> EntriesAsync(string id, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, $"{PortfolioPath(id)}/entries?limit=1000{(cursor.Length == 0 ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", null, cancel);
            EntriesAnswer page = await ReadAsync<EntriesAnswer>(answer, cancel);
            foreach (EntryBody entry in page.Items)
            {
                yield return entry;
            }

            cursor = page.NextCursor;
        }
    }

    public async Task<PortfolioPnlAnswer> PortfolioPnlAsync(string id, string? at, string? costBasis, CancellationToken cancel)
    {
        string path = PortfolioPath(id) + "/pnl";
        path += at is null ? "" : $"?at={Uri.EscapeDataString(at)}";
        path += costBasis is null ? "" : $"{(at is null ? '?' : '&')}costBasis={Uri.EscapeDataString(costBasis)}";
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, null, cancel);
        return await ReadAsync<PortfolioPnlAnswer>(answer, cancel);
    }

    /// <summary>All lots, page by page.</summary>
    public async IAsyncEnumerable<LotsAnswer> LotsAsync(string id, string? token, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? cursor = "0"; cursor is not null;)
        {
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, $"{PortfolioPath(id)}/lots?cursor={cursor}{(token is null ? "" : "&token=" + Uri.EscapeDataString(token))}", null, cancel);
            LotsAnswer page = await ReadAsync<LotsAnswer>(answer, cancel);
            yield return page;
            cursor = page.NextCursor;
        }
    }

    public void Dispose() => _http.Dispose();

    public async Task<NewKeyAnswer> CreateKeyAsync(KeyBody key, CancellationToken cancel)
    {
        // Not again after a failure, unlike all else: each call makes a key.
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "v1/keys", () => JsonContent.Create(key, options: Json), cancel, mostAttempts: 1);
        return await ReadAsync<NewKeyAnswer>(answer, cancel);
    }

    public async Task<KeysAnswer> KeysAsync(CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, "v1/keys", null, cancel);
        return await ReadAsync<KeysAnswer>(answer, cancel);
    }

    public async Task RevokeKeyAsync(string id, CancellationToken cancel)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Delete, $"v1/keys/{Uri.EscapeDataString(id)}", null, cancel);
        await EnsureSuccessAsync(answer, cancel);
    }

    /// <summary>A copy of the server's store as a tar, to be read as it comes.</summary>
    public async Task<HttpResponseMessage> BackupAsync(CancellationToken cancel)
    {
        HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "v1/backups", null, cancel, HttpCompletionOption.ResponseHeadersRead);
        await EnsureSuccessAsync(answer, cancel);
        return answer;
    }

    private static string PortfolioPath(string id) => $"v1/portfolios/{Uri.EscapeDataString(id)}";

    private static string TokenPath(string id) => $"v1/tokens/{Uri.EscapeDataString(id)}";

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Func<HttpContent>? body, CancellationToken cancel,
        HttpCompletionOption until = HttpCompletionOption.ResponseContentRead, IEnumerable<(string Name, string Value)>? headers = null, int mostAttempts = MaxAttempts)
    {
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan wait = TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, 0.25 * (1 << attempt)));
            try
            {
                using HttpRequestMessage request = new(method, path) { Content = body?.Invoke() };
                foreach ((string name, string value) in headers ?? [])
                {
                    request.Headers.Add(name, value);
                }

                HttpResponseMessage answer = await _http.SendAsync(request, until, cancel);
                _hasAnswered = true;
                if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) ||
                    attempt == mostAttempts)
                {
                    return answer;
                }

                wait = RetryAfter(answer) ?? wait;
                answer.Dispose();
            }
            catch (HttpRequestException e) when (attempt == mostAttempts || !_hasAnswered)
            {
                throw Unreachable(e);
            }
            catch (HttpRequestException)
            {
                // It answered before, so it is restarting or was replaced: worth waiting for.
            }
            catch (TaskCanceledException e) when (!cancel.IsCancellationRequested)
            {
                throw new ServerException($"{_http.BaseAddress} did not answer within {_http.Timeout.TotalMinutes:0} minutes.", inner: e);
            }

            await Task.Delay(wait, _time, cancel);
        }
    }

    private ServerException Unreachable(HttpRequestException e) => new(
        $"No server answers at {_http.BaseAddress} ({e.Message}). Start one with: dotnet run -c Release --project Silo", inner: e);

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        TimeSpan? asked = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => null,
        };
        return asked is { } wait ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestWait.Ticks)) : null;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancel)
    {
        await EnsureSuccessAsync(answer, cancel);
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(Json, cancel)
                ?? throw new ServerException($"{answer.RequestMessage?.RequestUri} answered nothing.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ServerException(
                $"{answer.RequestMessage?.RequestUri} answers, but not as this tool understands it: {e.Message}", inner: e);
        }
    }

    private static async Task EnsureSuccessAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        Problem? problem = null;
        try
        {
            problem = await answer.Content.ReadFromJsonAsync<Problem>(Json, cancel);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            // A proxy's page, or nothing: the status has to do.
        }

        string text = problem is { Title: not null } or { Code: not null }
            ? problem.ToString()
            : $"{answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode} {answer.ReasonPhrase}";
        throw new ServerException(text, answer.StatusCode, problem);
    }
}
