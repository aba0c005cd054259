using System.Globalization;
using System.IO.Compression;
using System.Text;
using ParquetSharp;
using Pnl.Rates.Simulation;

namespace Pnl.Bench.Data;

/// <summary>Files of rates of the simulated market, as the source <c>files</c> and any peer reads them.</summary>
internal static class RateFiles
{
    /// <summary>
    /// Writes a file a token, <c>AAA-USD.parquet</c> (time in milliseconds, rate as a decimal in 64 bits, delta coded, zstd)
    /// or <c>AAA-USD.csv.gz</c>; tokens that trade over the whole time alone.
    /// </summary>
    /// <returns>The number of bars.</returns>
    public static long Write(string folder, string extension, int tokens, DateTimeOffset end, int days, IProgress<(int Tokens, long Bars)> progress)
    {
        Directory.CreateDirectory(folder);
        int to = BarTime.SlotAt(end), from = to - days * BarTime.BarsPerDay;
        SimulatedMarket market = new(new SimulatedMarketOptions { Tokens = Math.Min(4 * tokens + 8, SimulatedMarketOptions.MaxTokens) });
        SimulatedToken[] chosen =
        [
            .. market.Tokens.Where(token => token.ListedSlot <= from && (token.DelistedSlot is not { } delisted || delisted >= to)).Take(tokens),
        ];
        if (chosen.Length < tokens)
        {
            throw new InvalidOperationException($"only {chosen.Length} tokens trade over {days} days up to {end:u}");
        }

        long bars = 0;
        int done = 0;
        Parallel.ForEach(chosen, token =>
        {
            (int[] slots, long[] mantissas) = (new int[to - from], new long[to - from]);
            int count = market.Read(token.Index, from, to, slots, mantissas);
            string path = Path.Combine(folder, $"{token.Id.ToUpperInvariant()}-{token.Quote.ToUpperInvariant()}{extension}");
            if (extension == ".parquet")
            {
                Parquet(path, token.Scale, slots.AsSpan(0, count), mantissas.AsSpan(0, count));
            }
            else
            {
                Csv(path, token.Scale, slots.AsSpan(0, count), mantissas.AsSpan(0, count));
            }

            long all = Interlocked.Add(ref bars, count);
            int number = Interlocked.Increment(ref done);
            if (number % 500 == 0)
            {
                progress.Report((number, all));
            }
        });
        return bars;
    }

    private static void Parquet(string path, int scale, ReadOnlySpan<int> slots, ReadOnlySpan<long> mantissas)
    {
        using LogicalType timestamp = LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Millis);
        using LogicalType exact = LogicalType.Decimal(18, scale);
        using ParquetSharp.Schema.PrimitiveNode time = new("time", Repetition.Required, timestamp, PhysicalType.Int64);
        using ParquetSharp.Schema.PrimitiveNode rate = new("rate", Repetition.Required, exact, PhysicalType.Int64);
        using ParquetSharp.Schema.GroupNode schema = new("rates", Repetition.Required, [time, rate]);
        using WriterPropertiesBuilder builder = new();
        builder.Compression(Compression.Zstd).CompressionLevel(1).DisableDictionary().Encoding(ParquetSharp.Encoding.DeltaBinaryPacked);
        using WriterProperties properties = builder.Build();
        using FileStream file = new(path, FileMode.Create);
        using ParquetSharp.IO.ManagedOutputStream output = new(file, leaveOpen: true);
        using ParquetFileWriter writer = new(output, schema, properties);
        using (RowGroupWriter group = writer.AppendRowGroup())
        {
            long[] times = new long[slots.Length];
            for (int i = 0; i < times.Length; i++)
            {
                times[i] = BarTime.OpenSeconds(slots[i]) * 1000;
            }

            using (ColumnWriter<long> column = (ColumnWriter<long>)group.NextColumn())
            {
                column.WriteBatch(times);
            }

            using (ColumnWriter<long> column = (ColumnWriter<long>)group.NextColumn())
            {
                column.WriteBatch(mantissas);
            }
        }

        writer.Close();
    }

    private static void Csv(string path, int scale, ReadOnlySpan<int> slots, ReadOnlySpan<long> mantissas)
    {
        using StreamWriter text = new(new GZipStream(File.Create(path), CompressionLevel.Fastest), new UTF8Encoding(false), 1 << 16);
        text.Write("time,rate\n");
        for (int i = 0; i < slots.Length; i++)
        {
            text.Write(string.Create(CultureInfo.InvariantCulture, $"{BarTime.OpenSeconds(slots[i])},{Mantissa.ToRate(mantissas[i], scale)}\n"));
        }
    }
}
