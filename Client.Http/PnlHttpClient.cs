using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Pnl.Grains;
using Polly;

namespace Pnl.Client.Http;

/// <summary>Calls the HTTP API.</summary>
/// <param name="connect">Gives an HTTP client, for a call.</param>
/// <param name="time">The clock.</param>
internal sealed class PnlHttpClient(Func<HttpClient> connect, TimeProvider time) : IPnlHttpClient
{
    private static readonly TimeSpan UntilAgain = TimeSpan.FromSeconds(0.5);

    public IPnlClient For(string owner) => throw new NotSupportedException("over HTTP the key says whose portfolios they are: add a client with the owner's key");

    public async Task<IReadOnlyList<TokenInfo>> ListTokensAsync(string? search, string? after, int limit, CancellationToken cancellation) =>
        (await GetAsync<ListWire<TokenInfo>>("", Path("tokens", ("search", search), ("cursor", after), ("limit", Text(limit))), cancellation)).Items;

    public async Task<RegisterResult> RegisterTokenAsync(string token, TokenDetails details, CancellationToken cancellation)
    {
        if (details.AddListing is not null)
        {
            throw new NotSupportedException("over HTTP the listings of a token are put as a whole: only feeds, over Orleans, add one");
        }

        using HttpResponseMessage answer = await SendAsync(HttpMethod.Put, token, Token(token), details, cancellation);
        return new(await ReadAsync<TokenInfo>(answer, cancellation), answer.StatusCode == HttpStatusCode.Created, QuoteConflict: false);
    }

    public async Task<TokenInfo> GetTokenAsync(string token, CancellationToken cancellation) => await GetAsync<TokenInfo>(token, Token(token), cancellation);

    public async Task<TokenCoverage> GetCoverageAsync(string token, int maxRanges, CancellationToken cancellation)
    {
        TokenCoverage answer = await GetAsync<TokenCoverage>(token, Token(token), cancellation);
        BarCoverage all = answer.Coverage;
        ListingState[] Newest(ListingState[] listings) => Array.ConvertAll(listings, listing => listing with { Fetched = [.. listing.Fetched.TakeLast(maxRanges)] });
        return answer with
        {
            Coverage = all with
            {
                Fetched = [.. all.Fetched.TakeLast(maxRanges)],
                Absent = [.. all.Absent.TakeLast(maxRanges)],
                Missing = [.. all.Missing.TakeLast(maxRanges)],
                Truncated = all.Truncated || Math.Max(Math.Max(all.Fetched.Length, answer.Life.Length), Math.Max(all.Absent.Length, all.Missing.Length)) > maxRanges,
            },
            SetAside = null, // as over Orleans: CountSetAsideAsync asks for it
            Listings = Newest(answer.Listings),
            FormerListings = Newest(answer.FormerListings),
            Life = [.. answer.Life.TakeLast(maxRanges)],
        };
    }

    public async Task<IngestResult> IngestAsync(string token, BarBatch batch, CancellationToken cancellation) => batch.Source is not null
        ? throw new NotSupportedException("over HTTP bars are those of callers: only feeds, over Orleans, name a source")
        : await SendAsync<IngestResult>(
            HttpMethod.Post, token, Path($"{Token(token)}/rates", ("coveredFrom", Text(batch.CoveredFrom)), ("coveredTo", Text(batch.CoveredTo)), ("interval", batch.Interval == Interval.FiveMinutes ? null : batch.Interval.Name())), new RatesBody(batch.Time, batch.Rate), cancellation);

