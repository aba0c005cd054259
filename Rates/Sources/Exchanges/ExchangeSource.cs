using System.Text.Json;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Pnl.Rates.Exchanges;

/// <summary>An exchange as a source of candles: sends what its dialect says, and decides what is closed.</summary>
internal sealed class ExchangeSource(ExchangeDialect dialect, SourceLimits limits, IHttpClientFactory clients, TimeProvider time)
    : ICandleSource
{
    /// <summary>The name of the HTTP client of a source.</summary>
    public static string ClientName(string source) => $"candles.{source}";

    /// <inheritdoc/>
    public string Name => dialect.Name;

    /// <inheritdoc/>
    public SourceLimits Limits => limits;

    /// <inheritdoc/>
    public bool Gives(Interval interval) => dialect.NameOf(interval) is not null;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation)
    {
        List<SourcePair> pairs = [];
        string? cursor = null;
        do
        {
            string? at = cursor;
            Answer answer = await GetAsync(dialect.PairsPath(cursor), limits.ListCost, cancellation);
            cursor = Read(() => dialect.Pairs(answer.Body, pairs));
            if (cursor is not null && cursor == at)
            {
                throw new SourceException("source.malformed", $"{Name}: the list of pairs does not go on.", isTransient: true);
            }
        }
        while (cursor is not null);

        return [.. pairs.DistinctBy(p => p.Symbol)];
    }

    /// <inheritdoc/>
    public async ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (!Gives(pair.Interval))
        {
            throw IntervalUnsupported(pair);
        }

        // What is closed is decided by the time before the request went: the answer may have been written right then,
        // and have come minutes later.
        int present = BarTime.SlotAt(time.GetUtcNow());
        SlotRange readable = pair.Interval.WholeIn(range with { To = Math.Min(range.To, present - dialect.UnsettledSlots) });
        if (readable.IsEmpty)
        {
            return Nothing(range.From);
        }

        // Of coarser candles it has as many, and they reach further.
        if (limits.SlotsBack * pair.Interval.Slots() is { } back && present - back > range.From)
        {
            readable = pair.Interval.WholeIn(readable with { From = Math.Min(present - back, readable.To) });
            if (readable.IsEmpty)
            {
                return Nothing(readable.To);
            }
        }

        // An API that is out of order shows nothing where it has something, and what is absent is not asked for again: that
        // there is nothing is believed when it is said twice.
        SlotRange asked = dialect.Page(readable, pair.Interval);
        CandlePage page = await ReadOnceAsync(pair, asked, cancellation);
        return IsBlank(page) ? await ReadOnceAsync(pair, asked, cancellation) : page;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        List<LatestRate> rates = new(pairs.Count);
        if (pairs.Count == 0)
        {
            return rates;
        }

        foreach (LatestRequest request in dialect.LatestRequests(pairs))
        {
            try
            {
                Answer answer = await GetAsync(request.Path, request.Cost, cancellation);
                Read(() =>
                {
                    dialect.Latest(answer.Body, request, rates);
                    return true;
                });
            }
            catch (SourceException e) when (e.Code == "symbol.unknown")
            {
                // A pair that vanished has no rate; the others have theirs.
            }
        }

        return rates;
    }

    private SourceException IntervalUnsupported(SourcePair pair) => new(
        "interval.unsupported",
        $"{Name} has no candles of {pair.Interval.Name()}; it has those of {string.Join(", ", Enum.GetValues<Interval>().Where(Gives).Select(interval => interval.Name()))}",
        isTransient: false);

    private static bool IsBlank(CandlePage page) => page.Candles.Count == 0 && page.Quarantined.Count == 0 && !page.Covered.IsEmpty;

    private static CandlePage Nothing(int at) => new([], new(at, at), []);

    private async Task<CandlePage> ReadOnceAsync(SourcePair pair, SlotRange page, CancellationToken cancellation)
    {
        Answer answer = await GetAsync(dialect.CandlesPath(pair, page), limits.CandlesCost, cancellation);

        // The source's own clock counts too: where it is behind ours, its newest candle is open yet.
        if (answer.WrittenAt is { } written)
        {
            page = pair.Interval.WholeIn(page with { To = Math.Min(page.To, BarTime.SlotAt(written) - dialect.UnsettledSlots) });
            if (page.IsEmpty)
            {
                return Nothing(page.From);
            }
        }

        return Read(() => dialect.Candles(answer.Body, page).AtTheirClose(pair.Interval));
    }

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a value of another kind than its place has, such as a string for an object.
            throw new SourceException("source.malformed", $"{Name}: {e.Message}", isTransient: true, e);
        }
    }

    private async Task<Answer> GetAsync(string path, int cost, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(path, UriKind.Relative));
        RequestCost.Set(request, cost);
        try
        {
            using HttpClient client = clients.CreateClient(ClientName(Name));
            using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellation);

            // What a cache answers is as old as it says.
            return new(body, answer.Headers.Date - (answer.Headers.Age ?? TimeSpan.Zero));
        }
        catch (SourceException e)
        {
            throw new SourceException(e.Code, $"{Name}: {e.Message}", e.IsTransient, e, e.RetryAfter);
        }
        catch (BrokenCircuitException e)
        {
            throw new SourceException(
                "source.unavailable", $"{Name}: it failed so often that it is left alone for a while.", isTransient: true, e);
        }
        catch (TimeoutRejectedException e)
        {
            throw new SourceException("source.unavailable", $"{Name}: no answer in time.", isTransient: true, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new SourceException("source.unavailable", $"{Name}: {e.Message}", isTransient: true, e);
        }
    }

    private readonly record struct Answer(byte[] Body, DateTimeOffset? WrittenAt);
}
