using System.Globalization;
using System.IO.Compression;
using ParquetSharp;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Tokens;

/// <summary>Bars written into a file of each format, and read back into batches as an import does.</summary>
internal static class RateFiles
{
    public static readonly string[] Endings = [".csv", ".csv.gz", ".parquet"];

    public static void Write(string path, IReadOnlyCollection<Bar> bars)
    {
        if (path.EndsWith(".parquet", StringComparison.Ordinal))
        {
            using ParquetFileWriter writer = new(path, [new Column<long>("time"), new Column<string>("rate")]);
            using RowGroupWriter group = writer.AppendRowGroup();
            using (LogicalColumnWriter<long> times = group.NextColumn().LogicalWriter<long>())
            {
                times.WriteBatch([.. bars.Select(bar => BarTime.OpenSeconds(bar.Slot))]);
            }

            using (LogicalColumnWriter<string> rates = group.NextColumn().LogicalWriter<string>())
            {
                rates.WriteBatch([.. bars.Select(bar => bar.Rate.ToString(CultureInfo.InvariantCulture))]);
            }

            writer.Close();
            return;
        }

        using FileStream file = File.Create(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        using StreamWriter text = new(stream);
        text.Write("time,rate\n");
        foreach (Bar bar in bars)
        {
            text.Write(string.Create(CultureInfo.InvariantCulture, $"{BarTime.OpenSeconds(bar.Slot)},{bar.Rate}\n"));
        }
    }

    public static IEnumerable<BarBatch> Read(string path, int rowsABatch)
    {
        using RateFile file = RateFile.Open(path);
        List<Bar> bars = [];
        while (file.TryRead(out RateRow row))
        {
            Assert.Equal(BarDefect.None, row.Defect);
            bars.Add(new(row.Slot, row.Rate));
            if (bars.Count == rowsABatch)
            {
                yield return Batches.Of(bars);
                bars.Clear();
            }
        }

        if (bars.Count > 0)
        {
            yield return Batches.Of(bars);
        }
    }
}
