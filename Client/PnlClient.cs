using Microsoft.Extensions.Options;
using Pnl.Grains;

namespace Pnl.Client;

/// <summary>Calls the grains.</summary>
internal sealed class PnlClient(IGrainFactory grains, PnlWatches watches, PortfolioWatches portfolioWatches, Retries retries, IOptions<PnlClientOptions> options) : IPnlClient
{
    private string Owner { get; init; } = options.Value.Owner;

    public IPnlClient For(string owner)
    {
        PortfolioOwner.Prefix(owner); // throws now rather than later
        return owner == Owner ? this : new PnlClient(grains, watches, portfolioWatches, retries, options) { Owner = owner };
    }

    public async Task<IReadOnlyList<TokenInfo>> ListTokensAsync(string? search, string? after, int limit, CancellationToken cancellation) =>
        await retries.ReadAsync(() => grains.GetGrain<ITokenDirectoryGrain>(0).List(search, after, limit), cancellation);

    public async Task<RegisterResult> RegisterTokenAsync(string token, TokenDetails details, CancellationToken cancellation)
    {
        RegisterResult result = await retries.WriteAsync(() => Token(token).Register(details), cancellation);
        return result.QuoteConflict ? throw new QuoteConflictException(result.Token)
            : result.Circle is { } circle ? throw new CircularListingException(circle)
            : result;
    }

    public Task<TokenInfo> GetTokenAsync(string token, CancellationToken cancellation) =>
        Known(token, () => Token(token).Get(), cancellation);

    public Task<TokenCoverage> GetCoverageAsync(string token, int maxRanges, CancellationToken cancellation) =>
        Known(token, () => Token(token).GetCoverage(maxRanges, cancellation), cancellation);

    public Task<IngestResult> IngestAsync(string token, BarBatch batch, CancellationToken cancellation) =>
        Written(token, () => Token(token).Ingest(batch), cancellation);

