using System.Buffers;
using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Fetches for every token of a source what it lacks before a slot. What that is, is told by the token's own last bar, which is
/// durable with it: there is no watermark beside the bars that could disagree with them.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="tokens">Its tokens.</param>
/// <param name="historyBars">How far back the history of a token that is new is fetched, in bars.</param>
/// <param name="registration">Registers those that are new.</param>
/// <param name="store">Says which tokens' changes may share a transaction.</param>
/// <param name="options">How many are fetched at once.</param>
/// <param name="grains">The tokens' grains.</param>
/// <param name="log">Takes how far it is.</param>
internal sealed class FeedCatchUp(
    IRateSource source, IReadOnlyList<SourceToken> tokens, int historyBars, FeedRegistration registration, ISegmentStore store, RateFeedOptions options, IGrainFactory grains, ILogger log)
{
    private const int TokensAtOnce = 32;
    private const int TokensALine = 1000;

    /// <summary>How many tokens are done.</summary>
    public int Done { get; private set; }

    /// <summary>How many bars were fetched, ever.</summary>
    public long Bars { get; private set; }

    /// <summary>Whether every token that is listed before a slot is known.</summary>
    public bool KnowsAll(int upTo, Dictionary<string, int?> known) => !Enumerable.Range(0, tokens.Count).Any(token => IsNew(token, upTo, known));

    /// <summary>Registers tokens that are new, lists the source with the others, and fetches what they lack.</summary>
    /// <param name="upTo">The slot behind the last one.</param>
    /// <param name="known">The last slots of the tokens that are known.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task RunAsync(int upTo, Dictionary<string, int?> known, CancellationToken cancellation)
    {
        Done = 0;

        // Those next to each other whose changes may share a transaction; a registration takes no memory, so many at once.
        int registrationsAtOnce = options.TokensAtOnce * RatesEvent.Partitions;
        int[] order = [.. Enumerable.Range(0, tokens.Count).OrderBy(token => store.GroupOf(tokens[token].Id))];
        await Each([.. order.Where(token => IsNew(token, upTo, known))], registrationsAtOnce, registration.RegisterAsync, cancellation);
        await Each([.. order.Where(token => known.ContainsKey(tokens[token].Id) && !registration.Has(token))], registrationsAtOnce, registration.ListAsync, cancellation);
        await Each(order, TokensAtOnce, async token =>
        {
            if (registration.Has(token)) // else it is listed later, and registered with its first bar
            {
                int? last = known.GetValueOrDefault(tokens[token].Id);
                await FetchAsync(tokens[token], new(last + 1 ?? upTo - historyBars, upTo), cancellation);
            }

            if (++Done % TokensALine == 0)
            {
                log.LogInformation("Feed {Source}: {Done} of {Total} tokens, {Bars} bars", source.Name, Done, tokens.Count, Bars);
            }
        }, cancellation);
        cancellation.ThrowIfCancellationRequested();
    }

    private bool IsNew(int token, int upTo, Dictionary<string, int?> known) =>
        !known.ContainsKey(tokens[token].Id) && !(tokens[token].Registration.Listed >= BarTime.Open(upTo));

    private async Task FetchAsync(SourceToken token, SlotRange range, CancellationToken cancellation)
    {
        (int from, int upTo) = range;
        if (from >= upTo)
        {
            return;
        }

        Bar[] bars = ArrayPool<Bar>.Shared.Rent(upTo - from);
        long[] times = ArrayPool<long>.Shared.Rent(upTo - from);
        decimal[] rates = ArrayPool<decimal>.Shared.Rent(upTo - from);
        int count = await source.ReadAsync(token, range, bars, cancellation);
        for (int i = 0; i < count; i++)
        {
            (times[i], rates[i]) = (BarTime.OpenSeconds(bars[i].Slot), bars[i].Rate);
        }

        for (int at = 0; at < count || at == 0; at += BarBatch.MaxLength)
        {
            int length = Math.Min(BarBatch.MaxLength, count - at), end = at + length;
            await grains.GetGrain<ITokenGrain>(token.Id).Ingest(new()
            {
                Time = times.AsMemory(at, length),
                Rate = rates.AsMemory(at, length),
                CoveredFrom = at == 0 ? BarTime.OpenSeconds(from) : times[at],
                CoveredTo = end < count ? times[end] : BarTime.OpenSeconds(upTo),
                Source = source.Name,
            });
        }

        Bars += count;
        ArrayPool<Bar>.Shared.Return(bars);
        ArrayPool<long>.Shared.Return(times);
        ArrayPool<decimal>.Shared.Return(rates);
    }

    /// <summary>Does something for each of some tokens, for so many at once.</summary>
    private static Task Each(int[] tokens, int atOnce, Func<int, Task> act, CancellationToken cancellation)
    {
        int next = 0;
        return Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            while (next < tokens.Length && !cancellation.IsCancellationRequested)
            {
                await act(tokens[next++]);
            }
        }));
    }
}
