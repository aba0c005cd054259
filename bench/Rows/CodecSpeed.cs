using Pnl.Bench.Data;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>Bars that one core encodes and decodes in a second, a day at a time.</summary>
internal sealed class CodecSpeed : IRow
{
    private const int Tokens = 200, Days = 30;

    public IReadOnlyList<string> Names => ["codec.encode", "codec.decode"];

    public Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        TokenBars[] tokens = TokenMarket.FirstDays(Tokens, Days);
        double bars = tokens.Sum(token => token.Count) / 1e6;
        Segment[] segments = [.. tokens.SelectMany(token => StoredToken.Encode(token, Days))];

        DayBars day = DayBars.Rent();
        byte[] block = new byte[DayBlock.MaxLength];
        double encode = Timing.Median(() => Encode(tokens, day, block));
        double decode = Timing.Median(() => Decode(segments, day));
        RiceChain chain = new(tokens);
        double walk = Timing.Median(() => chain.Walk());
        double fold = Timing.Median(() => Fold(segments));
        day.Return();

        long[][] times = [.. tokens.Select(token => Array.ConvertAll(token.Slots, BarTime.OpenSeconds))];
        double[][] rates = [.. tokens.Select(token => Enumerable.Range(0, token.Count).Select(token.Rate).ToArray())];
        byte[] room = new byte[20 * tokens.Max(token => token.Count) + 64];
        byte[][] gorilla = [.. times.Select((t, i) => room[..GorillaCodec.Encode(t, rates[i], room)])];
        double gorillaEncode = Timing.Median(() =>
        {
            for (int i = 0; i < times.Length; i++)
            {
                GorillaCodec.Encode(times[i], rates[i], room);
            }
        });
        long[] timesBack = new long[tokens.Max(token => token.Count)];
        double[] ratesBack = new double[timesBack.Length];
        for (int i = 0; i < gorilla.Length; i++)
        {
            GorillaCodec.Decode(gorilla[i], timesBack.AsSpan(0, times[i].Length), ratesBack);
            if (!timesBack.AsSpan(0, times[i].Length).SequenceEqual(times[i]) || !ratesBack.AsSpan(0, times[i].Length).SequenceEqual(rates[i]))
            {
                throw new InvalidOperationException("the Gorilla codec of the benchmark loses bars");
            }
        }

        double gorillaDecode = Timing.Median(() =>
        {
            for (int i = 0; i < gorilla.Length; i++)
            {
                GorillaCodec.Decode(gorilla[i], timesBack.AsSpan(0, times[i].Length), ratesBack);
            }
        });

        string file = run.NewPath(".parquet");
        double parquetWrite = Timing.Median(() => ParquetMantissas.Write(file, tokens));
        int[] slots = new int[timesBack.Length];
        double parquetRead = Timing.Median(() => ParquetMantissas.Read(file, slots, timesBack));

        Rival[] encoders = [new("Gorilla", bars / gorillaEncode), new(ParquetMantissas.Name, bars / parquetWrite)];
        Rival[] decoders = [new("Gorilla", bars / gorillaDecode), new(ParquetMantissas.Name, bars / parquetRead)];
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.Higher(
                "codec.encode", "M bars/s a core", bars / encode, encoders.MaxBy(rival => rival.Value),
                $"with the day's summary, which the peers have not; others: {encoders.MinBy(rival => rival.Value)}"),
            Figure.Higher(
                "codec.decode", "M bars/s a core", bars / decode, decoders.MaxBy(rival => rival.Value),
                $"decode and fold {Significant.Text(bars / fold)}; others: {decoders.MinBy(rival => rival.Value)}; target at least 100",
                bars / walk, "dependency chain: finding the end of each code without using it"),
        ]);
    }

    private static void Encode(TokenBars[] tokens, DayBars day, byte[] block)
    {
        foreach (TokenBars token in tokens)
        {
            for (int from = 0; from < token.Count;)
            {
                int end = BarTime.FirstSlotOfDay(BarTime.DayOf(token.Slots[from]) + 1), to = from + 1;
                while (to < token.Count && token.Slots[to] < end)
                {
                    to++;
                }

                day.Set(token.Slots.AsSpan(from, to - from), token.Mantissas.AsSpan(from, to - from), token.Scale);
                DayBlock.Encode(day, block);
                from = to;
            }
        }
    }

    private static void Decode(Segment[] segments, DayBars day)
    {
        foreach (Segment segment in segments)
        {
            for (int i = 0; i < segment.DayCount; i++)
            {
                segment.Decode(i, day);
            }
        }
    }

    private static void Fold(Segment[] segments)
    {
        foreach (Segment segment in segments)
        {
            segment.Recompute();
        }
    }
}
