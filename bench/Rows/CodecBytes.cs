using Pnl.Bench.Data;
using Pnl.Bench.Peers;
using Pnl.Bench.Reporting;

namespace Pnl.Bench.Rows;

/// <summary>Bytes that a bar takes at rest: time and rate, lossless.</summary>
internal sealed class CodecBytes(string name) : IRow
{
    private const int Days = 30;
    private const int QuietOf = 1000;
    private const double QuietNoise = 0.8;

    public IReadOnlyList<string> Names => [name];

    public Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        bool real = name.EndsWith("real", StringComparison.Ordinal), quiet = name.EndsWith("quiet", StringComparison.Ordinal);
        double step = 0;
        TokenBars[]? tokens;
        if (quiet)
        {
            (tokens, step) = TokenMarket.QuietestFirstDays(QuietOf, Days, QuietNoise);
        }
        else
        {
            tokens = real ? RealMarket.Read("bitfinex", "binance2021") : TokenMarket.FirstDays(500, Days);
        }

        if (tokens is null)
        {
            BenchRun.Log($"{name} {RealMarket.Absent}");
            return Task.FromResult<IReadOnlyList<Figure>>([]);
        }

        double bars = tokens.Sum(token => (long)token.Count);
        long bytes = 0, days = 0;
        foreach (TokenBars token in tokens)
        {
            foreach (Segment segment in StoredToken.Encode(token, Days))
            {
                bytes += segment.Bytes.Length;
                days += segment.DayCount;
            }
        }

        Rival[] rivals =
        [
            new(ParquetMantissas.Name, Math.Min(
                ParquetMantissas.Write(run.NewPath(".parquet"), tokens),
                ParquetMantissas.WriteTogether(run.NewPath(".parquet"), tokens)) / bars),
            new(DuckDb.Name + " file", DuckDbBytes(run, tokens) / bars),
            new("Gorilla", tokens.Sum(GorillaBytes) / bars),
        ];
        double noise = tokens.Sum(token => MarketNoise.Bits(token) / 8) / bars;
        string target = real ? "; ours has a scale a day, Parquet one a file"
            : quiet ? $"; the {tokens.Length} quietest of {QuietOf} tokens, up to {Significant.Text(step)} ticks a bar, as many as keep the noise within"
                + $" {QuietNoise}, for which the target of at most 1.1 was stated"
            : $"; target at most 1.1{(noise > 1.1 ? ", which is less than the noise of this market" : "")}";
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.Lower(
                name, "bytes/bar", bytes / bars, rivals.MinBy(rival => rival.Value),
                $"{bars / 1e6:0.00} M bars, {days} days with a directory entry and a summary each, which the peers have not"
                + $"; others: {string.Join(", ", rivals.OrderBy(rival => rival.Value).Skip(1))}{target}",
                noise, MarketNoise.Name),
        ]);
    }

    private static double GorillaBytes(TokenBars token)
    {
        long[] times = Array.ConvertAll(token.Slots, BarTime.OpenSeconds);
        double[] rates = [.. Enumerable.Range(0, token.Count).Select(token.Rate)];
        return GorillaCodec.Encode(times, rates, new byte[20 * token.Count + 64]);
    }

    /// <summary>The smallest file of the forms that one would give the table.</summary>
    private static long DuckDbBytes(BenchRun run, TokenBars[] tokens)
    {
        string[] forms =
        [
            "token, slot::BIGINT * 300 AS time, mantissa",
            "token::USMALLINT AS token, slot, mantissa",
            "token, slot::BIGINT * 300 AS time, close",
        ];
        long best = long.MaxValue;
        foreach (string form in forms)
        {
            string path;
            using (DuckDb database = DuckDb.Open(run))
            {
                database.LoadBars(run, tokens, form);
                path = database.Path;
            }

            long length = new FileInfo(path).Length;
            BenchRun.Log($"DuckDB ({form}): {length} bytes");
            run.Explain("DuckDB file", $"CREATE TABLE bars AS SELECT <form> FROM bars_by_token_and_slot; CHECKPOINT; forms: {string.Join(" | ", forms)}");
            best = Math.Min(best, length);
            File.Delete(path);
        }

        return best;
    }
}
