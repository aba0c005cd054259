using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streams.Core;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Fans an event out to its tokens. An event is dealt with once each bar is durable with its token or put aside; whatever
/// comes twice the tokens know already.
/// </summary>
[GrainType("rate-partition")]
[ImplicitStreamSubscription(RatesEvent.StreamNamespace)]
internal sealed class RatePartitionGrain(RateFeedOptions options, ISegmentStore store, PnlMeter meter, TimeProvider time, ILogger<RatePartitionGrain> log)
    : Grain, IRatePartitionGrain, IStreamSubscriptionObserver, IAsyncObserver<RatesEvent>
{
    private const int Tries = 4, MostKept = 100_000;

    private static readonly TimeSpan MostAhead = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private string Key => this.GetPrimaryKeyString();

    private readonly Dictionary<string, ITokenGrain> _tokens = new(StringComparer.Ordinal); // to make a reference takes longer than to call it
    private readonly List<(long Time, TaskCompletionSource Done)> _waiting = [];
    private readonly ConcurrencyLimiter _limiter = new(options.TokensAtOnce, time);
    private long _reached = long.MinValue;

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        await handleFactory.Create<RatesEvent>().ResumeAsync(this);

    public async Task OnNextAsync(RatesEvent item, StreamSequenceToken? token = null)
    {
        FeedLoadLimiter.MarkCalls();
        await WaitUntilClosed(item.Time);

        // Tokens whose changes may share a transaction one after another: they are written at the same time, by all partitions.
        int next = 0, failed = 0, under = 0;
        int[] order = [.. Enumerable.Range(0, item.Tokens.Length).OrderBy(i => store.GroupOf(item.Tokens[i]))];
        await Task.WhenAll(Enumerable.Range(0, _limiter.Limit).Select(_ => HandOver()));
        if (failed > 0 && HubStreams.IsOfHub(Key))
        {
            throw new InvalidOperationException($"{failed} tokens did not take their bars of the stream {Key}; the event comes again");
        }

        foreach (UnreadBar unread in item.Unread ?? [])
        {
            await PutAside(unread.Token, unread.Reason, unread.Payload);
        }

        foreach (long bar in item.Time)
        {
            _reached = Math.Max(_reached, bar);
        }

        if (item.Time.Length > 0)
        {
            meter.Handed(Key, item.Time.Length - failed, item.Time.Max());
        }

        foreach ((_, TaskCompletionSource done) in _waiting.Where(waiting => waiting.Time <= _reached))
        {
            done.TrySetResult();
        }

        _waiting.RemoveAll(waiting => waiting.Time <= _reached);

        async Task HandOver()
        {
            List<Task> more = [];
            under++;
            while (next < order.Length && under <= _limiter.Limit)
            {
                int i = order[next++];
                long began = time.GetTimestamp();
                failed += await Deliver(item.Tokens[i], item[i]) ? 0 : 1;
                _limiter.Ended(began);
                if (next < order.Length && under < _limiter.Limit)
                {
                    more.Add(HandOver());
                }
            }

            under--;
            await Task.WhenAll(more);
        }
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex)
    {
        log.LogError(ex, "The stream of partition {Partition} reports an error", Key);
        return Task.CompletedTask;
    }

    public async Task<bool> Reached(long openTime)
    {
        if (_reached >= openTime)
        {
            return true;
        }

        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((openTime, done));
        return await Task.WhenAny(done.Task, Task.Delay(Patience, time)) == done.Task;
    }

    /// <summary>A producer's clock may be a little ahead of ours: its bars are taken once they have closed, since none is known before.</summary>
    private async Task WaitUntilClosed(long[] opened)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan ahead = opened.Length == 0 ? TimeSpan.Zero
            : opened.Select(open => (decimal)open + BarTime.SecondsPerBar - now.ToUnixTimeMilliseconds() / 1000m).Where(seconds => seconds > 0m && seconds <= (decimal)MostAhead.TotalSeconds)
                .Select(seconds => TimeSpan.FromMilliseconds((double)Math.Ceiling(seconds * 1000m))).DefaultIfEmpty().Max();
        if (ahead > TimeSpan.Zero)
        {
            await Task.Delay(ahead, time);
        }
    }

    /// <summary>
    /// Hands a bar over. What fails by the death of a silo or a busy store is tried again for some seconds; a token that
    /// still fails must not hold up the others of its partition: it sees with its next bar that it lacks one. Where no source
    /// has it, the whole event is to come again; all but a bar of a token that cannot be read from the store any more.
    /// </summary>
    private Task<bool> Deliver(string token, RateEvent bar)
    {
        if (_tokens.Count >= MostKept)
        {
            _tokens.Clear(); // anybody may publish bars of any id
        }

        ref ITokenGrain? grain = ref CollectionsMarshal.GetValueRefOrAddDefault(_tokens, token, out _);
        return Deliver(grain ??= GrainFactory.GetGrain<ITokenGrain>(token), token, bar);
    }

    private async Task<bool> Deliver(ITokenGrain grain, string token, RateEvent bar)
    {
        for (int tried = 0; ; tried++)
        {
            try
            {
                await grain.IngestEvent(bar);
                return true;
            }
            catch (Exception e) when (e.GetBaseException() is SegmentCorruptException)
            {
                log.LogError(e, "{Token} is corrupt in the store and takes no bars", token);
                await PutAside(token, "token.corrupt", DeadBar.Write(bar));
                return true;
            }
            catch (Exception e) when (tried < Tries)
            {
                log.LogWarning(e, "{Token} did not take its bar of {Time}; it is handed over again", token, bar.Time);
                await Task.Delay(TimeSpan.FromMilliseconds(100 << (2 * tried)), time);
            }
            catch (Exception e)
            {
                log.LogError(e, "{Token} did not take its bar of {Time}; it will fetch what it lacks, or the event comes again", token, bar.Time);
                return false;
            }
        }
    }

    private async Task PutAside(string token, string reason, string payload)
    {
        log.LogWarning("Put aside a part of the stream {Stream}: {Token}: {Reason}: {Payload}", Key, token, reason, payload);
        await store.WriteDeadLetterAsync(new(time.GetUtcNow(), token, reason, payload));
        meter.PutAside(reason);
    }
}
