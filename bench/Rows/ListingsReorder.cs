using Pnl.Bench.Data;
using Pnl.Bench.Hosts;
using Pnl.Bench.Reporting;
using Pnl.Grains;

namespace Pnl.Bench.Rows;

/// <summary>
/// The listings of a token with a long life put into another order, from the call until the life made anew is durable: of two
/// in the token's quote that both have every bar, and of a third one that is converted by daily rates.
/// </summary>
internal sealed class ListingsReorder : IRow
{
    private const int Bars = 1_700_000, Times = 6;

    public IReadOnlyList<string> Names => ["listings.reorder"];

    public async Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        TokenBars bars = TokenMarket.LongLife(Bars).EndingBefore(DateTimeOffset.UtcNow);
        TokenListing one = new("one", "X-USD", "usd"), other = new("other", "XUSD", "usd"), converted = new("third", "XSTABLE", "stable");
        await using SiloInProcess silo = await SiloInProcess.StartAsync(run, cancel);
        ITokenGrain stable = silo.Token("stable"), token = silo.Token(bars.Id);
        await stable.Register(new() { Quote = "usd" });
        int[] days = [.. Enumerable.Range(BarTime.DayOf(bars.Slots[0]) - 1, BarTime.DayOf(bars.Slots[^1]) - BarTime.DayOf(bars.Slots[0]) + 1)];
        await stable.IngestHistory(new()
        {
            Slots = Array.ConvertAll(days, day => BarTime.FirstSlotOfDay(day + 1) - 1),
            Mantissas = Array.ConvertAll(days, day => 9_990L + day % 20),
            Scale = 4,
            Listing = new("files", "STABLE-USD", "usd", Interval.Day),
        });
        await token.Register(new() { Quote = "usd", Listings = [one, other] });
        await LoadAsync(token, one, bars, 0);
        await LoadAsync(token, other, bars, 1);
        double two = await ReorderAsync(token, [other, one], [one, other]);

        await token.Register(new() { Listings = [one, other, converted] });
        await LoadAsync(token, converted, bars, 2);
        double three = await ReorderAsync(token, [converted, one, other], [one, other, converted]);
        return
        [
            Figure.Lower("listings.reorder", "ms", two * 1e3, null, $"{Bars / 1e6:0.0} M bars of two listings in the token's quote; target below 2,000"),
            Figure.Lower("listings.reorder.converted", "ms", three * 1e3, null, "a third listing of as many bars comes first and goes last, converted by daily rates; target below 2,000"),
        ];
    }

    private static async Task LoadAsync(ITokenGrain token, TokenListing listing, TokenBars bars, int plus)
    {
        for (int at = 0; at < bars.Count; at += HistoryBatch.MaxLength)
        {
            int end = Math.Min(bars.Count, at + HistoryBatch.MaxLength);
            await token.IngestHistory(new()
            {
                Slots = bars.Slots.AsMemory(at..end),
                Mantissas = Array.ConvertAll(bars.Mantissas[at..end], mantissa => mantissa + plus),
                Scale = bars.Scale,
                CoveredFrom = bars.Slots[at],
                CoveredTo = bars.Slots[end - 1] + 1,
                Listing = listing,
            });
        }
    }

    private static async Task<double> ReorderAsync(ITokenGrain token, params TokenListing[][] orders)
    {
        List<double> seconds = [];
        for (int i = 0; i < Times; i++)
        {
            long began = System.Diagnostics.Stopwatch.GetTimestamp();
            await token.Register(new() { Listings = orders[i % orders.Length] });
            seconds.Add(System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        seconds.Sort();
        return seconds[Times / 2];
    }
}
