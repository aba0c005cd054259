using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;
using Pnl.Bench.Hosts;
using Pnl.Grains;

namespace Pnl.Bench.Data;

/// <summary>Tokens of a silo whose rates go on bar by bar, published to the streams by partition as the feed does.</summary>
internal sealed class LiveBars
{
    private const int LoadsAtOnce = 32;

    private readonly (string Partition, string[] Ids, long[] Mantissas, byte[] Scales)[] _partitions;
    private readonly IStreamProvider _streams;
    private readonly IGrainFactory _grains;
    private readonly Random _steps = new(1);

    private LiveBars(SiloInProcess silo, List<TokenBars> tokens, int next)
    {
        (_grains, _streams, NextSlot) = (silo.Grains, silo.Grains.GetStreamProvider(RateEvent.StreamProvider), next);
        Ids = [.. tokens.Select(token => token.Id)];
        _partitions =
        [
            .. tokens.GroupBy(token => RatesEvent.PartitionOf(token.Id)).Select(part => (
                part.Key.ToString(CultureInfo.InvariantCulture),
                part.Select(token => token.Id).ToArray(),
                part.Select(token => token.Mantissas[^1]).ToArray(),
                part.Select(token => (byte)token.Scale).ToArray())),
        ];
    }

    public string[] Ids { get; }

    /// <summary>Slot of the bars that are published next.</summary>
    public int NextSlot { get; private set; }

    /// <summary>Loads the last days of tokens into a silo.</summary>
    public static async Task<LiveBars> LoadAsync(SiloInProcess silo, int count, int days, DateTimeOffset end)
    {
        List<TokenBars> tokens = [];
        using IEnumerator<TokenBars> market = TokenMarket.EachOfSameDays(count, end, days).GetEnumerator();
        await Task.WhenAll(Enumerable.Range(0, LoadsAtOnce).Select(_ => Task.Run(async () =>
        {
            while (Next() is { } bars)
            {
                await silo.LoadAsync(bars);
                lock (tokens)
                {
                    tokens.Add(bars with { Slots = [], Mantissas = [bars.Mantissas[^1]] });
                }
            }
        })));
        return new(silo, tokens, BarTime.SlotAt(end));

        TokenBars? Next()
        {
            lock (market)
            {
                return market.MoveNext() ? market.Current : null;
            }
        }
    }

    /// <summary>Publishes a bar of every token; the slot of which they are.</summary>
    public async Task<int> PublishAsync()
    {
        int slot = NextSlot++;
        long open = BarTime.OpenSeconds(slot);
        await Task.WhenAll(_partitions.Select(async partition =>
        {
            IAsyncStream<RatesEvent> stream = _streams.GetStream<RatesEvent>(StreamId.Create(RatesEvent.StreamNamespace, partition.Partition));
            for (int from = 0; from < partition.Ids.Length; from += RatesEvent.MostBars)
            {
                int end = Math.Min(partition.Ids.Length, from + RatesEvent.MostBars);
                decimal[] rates = new decimal[end - from];
                long[] opens = new long[end - from];
                for (int i = from; i < end; i++)
                {
                    ref long mantissa = ref partition.Mantissas[i];
                    mantissa = Math.Max(1, mantissa + _steps.Next(-3, 4));
                    rates[i - from] = Mantissa.ToRate(mantissa, partition.Scales[i]);
                    opens[i - from] = open;
                }

                await stream.OnNextAsync(new(partition.Ids[from..end], opens, rates, opens));
            }
        }));
        return slot;
    }

    /// <summary>Completes when every bar of a slot is durable with its token.</summary>
    public async Task DurableAsync(int slot)
    {
        foreach ((string partition, _, _, _) in _partitions)
        {
            while (!await _grains.GetGrain<IRatePartitionGrain>(partition).Reached(BarTime.OpenSeconds(slot)))
            {
                // It says from time to time that it is not there yet.
            }
        }
    }
}
