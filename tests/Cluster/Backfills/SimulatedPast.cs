using Microsoft.Extensions.Time.Testing;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Rates.Simulation;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>A small simulated market whose past is fetched, and what of it a cluster must hold then.</summary>
internal sealed class SimulatedPast : IAsyncDisposable
{
    private const int Tokens = 6;

    private readonly SimulatedMarket _market = new(new() { Tokens = Tokens });
    private readonly TemporaryFolder _folder = new();

    public SimulatedPast(SourceLimits? limits = null)
    {
        SimulatedCandleSource simulated = new(_market, Clock);
        Source = new(simulated) { Pairs = Tokens, Limits = limits ?? simulated.Limits };
    }

    /// <summary>The 16th of the third month of the backfills here.</summary>
    public static DateTimeOffset Now { get; } = new(2026, 3, 16, 12, 2, 0, TimeSpan.Zero);

    public static DateTimeOffset From { get; } = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);

    public FakeTimeProvider Clock { get; } = new(Now);

    public WatchedCandleSource Source { get; }

    public IReadOnlyList<SimulatedToken> Listed => [.. _market.Tokens.Where(token => token.ListedSlot < BarTime.SlotAt(From) && token.DelistedSlot is null)];

    public int Silos { get; init; } = 1;

    /// <summary>The account of Azure Storage in which everything is kept; in SQLite without.</summary>
    public string? Azure { get; init; }

    public PnlCluster Cluster { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SimulatedPast> StartAsync(SourceLimits? limits = null, int silos = 1, string? azure = null)
    {
        SimulatedPast past = new(limits) { Silos = silos, Azure = azure };
        await past.StartClusterAsync();
        return past;
    }

    public async Task StartClusterAsync()
    {
        Cluster = new() { Silos = Silos, Azure = Azure, Folder = _folder.Path, Clock = Clock, CandleSources = [Source] };
        await Cluster.InitializeAsync();
    }

    public BackfillRequest Request(params string[] tokens) =>
        new() { Source = "simulated", From = From, Tokens = tokens.Length > 0 ? tokens : [.. Listed.Select(token => token.Id)] };

    public Task<BackfillStatus> BackfillAsync(BackfillRequest? request = null) => Cluster.Client.StartBackfillAsync(request ?? Request(), Cancellation);

    /// <summary>Waits for a state of a backfill, which can only be asked for.</summary>
    public async Task<BackfillStatus> StatusAsync(string id, Predicate<BackfillStatus> wanted)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience.Limit);
        while (true)
        {
            BackfillStatus status = (await Cluster.Client.GetBackfillAsync(id, patience.Token))!;
            if (wanted(status))
            {
                return status;
            }

            await Task.Delay(10, patience.Token);
        }
    }

    public Task<BackfillStatus> EndAsync(string id) => StatusAsync(id, status => status.EndedAt is not null);

    public Bar[] Bars(SimulatedToken token, int from, int to)
    {
        List<Bar> bars = [];
        for (int slot = from; slot < to; slot++)
        {
            if (_market.TryRead(token.Index, slot, out Bar bar))
            {
                bars.Add(bar);
            }
        }

        return [.. bars];
    }

    public Bar[] Bars(SimulatedToken token) => Bars(token, BarTime.SlotAt(From), BarTime.SlotAt(Now));

    /// <summary>Asserts that tokens are stored as a clean build from the market has them, and that no page was answered twice.</summary>
    public async Task AssertFetchedOnceAsync(params IReadOnlyCollection<SimulatedToken> tokens)
    {
        await AssertFetchedAsync(tokens);
        HashSet<string> symbols = [.. tokens.Select(token => token.Symbol)];
        Assert.DoesNotContain(Source.Pages, page => symbols.Contains(page.Key.Symbol) && page.Value > 1);
    }

    /// <summary>Asserts that tokens are stored as a clean build from the market has them.</summary>
    public async Task AssertFetchedAsync(IEnumerable<SimulatedToken> tokens)
    {
        foreach (SimulatedToken token in tokens)
        {
            await CleanBuild.AssertStoredAsync(Cluster.Store.Inner, token.Id, Bars(token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _folder.Dispose();
    }
}
