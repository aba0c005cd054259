using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Extracts pages, lands them as Parquet, and hands them to the token: in this order, so that the landing has all that the store has.</summary>
[GrainType("backfill-worker")]
internal sealed class BackfillWorkerGrain(
    IEnumerable<ICandleSource> sources, ILanding landing, TimeProvider time, ILogger<BackfillWorkerGrain> log) : Grain, IBackfillWorkerGrain
{
    private const int Tries = 5;

    public async Task<BackfillWork> Fetch(BackfillOrder order)
    {
        string token = this.GetPrimaryKeyString();
        long landed = 0, imported = 0, quarantined = 0;
        int retries = 0;
        try
        {
            ICandleSource source = sources.First(s => s.Name == order.Source);
            SourcePair pair = new(order.Symbol, order.Base, order.Quote);
            ITokenGrain owner = GrainFactory.GetGrain<ITokenGrain>(token);
            TokenInfo known = await owner.Get() ?? throw new SourceException("token.unknown", $"{token} is not registered", isTransient: false);
            List<Candle> candles = [];
            List<QuarantinedRow> aside = [];
            for (int from = order.From; from < order.To;)
            {
                int month = BarTime.MonthOf(from);
                int end = Math.Min(BarTime.FirstSlotOfMonth(month + 1), order.To);
                candles.Clear();
                aside.Clear();
                for (int at = from; at < end;)
                {
                    (CandlePage page, int again) = await Read(source, pair, new(at, end));
                    retries += again;
                    candles.AddRange(page.Candles);
                    aside.AddRange(page.Quarantined);
                    at = page.Covered.To > at ? page.Covered.To : throw new SourceException("source.stuck", $"{source.Name} does not go on at {BarTime.Open(at):u}", isTransient: false);
                }

                (List<Candle> good, List<QuarantinedRow> spikes) = SpikeCheck.Divide(candles);
                aside.AddRange(spikes);
                if (candles.Count > 0 || aside.Count > 0)
                {
                    LandedCandles whole = LandedCandles.Of(
                        new(source.Name, token, month, from), Registration(known), pair.Symbol, new(from, end), time.GetUtcNow(), good, [.. aside]);
                    await landing.WriteAsync(whole, CancellationToken.None);
                }

                IngestResult taken = await owner.Ingest(LandedBars.Batch(good, new(from, end)))
                    ?? throw new SourceException("token.unknown", $"{token} is not registered", isTransient: false);
                landed += good.Count;
                imported += taken.Accepted + taken.Corrected;
                quarantined += aside.Count + taken.Rejected.Length;
                from = end;
            }

            return new(landed, imported, quarantined, retries, null);
        }
        catch (SourceException e)
        {
            log.LogWarning(e, "The history of {Token} from {Source} could not be fetched: {Code}", token, order.Source, e.Code);
            return new(landed, imported, quarantined, retries, new(token, e.Code, e.Message));
        }
    }

    private async Task<(CandlePage Page, int Retries)> Read(ICandleSource source, SourcePair pair, SlotRange range)
    {
        for (int retries = 0; ; retries++)
        {
            try
            {
                return (await source.ReadAsync(pair, range, CancellationToken.None), retries);
            }
            catch (SourceException e) when (e.IsTransient && retries < Tries)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 << retries), time);
            }
        }
    }

    private static TokenRegistration Registration(TokenInfo token) => new()
    {
        Symbol = token.Symbol,
        Name = token.Name,
        Quote = token.Quote,
        Listed = token.Listed,
        Delisted = token.Delisted,
        StalenessSeconds = token.StalenessSeconds,
        Sources = token.Sources,
    };
}
