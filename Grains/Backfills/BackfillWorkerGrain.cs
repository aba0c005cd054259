using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Extracts pages, lands them as Parquet, and hands them to the token: in this order, so that the landing has all that the store has.</summary>
[GrainType("backfill-worker")]
internal sealed class BackfillWorkerGrain(
    CandleSources sources, ILanding landing, TimeProvider time, ILogger<BackfillWorkerGrain> log) : Grain, IBackfillWorkerGrain
{
    private const int Tries = 5, FilesAtOnce = 16;

    private Task<SetAsideIndex>? _aside; // this grain alone writes what is landed of its token

    public async Task<BackfillWork> Fetch(BackfillOrder order)
    {
        Progress done = new();
        try
        {
            ICandleSource source = sources.Named(order.Source);
            SourcePair pair = new(order.Symbol, order.Base, order.Quote, Interval: order.Interval);
            TokenInfo token = await Owner.Get() ?? throw Unregistered();

            // An order that is given twice, or that another backfill carried out meanwhile, costs no request.
            TokenListing listing = ListingOf(order, token);
            TimeRange whole = new(BarTime.Open(order.From), BarTime.Open(order.To));
            done.Counted = order.Backfill is { } backfill ? await LandedBars.Counted(Owner, listing, backfill) : null;
            Coverage handed = done.Counted is { } counted && !order.Again ? Handed(counted) : Coverage.None; // rows set aside stay unread: they are not asked for twice
            foreach (TimeRange unread in order.Again ? [whole] : await Owner.GetUnreadOf(listing, whole.From, whole.To) ?? throw Unregistered())
            {
                SlotRange periods = new(order.Interval.PeriodStart(BarTime.SlotAt(unread.From)), order.Interval.PeriodEnd(BarTime.SlotAt(unread.To) - 1));
                foreach (SlotRange range in handed.MissingIn(periods))
                {
                    await Fetch(new(source, pair, listing, token, order), range, done);
                }
            }

            return done.Work(null);
        }
        catch (SourceException e)
        {
            log.LogWarning(e, "The history of {Token} from {Source} could not be fetched: {Code}", Token, order.Source, e.Code);
            return done.Work(new(Token, e.Code, e.Message));
        }
    }

    public async Task<SetAsideRows> GetSetAside(int after, int limit)
    {
        Task<SetAsideIndex> asked = _aside ??= Index();
        try
        {
            SetAsideIndex index = await asked;
            return new(index.Total, limit > 0 ? await index.ReadAsync(landing, after, limit, CancellationToken.None) : []);
        }
        catch
        {
            _aside = _aside == asked ? null : _aside; // what failed is not kept
            throw;
        }
    }

    private async Task<SetAsideIndex> Index()
    {
        List<LandedRows> landed = [];
        List<LandingKey> keys = [];
        await foreach (LandingKey key in landing.ListAsync(Token, CancellationToken.None))
        {
            keys.Add(key);
        }

        foreach (LandingKey[] some in keys.Chunk(FilesAtOnce))
        {
            landed.AddRange(await Task.WhenAll(some.Select(key => landing.ReadRowsAsync(key, CancellationToken.None))));
        }

        return SetAsideIndex.Of(landed);
    }

    private string Token => this.GetPrimaryKeyString();

    private ITokenGrain Owner => GrainFactory.GetGrain<ITokenGrain>(Token);

    private async Task Fetch(Reading of, SlotRange range, Progress done)
    {
        List<Candles> candles = [];
        List<QuarantinedRow> aside = [];
        SlotRange covered = default;
        Interval interval = of.Listing.Interval;
        try
        {
            for (int at = range.From; at < range.To; at = covered.To)
            {
                (CandlePage page, int retries) = await Read(of.Source, of.Pair, new(at, range.To));
                done.Retries += retries;
                if (page.Covered.To < at || (page.Covered.To == at && !page.Covered.IsEmpty))
                {
                    break; // it cannot say anything of this yet: the rest stays unread, for a later backfill
                }

                if (page.Covered.To == at)
                {
                    break; // the source does not know the rest yet: it stays not fetched, and is no failure
                }

                if ((page.Covered.From != covered.To || (page.Interval ?? of.Pair.Interval) != interval) && !covered.IsEmpty)
                {
                    await Keep(of, interval, covered, candles, aside, done);
                    candles.Clear();
                    aside.Clear();
                    covered = default;
                }

                interval = page.Interval ?? of.Pair.Interval;
                covered = covered.IsEmpty ? page.Covered : covered with { To = page.Covered.To };
                candles.Add(Candles.Of(page.Candles));
                aside.AddRange(page.Quarantined);
            }
        }
        catch (SourceException)
        {
            // What came before is good, and paid for.
            await Keep(of, interval, covered, candles, aside, done);
            throw;
        }

        await Keep(of, interval, covered, candles, aside, done);
    }

    /// <summary>Lands what was read of one range without a hole, a month a file, then hands it to the token.</summary>
    private async Task Keep(Reading of, Interval interval, SlotRange covered, List<Candles> pages, List<QuarantinedRow> aside, Progress done)
    {
        if (covered.IsEmpty)
        {
            return;
        }

        (Candles good, List<QuarantinedRow> spikes) = SpikeCheck.Divide(Candles.Concat(pages));
        TokenListing listing = of.Listing.Interval == interval ? of.Listing : await Another(of, interval);
        LandedCandles whole = new(new(of.Source.Name, Token, covered), Registration(of.Token), of.Pair.Symbol, time.GetUtcNow(), good, [.. aside, .. spikes])
        {
            Quote = listing.Quote,
            Interval = interval,
        };
        await Task.WhenAll(whole.Pieces().Select(piece => landing.WriteAsync(piece, CancellationToken.None)));
        _aside = null; // what was being read meanwhile is of before
        BackfillTally? tally = of.Order.Backfill is not { } backfill ? null
            : of.Order.Again ? new(backfill) // from the start after a death: what is landed and set aside is counted by the backfill
            : new(backfill, covered.From, covered.To, good.Count, whole.Quarantined.Count);
        IngestResult taken = await LandedBars.Take(Owner, listing, whole, tally) ?? throw Unregistered();
        done.Counted = taken.Counted ?? done.Counted;
        done.Landed += good.Count;
        done.Imported += taken.Accepted + taken.Corrected;
        done.Corrected += taken.Corrected;
        done.Quarantined += whole.Quarantined.Count + taken.Rejected.Length;
    }

    /// <summary>The token's listing that an order is of; one of its own if it is of none.</summary>
    private static TokenListing ListingOf(BackfillOrder order, TokenInfo token)
    {
        TokenListing open = new(order.Source, order.Symbol, order.Quote, order.Interval);
        return token.Listings.FirstOrDefault(listing => listing with { From = null, To = null } == open) ?? open;
    }

    /// <summary>The listing of another interval that a page of the source turned out to be of: it joins the token's listings.</summary>
    private async Task<TokenListing> Another(Reading of, Interval interval)
    {
        TokenListing listing = of.Listing with { Interval = interval };
        await Owner.Register(new() { AddListing = listing });
        return listing;
    }

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

    private static TokenRegistration Registration(TokenInfo token)
    {
        TokenRegistration registration = new()
        {
            Symbol = token.Symbol,
            Name = token.Name,
            Quote = token.Quote,
            Listed = token.Listed,
            Delisted = token.Delisted,
            StalenessSeconds = token.StalenessSeconds,
            Sources = token.Sources,
        };

        // Where the sources say as much, the landing is as an earlier release writes it.
        Listing[] listings = [.. token.Listings.Select(listing => listing.Listing())];
        return registration.InOrder().SequenceEqual(listings) ? registration : registration with { Listings = listings };
    }

    /// <summary>What is read, and for whom.</summary>
    private sealed record Reading(ICandleSource Source, SourcePair Pair, TokenListing Listing, TokenInfo Token, BackfillOrder Order);

    private static Coverage Handed(BackfillCount counted) => Coverage.Of(counted.Handed.Chunk(2).Select(ends => new SlotRange(ends[0], ends[1])));

    private sealed class Progress
    {
        public long Landed, Imported, Corrected, Quarantined;
        public int Retries;
        public BackfillCount? Counted;

        public BackfillWork Work(BackfillFailure? failure) => new(Landed, Imported, Quarantined, Retries, failure, Corrected, Counted);
    }
}
