using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pnl.Rates.Simulation;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>
/// A silo fetches the history of all pairs of an exchange on loopback, over HTTP from beginning to end, and dies by kill -9
/// at seeded moments. What it has then must be what the exchange has, bar by bar; no request may have been too many, and no
/// month that it had finished may have been fetched again.
/// </summary>
internal sealed class ExchangeBackfill : IAsyncDisposable
{
    private const int TokensAPage = 1000, BarsACall = 50_000;
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(10);

    private readonly BackfillSize _size;
    private readonly int _seed;
    private readonly Action<string> _tell;
    private readonly DataFolder _folder = new();
    private readonly FakeBinance _exchange;
    private readonly HashSet<(string Symbol, int Month)> _finished = [];
    private readonly List<(long From, long To)> _busy = [];
    private readonly Dictionary<(string Symbol, int Month), int> _servedOfFinished = [];
    private SiloProcess _silo = null!;
    private string _id = "";

    private ExchangeBackfill(BackfillSize size, int seed, FakeBinance exchange, Action<string> tell) =>
        (_size, _seed, _exchange, _tell) = (size, seed, exchange, tell);

    /// <summary>The share of the allowed weight that was used while there was enough to do; weighted by time.</summary>
    public double ShareUsed => _busy.Sum(span => (double)(span.To - span.From)) is > 0 and var all
        ? _busy.Sum(span => _exchange.Limit.UsedBetween(span.From, span.To) * (span.To - span.From)) / all
        : double.NaN;

    public FakeBinance Exchange => _exchange;

    /// <summary>Months that the silo had finished when it died, all deaths together.</summary>
    public int FinishedAtDeath => _finished.Count;

    /// <summary>Finished months of which a page was asked for again.</summary>
    public int FetchedTwice => _servedOfFinished.Count(month => Served(month.Key) != month.Value);

    /// <summary>The silo.</summary>
    public HttpClient Http => _silo.Http;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private (int From, int To) Slots => (BarTime.SlotAt(BackfillSize.From), BarTime.SlotAt(_size.To));

    public static async Task<ExchangeBackfill> StartAsync(BackfillSize size, int seed, Action<string>? tell = null)
    {
        FakeBinance exchange = await FakeBinance.StartAsync(Pairs(size), new(size.Permits, TimeSpan.FromSeconds(size.WindowSeconds)), new(seed, size.FaultShare));
        ExchangeBackfill backfill = new(size, seed, exchange, tell ?? (_ => { }));
        await backfill.StartSiloAsync();
        return backfill;
    }

    /// <summary>Fetches the history.</summary>
    /// <param name="tokens">Whose, as JSON.</param>
    /// <returns>The state of the backfill at its end.</returns>
    public async Task<JsonElement> RunAsync(string tokens = "\"all\"")
    {
        string body = $$"""{"tokens":{{tokens}},"source":"binance","from":"{{BackfillSize.From:yyyy-MM-ddTHH:mm:ssZ}}","to":"{{_size.To:yyyy-MM-ddTHH:mm:ssZ}}"}""";
        Answer started = await Http.SendAsync(HttpMethod.Post, "/v1/backfills", Requests.Json(body));
        Assert.True(started.Status == System.Net.HttpStatusCode.Accepted, started.Text);
        _id = started["id"].GetString()!;
        int pages = _exchange.Pairs.Sum(Pages);
        Task enough = _exchange.PagesAsync(pages * 19 / 20);
        Random random = new(_seed);
        foreach (int moment in Enumerable.Range(0, _size.Kills).Select(_ => random.Next(pages / 20, pages * 9 / 10)).Order().ToArray())
        {
            await Task.WhenAny(EndAsync(pages), _exchange.PagesAsync(moment)).Unwrap();
            if (_exchange.Pages < moment)
            {
                continue; // it ended before: the checks find out why
            }

            // Within the next milliseconds: while pages come, while a month is landed, while it is stored.
            await Task.Delay(random.Next(0, 20), Cancellation);
            _silo.Kill();
            NoteBusy(Stopwatch.GetTimestamp());
            _exchange.Hold();
            _silo.Dispose();
            await StartSiloAsync();
            await NoteFinishedAsync();
            _exchange.Release();
        }

        Task<JsonElement> end = EndAsync(pages);
        await Task.WhenAny(end, enough);
        NoteBusy(Stopwatch.GetTimestamp());
        return await end;
    }