    public async Task<TokenRemoval> DeleteRatesAsync(string token, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        await Retries.OnceAsync(() => Token(token).RemoveRates(from, to), cancellation) ?? throw new TokenUnknownException(token);

    public async Task<TokenRemoval> DeleteTokenAsync(string token, bool force, CancellationToken cancellation)
    {
        if (!force)
        {
            await GetTokenAsync(token, cancellation); // one that is not there is held by none
            if (await retries.ReadAsync(() => grains.GetGrain<IPortfolioDirectoryGrain>(0).CountOf(token), cancellation) is > 0 and int portfolios)
            {
                throw new TokenHeldException(token, portfolios);
            }
        }

        return await Retries.OnceAsync(() => Token(token).Remove(), cancellation) ?? throw new TokenUnknownException(token);
    }

    public Task<TokenPnl> GetPnlAsync(string token, CancellationToken cancellation) =>
        Known(token, () => Token(token).GetPnl(), cancellation);

    public Task<TokenWindow> GetWindowAsync(string token, WindowQuery query, CancellationToken cancellation) =>
        Known(token, () => Token(token).GetWindow(query), cancellation);

    public Task<PnlSeries> GetSeriesAsync(string token, SeriesQuery query, CancellationToken cancellation) =>
        Known(token, () => Token(token).GetSeries(query, cancellation), cancellation);

    public Task<RateCandles> GetRatesAsync(string token, SeriesQuery query, CancellationToken cancellation) =>
        Known(token, () => Token(token).GetRates(query, cancellation), cancellation);

    public async Task<DateTimeOffset?> GetChangedFromAsync(string token, long revision, CancellationToken cancellation)
    {
        RatesAt rates = await Known(token, () => Token(token).GetRatesAt(new([], revision)), cancellation);
        if (rates.Quote.Length == 0)
        {
            throw new TokenUnknownException(token); // it was deleted
        }

        return rates.ChangedFrom is { } close ? DateTimeOffset.FromUnixTimeSeconds(close - BarTime.SecondsPerBar) : null;
    }

    public Task<Leaderboard> GetLeaderboardAsync(LeaderboardQuery query, CancellationToken cancellation) =>
        retries.ReadAsync(() => grains.GetGrain<ILeaderboardGrain>(0).Get(query), cancellation);

    public Task<PnlWatch<TokenPnl>> WatchPnlAsync(IReadOnlyDictionary<string, long> seen, CancellationToken cancellation) => watches.WatchAsync(seen, cancellation);

    public Task<FeedProgress> GetFeedProgressAsync(string source, CancellationToken cancellation) =>
        retries.ReadAsync(() => grains.GetGrain<IRateFeedGrain>(source).GetProgress(), cancellation);

    public async Task<BackfillStatus> StartBackfillAsync(BackfillRequest request, CancellationToken cancellation)
    {
        IBackfillsGrain backfills = grains.GetGrain<IBackfillsGrain>(0);
        string[] sources = await retries.ReadAsync(backfills.Sources, cancellation);
        return sources.Contains(request.Source)
            ? await Retries.OnceAsync(() => backfills.Start(request), cancellation)
            : throw new SourceUnknownException(request.Source, sources);
    }

    public async Task<SetAsideRows> GetSetAsideAsync(string token, int after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfNotEqual(limit, Math.Clamp(limit, 1, 1000));
        await GetTokenAsync(token, cancellation);
        return await retries.ReadAsync(() => grains.GetGrain<IBackfillWorkerGrain>(token).GetSetAside(after, limit), cancellation);
    }

    public async Task<long?> CountSetAsideAsync(string token, CancellationToken cancellation)
    {
        try
        {
            return (await retries.ReadAsync(() => grains.GetGrain<IBackfillWorkerGrain>(token).GetSetAside(0, 0), cancellation)).Total;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null; // the token answers all the same
        }
    }

    public async Task<IReadOnlyList<DeadLetterInfo>> ListDeadLettersAsync(string? after, int limit, CancellationToken cancellation) =>
        await retries.ReadAsync(() => grains.GetGrain<IDeadLettersGrain>(0).List(after, limit), cancellation);

    public Task<DeadLetterReplay?> ReplayDeadLetterAsync(string id, CancellationToken cancellation) =>
        Retries.OnceAsync(() => grains.GetGrain<IDeadLettersGrain>(0).Replay(id), cancellation);

    public async Task<IReadOnlyList<string>> ListBackfillsAsync(CancellationToken cancellation) =>
        await retries.ReadAsync(() => grains.GetGrain<IBackfillsGrain>(0).List(), cancellation);

    public Task<BackfillStatus?> GetBackfillAsync(string id, CancellationToken cancellation) =>
        retries.ReadAsync(() => grains.GetGrain<IBackfillCoordinatorGrain>(id).GetStatus(), cancellation);

    public Task<BackfillStatus?> ControlBackfillAsync(string id, BackfillControl control, CancellationToken cancellation)
    {
        IBackfillCoordinatorGrain backfill = grains.GetGrain<IBackfillCoordinatorGrain>(id);
        return Retries.OnceAsync(() => control switch
        {
            BackfillControl.Pause => backfill.Pause(),
            BackfillControl.Resume => backfill.Resume(),
            BackfillControl.Cancel => backfill.Cancel(),
            _ => throw new ArgumentOutOfRangeException(nameof(control), control, "no such control"),
        }, cancellation);
    }

    public Task<BackfillForgetting> ForgetBackfillAsync(string id, CancellationToken cancellation) =>
        Retries.OnceAsync(() => grains.GetGrain<IBackfillsGrain>(0).Forget(id), cancellation);

    public async Task<PutPortfolioResult> PutPortfolioAsync(string portfolio, PortfolioDetails details, CancellationToken cancellation)
    {
        PutPortfolioResult result = await retries.WriteAsync(() => Portfolio(portfolio).Put(details), cancellation);
        return result.Refused is { } refused ? throw new LedgerRefusedException(refused) : result;
    }

    public async Task<IReadOnlyList<PortfolioListing>> ListPortfoliosAsync(string? after, int limit, CancellationToken cancellation) =>
        await retries.ReadAsync(() => grains.GetGrain<IPortfolioDirectoryGrain>(0).ListOf(Owner, after, limit), cancellation);

    public async Task DeletePortfolioAsync(string portfolio, CancellationToken cancellation)
    {
        if (!await Retries.OnceAsync(() => Portfolio(portfolio).Remove(), cancellation))
        {
            throw new PortfolioUnknownException(portfolio);
        }
    }

    public Task<PortfolioInfo> GetPortfolioAsync(string portfolio, CancellationToken cancellation) =>
        Answered(portfolio, () => Portfolio(portfolio).Get(), cancellation);

    public Task<LedgerResult> PostEntriesAsync(string portfolio, IReadOnlyList<PortfolioEntry> entries, CancellationToken cancellation) =>
        Accepted(portfolio, retries.WriteAsync(() => Portfolio(portfolio).Post([.. entries]), cancellation));

    public Task<LedgerResult> CorrectEntryAsync(string portfolio, PortfolioEntry entry, CancellationToken cancellation) =>
        Accepted(portfolio, Retries.OnceAsync(() => Portfolio(portfolio).Correct(entry), cancellation));

    public Task<LedgerResult> DeleteEntryAsync(string portfolio, string entryId, CancellationToken cancellation) =>
        Accepted(portfolio, Retries.OnceAsync(() => Portfolio(portfolio).Delete(entryId), cancellation));

    public Task<EntriesPage> GetEntriesAsync(string portfolio, EntryPlace? after, int limit, CancellationToken cancellation) =>
        Answered(portfolio, () => Portfolio(portfolio).GetEntries(after, limit), cancellation);

    public Task<PortfolioReport> GetPortfolioPnlAsync(string portfolio, PortfolioQuery query, CancellationToken cancellation) =>
        Answered(portfolio, () => Portfolio(portfolio).GetPnl(query), cancellation);

    public async Task<PortfolioSeries> GetPortfolioSeriesAsync(string portfolio, PortfolioSeriesQuery query, CancellationToken cancellation)
    {
        PortfolioSeries series = await Answered(portfolio, () => Portfolio(portfolio).GetSeries(query, cancellation), cancellation);
        return series.ChangedFrom is { } changed && changed < query.From ? throw SeriesChangedException.OfPortfolio(portfolio, changed) : series;
    }

    public async Task<LotsPage> GetLotsAsync(string portfolio, LotsQuery query, CancellationToken cancellation)
    {
        LotsPage page = await Answered(portfolio, () => Portfolio(portfolio).GetLots(query), cancellation);
        return page.IsChanged ? throw SeriesChangedException.OfPortfolio(portfolio, DateTimeOffset.UnixEpoch) : page;
    }

    public Task<PnlWatch<PortfolioReport>> WatchPortfolioPnlAsync(string portfolio, long seen, CancellationToken cancellation) =>
        portfolioWatches.WatchAsync(PortfolioOwner.Key(Owner, portfolio), seen, cancellation);

    private IPortfolioGrain Portfolio(string portfolio) => grains.GetGrain<IPortfolioGrain>(PortfolioOwner.Key(Owner, portfolio));

    private async Task<T> Answered<T>(string portfolio, Func<Task<T?>> ask, CancellationToken cancellation)
        where T : class =>
        await retries.ReadAsync(ask, cancellation) ?? throw new PortfolioUnknownException(portfolio);

    private static async Task<LedgerResult> Accepted(string portfolio, Task<LedgerResult?> answer)
    {
        LedgerResult result = await answer ?? throw new PortfolioUnknownException(portfolio);
        return result.Refused is { } refused ? throw new LedgerRefusedException(refused) : result;
    }

    private ITokenGrain Token(string token) => grains.GetGrain<ITokenGrain>(token);

    private async Task<T> Known<T>(string token, Func<Task<T?>> ask, CancellationToken cancellation)
        where T : class =>
        await retries.ReadAsync(ask, cancellation) ?? throw new TokenUnknownException(token);

    private async Task<T> Written<T>(string token, Func<Task<T?>> write, CancellationToken cancellation)
        where T : class =>
        await retries.WriteAsync(write, cancellation) ?? throw new TokenUnknownException(token);
}
