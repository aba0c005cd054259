using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Extracts pages, lands them as Parquet, and hands them to the token: in this order, so that the landing has all that the store has.</summary>
[GrainType("backfill-worker")]
internal sealed class BackfillWorkerGrain(
    CandleSources sources, ILanding landing, TimeProvider time, ILogger<BackfillWorkerGrain> log) : Grain, IBackfillWorkerGrain
{
    private const int Tries = 5;

    public async Task<BackfillWork> Fetch(BackfillOrder order)
    {
        Progress done = new();
        try
        {
            ICandleSource source = sources.Named(order.Source);
            SourcePair pair = new(order.Symbol, order.Base, order.Quote);
            TokenInfo token = await Owner.Get() ?? throw Unregistered();

            // An order that is given twice, or that another backfill carried out meanwhile, costs no request.
            TimeRange whole = new(BarTime.Open(order.From), BarTime.Open(order.To));
            foreach (TimeRange unread in order.Again ? [whole] : await Owner.GetUnread(whole.From, whole.To) ?? throw Unregistered())
            {
                await Fetch(source, pair, token, new(BarTime.SlotAt(unread.From), BarTime.SlotAt(unread.To)), done);
            }

            return done.Work(null);
        }
        catch (SourceException e)
        {
            log.LogWarning(e, "The history of {Token} from {Source} could not be fetched: {Code}", Token, order.Source, e.Code);
            return done.Work(new(Token, e.Code, e.Message));
        }
    }

    private string Token => this.GetPrimaryKeyString();

    private ITokenGrain Owner => GrainFactory.GetGrain<ITokenGrain>(Token);

    private async Task Fetch(ICandleSource source, SourcePair pair, TokenInfo token, SlotRange range, Progress done)
    {
        List<Candles> candles = [];
        List<QuarantinedRow> aside = [];
        SlotRange covered = default;
        Interval interval = default;
        try
        {
            for (int at = range.From; at < range.To; at = covered.To)
            {
                (CandlePage page, int retries) = await Read(source, pair, new(at, range.To));
                done.Retries += retries;
                if (page.Covered.To < at || (page.Covered.To == at && !page.Covered.IsEmpty))
                {
                    break; // it cannot say anything of this yet: the rest stays unread, for a later backfill
                }

                if (page.Covered.To == at)
                {
                    break; // the source does not know the rest yet: it stays not fetched, and is no failure
                }

                if ((page.Covered.From != covered.To || page.Interval != interval) && !covered.IsEmpty)
                {
                    await Keep(source, pair, token, covered, interval, candles, aside, done);
                    candles.Clear();
                    aside.Clear();
                    covered = default;
                }

                interval = page.Interval;
                covered = covered.IsEmpty ? page.Covered : covered with { To = page.Covered.To };
                candles.Add(Candles.Of(page.Candles));
                aside.AddRange(page.Quarantined);
            }
        }
        catch (SourceException)
        {
            // What came before is good, and paid for.
            await Keep(source, pair, token, covered, interval, candles, aside, done);
            throw;
        }

        await Keep(source, pair, token, covered, interval, candles, aside, done);
    }

    /// <summary>Lands what was read of one range without a hole, a month a file, then hands it to the token.</summary>
    private async Task Keep(
        ICandleSource source, SourcePair pair, TokenInfo token, SlotRange covered, Interval interval, List<Candles> pages, List<QuarantinedRow> aside, Progress done)
    {
        if (covered.IsEmpty)
        {
            return;
        }

        (Candles good, List<QuarantinedRow> spikes) = SpikeCheck.Divide(Candles.Concat(pages));
        QuarantinedRow[] kept = [.. aside, .. spikes];
        DateTimeOffset fetched = time.GetUtcNow();
        TokenRegistration registration = Registration(token);

        await Task.WhenAll(BarTime.Months(covered).Select(month => landing.WriteAsync(
            new(
                new(source.Name, Token, month), registration, pair.Symbol, fetched, good.In(month),
                [.. kept.Where(row => MonthOf(row, covered) == BarTime.MonthOf(month.From))]),
            CancellationToken.None)));
        IngestResult taken = await LandedBars.Take(Owner, good, covered, interval) ?? throw Unregistered();
        done.Landed += good.Count;
        done.Imported += taken.Accepted + taken.Corrected;
        done.Corrected += taken.Corrected;
        done.Quarantined += kept.Length + taken.Rejected.Length;
    }

    /// <summary>The month with which a row is kept; the first one for a row without a time, or with one of elsewhere.</summary>
    private static int MonthOf(QuarantinedRow row, SlotRange covered) =>
        row.TimeSeconds is { } at && at >= BarTime.OpenSeconds(covered.From) && at < BarTime.OpenSeconds(covered.To)
            ? BarTime.MonthOf(BarTime.SlotAtSeconds(at)) : BarTime.MonthOf(covered.From);

    private SourceException Unregistered() => new("token.unknown", $"{Token} is not registered", isTransient: false);

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

    private sealed class Progress
    {
        public long Landed, Imported, Corrected, Quarantined;
        public int Retries;

        public BackfillWork Work(BackfillFailure? failure) => new(Landed, Imported, Quarantined, Retries, failure, Corrected);
    }
}