    /// <summary>Compares every bar and the coverage of every token with what the exchange has; how many bars there are.</summary>
    public async Task<long> CompareAsync()
    {
        long bars = 0;
        int tokens = 0;
        await Parallel.ForEachAsync(_exchange.Pairs, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = Cancellation }, async (pair, _) =>
        {
            Interlocked.Add(ref bars, await CompareAsync(pair));
            if (Interlocked.Increment(ref tokens) % 50 == 0)
            {
                _tell($"compared {tokens} of {_exchange.Pairs.Count} tokens, {Interlocked.Read(ref bars):N0} bars");
            }
        });
        return bars;
    }

    public async ValueTask DisposeAsync()
    {
        _silo.Dispose();
        await _exchange.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Nine pairs of ten were listed before, and one is within.</summary>
    private static IEnumerable<TradedPair> Pairs(BackfillSize size)
    {
        SimulatedMarket market = new(new() { Tokens = Math.Min(SimulatedMarketOptions.MaxTokens, size.Symbols * 60) });
        (int from, int to) = (BarTime.SlotAt(BackfillSize.From), BarTime.SlotAt(size.To));
        SimulatedToken[] young = [.. market.Tokens.Where(token => token.ListedSlot > from && token.ListedSlot < to).Take(size.Symbols / 10)];
        return market.Tokens.Where(token => token.ListedSlot <= from && !(token.DelistedSlot < to)).Take(size.Symbols - young.Length).Concat(young)
            .Select(token => new TradedPair(market, token));
    }

    private async Task StartSiloAsync()
    {
        _silo = await SiloProcess.ListeningAsync(
            _folder, "--Pnl:Feed=none", $"--Pnl:Sources:binance:Address={_exchange.Address}", $"--Pnl:Sources:binance:PermitsAWindow={_size.Permits}",
            $"--Pnl:Sources:binance:WindowSeconds={_size.WindowSeconds}");
        await _silo.ReadyAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>The pages of a pair: a page of candles after the other, month by month.</summary>
    private int Pages(TradedPair pair)
    {
        (int from, int to) = Slots;
        return Enumerable.Range(BarTime.MonthOf(from), _size.Months).Sum(month => 1 + (BarTime.FirstSlotOfMonth(month + 1) - BarTime.FirstSlotOfMonth(month) - 1) / TradedPair.PageCandles);
    }

    private async Task<JsonElement> EndAsync(int pages)
    {
        long told = Stopwatch.GetTimestamp();
        while (true)
        {
            Answer answer = await Http.GetAnswerAsync($"/v1/backfills/{_id}");
            if (answer.Ok()["endedAt"].ValueKind != JsonValueKind.Null)
            {
                return answer.Json;
            }

            if (Stopwatch.GetElapsedTime(told) > ProgressPeriod)
            {
                told = Stopwatch.GetTimestamp();
                _tell(string.Create(CultureInfo.InvariantCulture, $"{_exchange.Pages:N0} of about {pages:N0} pages, {_exchange.Requests:N0} requests, {_exchange.Limit.Over} over the limit; {answer["bars"].GetProperty("landed").GetInt64():N0} bars landed, retries {answer["retries"].GetInt32()}"));
            }

            await Task.Delay(BetweenProbes, Cancellation); // a state can only be asked for
        }
    }

    /// <summary>A silo was at work until now: from one window behind its first page on, it had permits to use.</summary>
    private void NoteBusy(long end)
    {
        long begin = _exchange.FirstPageAt;
        long from = begin + (long)(_size.WindowSeconds * (double)Stopwatch.Frequency);
        if (begin != 0 && from < end)
        {
            _busy.Add((from, end));
        }
    }

    /// <summary>What a silo that was just started has finished, it had finished before it died: no page was answered since.</summary>
    private async Task NoteFinishedAsync()
    {
        (int from, int to) = Slots;
        HashSet<string> known = [.. (await Http.GetAnswerAsync($"/v1/tokens?limit={TokensAPage}")).Ok()["items"].EnumerateArray().Select(token => token.GetProperty("id").GetString()!)];
        Assert.True(_exchange.Pairs.Count <= TokensAPage);
        foreach (TradedPair pair in _exchange.Pairs.Where(pair => known.Contains(pair.Id)))
        {
            Coverage fetched = Coverage.Of(Ranges((await Http.GetAnswerAsync($"/v1/tokens/{pair.Id}")).Ok()["coverage"].GetProperty("fetched")));
            for (int month = BarTime.MonthOf(from); month < BarTime.MonthOf(to); month++)
            {
                if (!fetched.MissingIn(new(BarTime.FirstSlotOfMonth(month), BarTime.FirstSlotOfMonth(month + 1))).Any() && _finished.Add((pair.Symbol, month)))
                {
                    _servedOfFinished[(pair.Symbol, month)] = Served((pair.Symbol, month));
                }
            }
        }

        _tell($"killed at {_exchange.Pages:N0} pages, started again: {_finished.Count:N0} months are finished");
    }

    private int Served((string Symbol, int Month) month) =>
        Enumerable.Range(BarTime.FirstSlotOfMonth(month.Month), BarTime.FirstSlotOfMonth(month.Month + 1) - BarTime.FirstSlotOfMonth(month.Month))
            .Sum(slot => _exchange.Served.GetValueOrDefault((month.Symbol, slot)));

    private static IEnumerable<SlotRange> Ranges(JsonElement ranges) => ranges.EnumerateArray()
        .Select(range => new SlotRange(Slot(range.GetProperty("from")), Slot(range.GetProperty("to"))));

    private static int Slot(JsonElement time) => BarTime.SlotAtSeconds(Answer.Seconds(time));

    private async Task<long> CompareAsync(TradedPair pair)
    {
        (int from, int to) = Slots;
        (int[] slots, long[] ticks) = pair.Closes(from, to);
        int at = 0;
        for (string? cursor = ""; cursor is not null;)
        {
            Answer rates = (await Http.GetAnswerAsync($"/v1/tokens/{pair.Id}/rates?limit={BarsACall}&from={BarTime.OpenSeconds(from)}{cursor}")).Ok();
            foreach ((JsonElement time, JsonElement close) in rates["time"].EnumerateArray().Zip(rates["close"].EnumerateArray()))
            {
                decimal right = at < slots.Length ? ticks[at] / Powers[pair.Scale] : 0;
                if (at >= slots.Length || Slot(time) != slots[at] || close.GetDecimal() != right)
                {
                    Assert.Fail($"{pair.Id}: bar {at} of {slots.Length} is {close} at {time}; the exchange has {right} at {(at < slots.Length ? BarTime.Open(slots[at]) : null):u}");
                }

                at++;
            }

            cursor = rates["nextCursor"].GetString() is { } next ? "&cursor=" + Uri.EscapeDataString(next) : null;
        }

        Assert.True(at == slots.Length, $"{pair.Id}: {at} bars; the exchange has {slots.Length}");

        // Slots without a bar had none at the exchange, and the silo knows that of each of them.
        Answer token = (await Http.GetAnswerAsync($"/v1/tokens/{pair.Id}")).Ok();
        Assert.Equal([new SlotRange(from, to)], Ranges(token["coverage"].GetProperty("fetched")));
        int life = slots.Length == 0 ? 0 : slots[^1] + 1 - Math.Max(from, Slot(token["firstBar"]));
        Assert.Equal(life - slots.Length, token["coverage"].GetProperty("absentBars").GetInt64());
        return slots.Length;
    }

    private static decimal[] Powers { get; } = [.. Enumerable.Range(0, 20).Select(power => Enumerable.Repeat(10m, power).Aggregate(1m, (product, ten) => product * ten))];
}