    public Task<TokenRemoval> DeleteRatesAsync(string token, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        SendAsync<TokenRemoval>(HttpMethod.Delete, token, Path($"{Token(token)}/rates", ("from", Text(from)), ("to", Text(to)), ("confirm", token)), null, cancellation);

    public Task<TokenRemoval> DeleteTokenAsync(string token, bool force, CancellationToken cancellation) =>
        SendAsync<TokenRemoval>(HttpMethod.Delete, token, Path(Token(token), ("confirm", token), ("force", force ? "true" : null)), null, cancellation);

    public Task<TokenPnl> GetPnlAsync(string token, CancellationToken cancellation) => GetAsync<TokenPnl>(token, $"{Token(token)}/pnl", cancellation);

    public Task<TokenWindow> GetWindowAsync(string token, WindowQuery query, CancellationToken cancellation) =>
        GetAsync<TokenWindow>(token, Path($"{Token(token)}/pnl", ("from", Text(query.From)), ("to", Text(query.To)), ("quantity", Text(query.Quantity))), cancellation);

    public async Task<PnlSeries> GetSeriesAsync(string token, SeriesQuery query, CancellationToken cancellation)
    {
        PnlSeries page = await GetAsync<PnlSeries>(token, Path($"{Token(token)}/pnl/series", [.. Range(query), ("quantity", Text(query.Quantity))]), cancellation);
        return page with { Next = Cursors.Next(page.NextCursor), NextCursor = null };
    }

    public async Task<RateCandles> GetRatesAsync(string token, SeriesQuery query, CancellationToken cancellation)
    {
        RateCandles page = await GetAsync<RateCandles>(token, Path($"{Token(token)}/rates", Range(query)), cancellation);
        return page with { Next = Cursors.Next(page.NextCursor), NextCursor = null };
    }

    public async Task<DateTimeOffset?> GetChangedFromAsync(string token, long revision, CancellationToken cancellation) =>
        (await GetTokenAsync(token, cancellation)).Revision == revision ? null : DateTimeOffset.UnixEpoch;

    public Task<Leaderboard> GetLeaderboardAsync(LeaderboardQuery query, CancellationToken cancellation) => GetAsync<Leaderboard>("", Path(
        "leaderboard", ("window", query.Window), ("by", JsonNamingPolicy.CamelCase.ConvertName(query.By.ToString())), ("order", query.Ascending ? "asc" : "desc"), ("limit", Text(query.Limit)),
        ("include", query.IncludeAll ? "all" : null)), cancellation);

    public Task<PnlWatch<TokenPnl>> WatchPnlAsync(IReadOnlyDictionary<string, long> seen, CancellationToken cancellation) =>
        WatchAsync<TokenPnl>(seen.Keys.FirstOrDefault() ?? "", Path("stream", ("tokens", string.Join(',', seen.Keys))), seen, pnl => (pnl.Token, pnl.Revision), cancellation);

    public Task<FeedProgress> GetFeedProgressAsync(string source, CancellationToken cancellation) => throw new NotSupportedException("the HTTP API does not tell how far a feed is: its metrics do");

    public Task<BackfillStatus> StartBackfillAsync(BackfillRequest request, CancellationToken cancellation) => SendAsync<BackfillStatus>(
        HttpMethod.Post, request.Source, "backfills",
        new BackfillBody(request.Tokens is null ? "all" : request.Tokens, request.From, request.To, request.Source, request.OldestFirst ? "oldest" : null, request.Kind == BackfillKind.Backfill ? null : "reconciliation", request.Again ? true : null),
        cancellation);

    public async Task<SetAsideRows> GetSetAsideAsync(string token, int after, int limit, CancellationToken cancellation)
    {
        ListWire<SetAsideRow> page = await GetAsync<ListWire<SetAsideRow>>(token, Path($"{Token(token)}/setaside", ("cursor", after == 0 ? null : Text(after)), ("limit", Text(limit))), cancellation);
        return new(page.NextCursor is null ? after + page.Items.Length : await CountSetAsideAsync(token, cancellation) ?? after + page.Items.Length, page.Items);
    }

    public async Task<long?> CountSetAsideAsync(string token, CancellationToken cancellation) =>
        (await GetAsync<TokenCoverage>(token, Token(token), cancellation)).SetAside;

    public async Task<IReadOnlyList<DeadLetterInfo>> ListDeadLettersAsync(string? after, int limit, CancellationToken cancellation) =>
        (await GetAsync<ListWire<DeadLetterInfo>>("", Path("deadletters", ("cursor", after), ("limit", Text(limit))), cancellation)).Items;

    public async Task<DeadLetterReplay?> ReplayDeadLetterAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return new(await SendAsync<DeadLetterInfo>(HttpMethod.Post, id, $"deadletters/{Uri.EscapeDataString(id)}/replay", null, cancellation), null);
        }
        catch (PnlProblemException e) when (e.Code == "deadletter.unknown")
        {
            return null;
        }
        catch (PnlProblemException e) when (e is { Code: "deadletter.refused", Letter: { } letter })
        {
            return new(letter, e.Reason);
        }
    }

    public async Task<IReadOnlyList<string>> ListBackfillsAsync(CancellationToken cancellation)
    {
        List<string> ids = [];
        string? cursor = null;
        do
        {
            ListWire<BackfillStatus> page = await GetAsync<ListWire<BackfillStatus>>("", Path("backfills", ("limit", "100"), ("cursor", cursor)), cancellation);
            ids.AddRange(page.Items.Select(backfill => backfill.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return ids;
    }

    public Task<BackfillStatus?> GetBackfillAsync(string id, CancellationToken cancellation) => BackfillAsync(HttpMethod.Get, id, "", cancellation);

    public Task<BackfillStatus?> ControlBackfillAsync(string id, BackfillControl control, CancellationToken cancellation) => control switch
    {
        BackfillControl.Pause => BackfillAsync(HttpMethod.Post, id, "/pause", cancellation),
        BackfillControl.Resume => BackfillAsync(HttpMethod.Post, id, "/resume", cancellation),
        BackfillControl.Cancel => BackfillAsync(HttpMethod.Delete, id, "", cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(control), control, "no such control"),
    };

    public async Task<BackfillForgetting> ForgetBackfillAsync(string id, CancellationToken cancellation)
    {
        try
        {
            (await SendAsync(HttpMethod.Delete, id, Path($"backfills/{Uri.EscapeDataString(id)}", ("forget", "true"), ("confirm", id)), null, cancellation)).Dispose();
            return BackfillForgetting.Forgotten;
        }
        catch (PnlProblemException e) when (e.Status is (int)HttpStatusCode.NotFound or (int)HttpStatusCode.Conflict)
        {
            return e.Status == (int)HttpStatusCode.NotFound ? BackfillForgetting.Unknown : BackfillForgetting.AtWork;
        }
    }

    public async Task<PutPortfolioResult> PutPortfolioAsync(string portfolio, PortfolioDetails details, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Put, portfolio, Portfolio(portfolio), details, cancellation);
        return new(await ReadAsync<PortfolioInfo>(answer, cancellation), answer.StatusCode == HttpStatusCode.Created, Refused: null);
    }

    public async Task<IReadOnlyList<PortfolioListing>> ListPortfoliosAsync(string? after, int limit, CancellationToken cancellation) =>
        (await GetAsync<ListWire<PortfolioListing>>("", Path("portfolios", ("cursor", after), ("limit", Text(limit))), cancellation)).Items;

    public async Task DeletePortfolioAsync(string portfolio, CancellationToken cancellation) =>
        (await SendAsync(HttpMethod.Delete, portfolio, Portfolio(portfolio), null, cancellation)).Dispose();

    public Task<PortfolioInfo> GetPortfolioAsync(string portfolio, CancellationToken cancellation) => GetAsync<PortfolioInfo>(portfolio, Portfolio(portfolio), cancellation);

    public Task<LedgerResult> PostEntriesAsync(string portfolio, IReadOnlyList<PortfolioEntry> entries, CancellationToken cancellation) =>
        SendAsync<LedgerResult>(HttpMethod.Post, portfolio, $"{Portfolio(portfolio)}/entries", new EntriesBody(entries), cancellation);

    public Task<LedgerResult> CorrectEntryAsync(string portfolio, PortfolioEntry entry, CancellationToken cancellation) =>
        SendAsync<LedgerResult>(HttpMethod.Put, portfolio, Entry(portfolio, entry.Id), entry, cancellation);

    public Task<LedgerResult> DeleteEntryAsync(string portfolio, string entryId, CancellationToken cancellation) =>
        SendAsync<LedgerResult>(HttpMethod.Delete, portfolio, Entry(portfolio, entryId), null, cancellation);

    public async Task<EntriesPage> GetEntriesAsync(string portfolio, EntryPlace? after, int limit, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, portfolio, Path($"{Portfolio(portfolio)}/entries", ("cursor", Cursors.Of(after)), ("limit", Text(limit))), null, cancellation);
        ListWire<PortfolioEntry> page = await ReadAsync<ListWire<PortfolioEntry>>(answer, cancellation);
        long revision = long.Parse(Epochs.Within(answer.Headers.ETag!.Tag.Trim('"')), CultureInfo.InvariantCulture); // the body does not say
        return new(page.Items, page.NextCursor is null ? null : new(page.Items[^1].Time, page.Items[^1].Kind, page.Items[^1].Id), revision);
    }

    public Task<PortfolioReport> GetPortfolioPnlAsync(string portfolio, PortfolioQuery query, CancellationToken cancellation) =>
        GetAsync<PortfolioReport>(portfolio, Path($"{Portfolio(portfolio)}/pnl", ("at", Text(query.At)), ("costBasis", query.CostBasis?.Name())), cancellation);

    public async Task<PortfolioSeries> GetPortfolioSeriesAsync(string portfolio, PortfolioSeriesQuery query, CancellationToken cancellation)
    {
        PortfolioSeries page = await GetAsync<PortfolioSeries>(
            portfolio, Path($"{Portfolio(portfolio)}/pnl/series", [.. Begin(query.From, query.RangeFrom, query.SeenRevision), ("to", Text(query.To)), ("interval", query.Interval.Name()), ("limit", Text(query.Limit))]), cancellation);
        return page with { Next = Cursors.Next(page.NextCursor), NextCursor = null };
    }

    public async Task<LotsPage> GetLotsAsync(string portfolio, LotsQuery query, CancellationToken cancellation)
    {
        LotsPage page = await GetAsync<LotsPage>(portfolio, Path($"{Portfolio(portfolio)}/lots", ("token", query.Token), ("cursor", query.Skip == 0 ? null : query.SeenRevision is { } seen ? $"{Text(query.Skip)}_{Text((long?)seen)}" : Text(query.Skip)), ("limit", Text(query.Limit))), cancellation);
        return page with { HasMore = page.NextCursor is not null, NextCursor = null };
    }

    public Task<PnlWatch<PortfolioReport>> WatchPortfolioPnlAsync(string portfolio, long seen, CancellationToken cancellation) =>
        WatchAsync<PortfolioReport>(portfolio, Path("stream", ("portfolio", portfolio)), new Dictionary<string, long> { [portfolio] = seen }, pnl => (pnl.Portfolio, pnl.Revision), cancellation);

    public Task<GatewayVersion> GetVersionAsync(CancellationToken cancellation) => GetAsync<GatewayVersion>("", "version", cancellation);

    public async Task<ApiKeyDetails> CreateKeyAsync(string name, string owner, IReadOnlyList<string> scopes, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, owner, "keys", new KeyBody(name, owner, scopes), cancellation, once: true);
        return await ReadAsync<ApiKeyDetails>(answer, cancellation);
    }

    public async Task<IReadOnlyList<ApiKeyDetails>> ListKeysAsync(CancellationToken cancellation) => (await GetAsync<ListWire<ApiKeyDetails>>("", "keys", cancellation)).Items;

    public async Task RevokeKeyAsync(string id, CancellationToken cancellation) =>
        (await SendAsync(HttpMethod.Delete, id, $"keys/{Uri.EscapeDataString(id)}", null, cancellation)).Dispose();

    public async Task<Stream> OpenBackupAsync(CancellationToken cancellation) =>
        await (await SendAsync(HttpMethod.Post, "", "backups", null, cancellation)).Content.ReadAsStreamAsync(cancellation); // which closes the answer with itself

    private static string Token(string token) => $"tokens/{Uri.EscapeDataString(token)}";

    private static string Portfolio(string portfolio) => $"portfolios/{Uri.EscapeDataString(portfolio)}";

    // An address keeps not every name: '..' as a part of one is the portfolio.
    private static string Entry(string portfolio, string id) =>
        AddressName.IsKept(id) ? $"{Portfolio(portfolio)}/entries/{Uri.EscapeDataString(id)}" : Path($"{Portfolio(portfolio)}/entries", ("id", id));

    private static (string, string?)[] Range(SeriesQuery query) =>
        [
            .. Begin(query.From, query.RangeFrom), ("to", Text(query.To)), ("interval", query.Interval.Name()), ("maxPoints", query.MaxPoints is { } most ? Text(most) : null),
            ("limit", Text(query.Limit)),
        ];

    // Where a page begins is its cursor's to say, where the range does, the parameter's.
    private static (string, string?)[] Begin(DateTimeOffset? from, DateTimeOffset? rangeFrom, long? seen = null) =>
        [("from", Text(rangeFrom ?? from)), ("cursor", (rangeFrom is not null || seen is not null) && from is { } page ? Cursors.Of(page) + (seen is null ? "" : $"_0_{Text(seen)}") : null)];

    private static string Path(string path, params (string Name, string? Value)[] query)
    {
        string given = string.Join('&', query.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
        return given.Length == 0 ? path : $"{path}?{given}";
    }

    private static string? Text(DateTimeOffset? time) => time is { } t ? TimeText.Of(t) : null;

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private Task<T> GetAsync<T>(string id, string path, CancellationToken cancellation) => SendAsync<T>(HttpMethod.Get, id, path, null, cancellation);

    private async Task<BackfillStatus?> BackfillAsync(HttpMethod method, string id, string action, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync<BackfillStatus>(method, id, $"backfills/{Uri.EscapeDataString(id)}{action}", null, cancellation);
        }
        catch (PnlProblemException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string id, string path, object? body, CancellationToken cancellation)
    {
        using HttpResponseMessage answer = await SendAsync(method, id, path, body, cancellation);
        return await ReadAsync<T>(answer, cancellation);
    }

    /// <summary>Sends a request, and throws what a refusal means; the body of the answer is yet to be read.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string id, string path, object? body, CancellationToken cancellation, string? lastEventId = null, bool once = false)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Wire.Json) };
        if (once)
        {
            GatewayReach.MarkOnce(request);
        }

        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        HttpResponseMessage answer;
        HttpClient http = connect();
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or ExecutionRejectedException)
        {
            throw new PnlUnavailableException($"the gateway at {http.BaseAddress} did not answer: {e.Message}", e);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await Problem.ExceptionAsync(answer, id, cancellation);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(Wire.Json, cancellation) ?? throw new JsonException("the answer is null");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PnlUnavailableException($"the gateway broke off its answer: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw new PnlProblemException($"{answer.RequestMessage?.RequestUri} answers, but not as a gateway does: {e.Message} Is it the address of one, and no older than this client?", e);
        }
    }

    /// <summary>Follows a stream, and begins it again behind the last event that came, whenever it ends.</summary>
    private async Task<PnlWatch<TPnl>> WatchAsync<TPnl>(string id, string path, IReadOnlyDictionary<string, long> seen, Func<TPnl, (string Id, long Revision)> tell, CancellationToken cancellation)
    {
        HttpResponseMessage first = await SendAsync(HttpMethod.Get, id, path, null, cancellation);
        CancellationTokenSource end = new(); // not disposed of: whoever leaves a watch twice cancels it twice
        PnlWatch<TPnl> watch = new(seen, _ => end.Cancel());
        _ = Task.Run(() => FollowAsync(watch, first, id, path, tell, end.Token), CancellationToken.None);
        return watch;
    }

    private static TokenPnl DeletedPnl(string data)
    {
        DeletedWire deleted = JsonSerializer.Deserialize<DeletedWire>(data, Wire.Json)!;
        return TokenState.Deleted(deleted.Token, deleted.Revision).Pnl;
    }

    private async Task FollowAsync<TPnl>(PnlWatch<TPnl> watch, HttpResponseMessage? answer, string id, string path, Func<TPnl, (string Id, long Revision)> tell, CancellationToken end)
    {
        string? last = null;
        HashSet<string> begun = [];
        while (true)
        {
            try
            {
                answer ??= await SendAsync(HttpMethod.Get, id, path, null, end, last);
                using HttpResponseMessage stream = answer;
                await foreach (SseItem<string> item in SseParser.Create(await stream.Content.ReadAsStreamAsync(end)).EnumerateAsync(end))
                {
                    bool isDeleted = item.EventType == "deleted";
                    if (item.EventType != "pnl" && !isDeleted)
                    {
                        continue; // that some were left out: the watch counts what its reader missed
                    }

                    TPnl pnl = isDeleted ? (TPnl)(object)DeletedPnl(item.Data) : JsonSerializer.Deserialize<TPnl>(item.Data, Wire.Json)!; // tokens alone are told to be
                    (string of, long revision) = tell(pnl);
                    if (Epochs.Differ(last, item.EventId))
                    {
                        begun.Clear(); // the store was restored: its revisions may be lower
                    }

                    if (begun.Add(of))
                    {
                        watch.Begin(of, revision, pnl, isDeleted);
                    }
                    else
                    {
                        watch.Offer(of, revision, pnl, isDeleted);
                    }

                    last = item.EventId ?? last;
                }
            }
            catch (Exception) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is PnlUnavailableException or HttpRequestException or IOException)
            {
                // It comes back, or another gateway does.
            }
            catch (Exception e)
            {
                watch.End(e);
                return;
            }

            answer = null;
            try
            {
                await Task.Delay(UntilAgain, time, end);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
